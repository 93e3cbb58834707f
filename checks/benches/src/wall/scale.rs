use std::any::Any;
use std::fmt;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use anyrt_benches_async_std::native::AsyncStd;
use anyrt_benches_smol::native::{Smol, SmolOwned};
use anyrt_benches_tokio::native::TokioHandle;
use anyrt_core::{Runtime, Sleep};

use crate::alloc::Counting;
use crate::layer::Layer;
use crate::measure::Drive;
use crate::work::{FAR, YieldOnce, count_one, poll_once, restart_count, until_ran};

/// How often each timer is reset.
const RESETS: u32 = 10;

/// What grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Spawns so many tasks, then joins them.
    Tasks,
    /// Keeps so many tasks parked.
    Parked,
    /// Arms so many sleeps at once, and drops them.
    Sleeps,
    /// Arms so many sleeps and moves each of them ten times; counted per timer.
    Resets,
}

impl Load {
    /// Every load.
    pub const ALL: [Self; 4] = [Self::Tasks, Self::Parked, Self::Sleeps, Self::Resets];

    /// How it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            Self::Parked => "parked tasks",
            Self::Sleeps => "sleeps",
            Self::Resets => "resets",
        }
    }

    /// The numbers of items that are measured, of which none is more than `most`.
    fn steps(self, most: usize) -> impl Iterator<Item = usize> {
        let power = match self {
            Self::Tasks | Self::Parked => 6,
            Self::Sleeps | Self::Resets => 5,
        };
        (0..=power)
            .map(|power| 10_usize.pow(power))
            .filter(move |items| *items <= most)
    }
}

/// What one number of items cost, per item.
#[derive(Clone, Debug)]
pub struct ScalePoint {
    /// On which backend.
    pub key: &'static str,
    /// `native` or `layer`.
    pub way: &'static str,
    /// What was loaded.
    pub load: Load,
    /// How many.
    pub items: usize,
    /// Nanoseconds per item; the least of the rounds.
    pub nanoseconds: f64,
    /// Bytes per item at the height of the load, with what the program keeps of it; the most of the rounds.
    pub bytes: f64,
}

/// Bears the loads; natively or through the layer.
pub(crate) trait Bear: Clone + Send + Sync + 'static {
    fn tasks(&self, items: usize) -> impl Future<Output = ()> + Send;
    fn park(&self, items: usize) -> impl Future<Output = Box<dyn Any + Send>> + Send;
    fn sleeps(&self, items: usize) -> impl Future<Output = Box<dyn Any + Send>> + Send;
    fn resets(&self, items: usize) -> impl Future<Output = Box<dyn Any + Send>> + Send;
}

/// Measures every load in both ways of a backend, and tells `progress` about each point.
pub(crate) fn run_pair<N: Bear, L: Bear, D: Drive, E: Drive>(
    key: &'static str,
    (native, on_native): (N, D),
    (layer, on_layer): (L, E),
    most: usize,
    progress: &mut dyn FnMut(&ScalePoint),
) {
    for load in Load::ALL {
        for items in load.steps(most) {
            for point in [
                point(key, "native", &native, &on_native, load, items),
                point(key, "layer", &layer, &on_layer, load, items),
            ] {
                progress(&point);
            }
        }
    }
}

fn point<B: Bear, D: Drive>(
    key: &'static str,
    way: &'static str,
    bear: &B,
    drive: &D,
    load: Load,
    items: usize,
) -> ScalePoint {
    // At least two rounds, the first of which warms up.
    let rounds = (20_000 / items).clamp(2, 50);
    let seen = Arc::new(Mutex::new((Duration::MAX, i64::MIN)));
    let (bear, told) = (bear.clone(), seen.clone());
    drive.drive(async move {
        for _ in 0..rounds {
            let round = round(&bear, load, items).await;
            let mut seen = told.lock().expect("nothing panics with it");
            // The most bytes: what an earlier round left behind may be freed during a later one, and then counts against it.
            *seen = (seen.0.min(round.0), seen.1.max(round.1));
        }
    });
    let seen = *seen.lock().expect("nothing panics with it");
    ScalePoint {
        key,
        way,
        load,
        items,
        nanoseconds: seen.0.as_nanos() as f64 / items as f64,
        bytes: seen.1 as f64 / items as f64,
    }
}

async fn round<B: Bear>(bear: &B, load: Load, items: usize) -> (Duration, i64) {
    let before = Counting::live();
    let start = Instant::now();
    let kept: Box<dyn Any + Send> = match load {
        Load::Tasks => {
            bear.tasks(items).await;
            Box::new(())
        }
        Load::Parked => bear.park(items).await,
        Load::Sleeps => bear.sleeps(items).await,
        Load::Resets => bear.resets(items).await,
    };
    let bytes = Counting::live() - before;
    drop(kept);
    let spent = start.elapsed();
    // What was cancelled is dropped by the executor, in its own time.
    for _ in 0..10_000 {
        if Counting::live() <= before + 64 * 1024 {
            break;
        }
        YieldOnce::default().await;
    }
    (spent, bytes)
}

/// Stops what it holds when it is dropped.
struct Stop<T, F: FnMut(T)>(Vec<T>, F);

impl<T, F: FnMut(T)> Drop for Stop<T, F> {
    fn drop(&mut self) {
        self.0.drain(..).for_each(&mut self.1);
    }
}

async fn parked() {
    count_one().await;
    pending::<()>().await;
}

async fn poll_all<S: Future>(sleeps: &mut [Pin<Box<S>>]) {
    poll_fn(|cx| {
        for sleep in &mut *sleeps {
            let _ = sleep.as_mut().poll(cx);
        }
        Poll::Ready(())
    })
    .await;
}

macro_rules! bear {
    ($way:ident => spawn($future:ident) $spawn:expr, join($task:ident) $join:expr, stop($parked:ident) $stop:expr,
     sleep $sleep:expr, reset($timer:ident, $number:ident) $reset:expr) => {
        async fn tasks(&self, items: usize) {
            let $way = self;
            let mut tasks = Vec::with_capacity(items);
            for i in 0..items {
                let $future = async move { i };
                tasks.push($spawn);
            }
            for $task in tasks {
                $join;
            }
        }

        async fn park(&self, items: usize) -> Box<dyn Any + Send> {
            let $way = self;
            restart_count();
            let mut tasks = Vec::with_capacity(items);
            for _ in 0..items {
                let $future = parked();
                tasks.push($spawn);
            }
            until_ran(items).await;
            Box::new(Stop(tasks, |$parked| $stop))
        }

        async fn sleeps(&self, items: usize) -> Box<dyn Any + Send> {
            // Not every way's sleeps need it.
            let $way = self;
            let _ = $way;
            let mut sleeps: Vec<_> = (0..items).map(|_| Box::pin($sleep)).collect();
            poll_all(&mut sleeps).await;
            Box::new(sleeps)
        }

        async fn resets(&self, items: usize) -> Box<dyn Any + Send> {
            // Not every way's sleeps need it.
            let $way = self;
            let _ = $way;
            let mut sleeps: Vec<_> = (0..items).map(|_| Box::pin($sleep)).collect();
            poll_all(&mut sleeps).await;
            for $number in 1..=RESETS {
                for $timer in &mut sleeps {
                    $reset;
                }
                poll_all(&mut sleeps).await;
            }
            Box::new(sleeps)
        }
    };
}

impl<R: Runtime> Bear for Layer<R> {
    bear!(way =>
        spawn(future) way.0.spawn(future),
        join(task) task.await.unwrap(),
        stop(task) drop(task.abort_on_drop()),
        sleep way.0.sleep(FAR),
        reset(timer, number) timer.as_mut().reset(way.0.now() + FAR * number)
    );
}

impl Bear for TokioHandle {
    bear!(way =>
        spawn(future) way.0.spawn(future),
        join(task) task.await.unwrap(),
        stop(task) task.abort(),
        sleep tokio::time::sleep(FAR),
        reset(timer, number) timer.as_mut().reset(tokio::time::Instant::now() + FAR * number)
    );
}

impl Bear for Smol {
    bear!(_way =>
        spawn(future) smol::spawn(future),
        join(task) task.await,
        stop(task) drop(task),
        sleep smol::Timer::after(FAR),
        reset(timer, number) timer.set_after(FAR * number)
    );
}

impl Bear for SmolOwned {
    bear!(way =>
        spawn(future) way.0.spawn(future),
        join(task) task.await,
        stop(task) drop(task),
        sleep smol::Timer::after(FAR),
        reset(timer, number) timer.set_after(FAR * number)
    );
}

impl Bear for AsyncStd {
    // async-std's sleeps cannot be moved: a new one each time.
    bear!(_way =>
        spawn(future) async_std::task::spawn(future),
        join(task) task.await,
        stop(task) smol::future::block_on(poll_once(task.cancel())),
        sleep async_std::task::sleep(FAR),
        reset(timer, number) timer.set(async_std::task::sleep(FAR * number))
    );
}

/// Measures the loads on every backend, with up to `most` items.
pub fn run(most: usize, progress: &mut dyn FnMut(&ScalePoint)) {
    crate::backends::scale(most, progress);
}

impl fmt::Display for ScalePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<22} {:<13} {:<7} {:>9} {:>10.0} ns {:>8.0} B",
            self.key,
            self.load.name(),
            self.way,
            self.items,
            self.nanoseconds,
            self.bytes,
        )
    }
}
