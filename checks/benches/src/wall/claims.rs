use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyrt_async_std::AsyncStd;
use anyrt_core::{BlockOn, Config, Launch, Spawn, Timer};

use super::Summary;

/// Spawning and joining from the root of the program, in nanoseconds per task.
#[derive(Clone, Copy, Debug)]
pub struct RootJoin {
    /// From the root of tokio's own `block_on`, multi-thread.
    pub block_on: Summary,
    /// From the root that [`Launch::run`] spawns.
    pub run: Summary,
}

/// Measures [`RootJoin`] in turns.
pub fn root_join(rounds: usize) -> RootJoin {
    const TASKS: u32 = 1000;
    let owned = anyrt_tokio::Owned::launch(Config::new().worker_threads(2))
        .expect("the options are ones that the runtime honours");
    let mut times = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        owned.block_on(async {
            for i in 0..TASKS {
                tokio::spawn(async move { i }).await.expect("no panic");
            }
        });
        times
            .0
            .push(start.elapsed().as_nanos() as f64 / f64::from(TASKS));
        let (start, handle) = (Instant::now(), owned.handle());
        owned.run(async move {
            for i in 0..TASKS {
                handle.spawn(async move { i }).await.expect("no panic");
            }
        });
        times
            .1
            .push(start.elapsed().as_nanos() as f64 / f64::from(TASKS));
    }
    RootJoin {
        block_on: Summary::of(times.0),
        run: Summary::of(times.1),
    }
}

/// How late sleeps of 50 ms fire on async-std, of which 10 000 wait at once; in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lateness {
    /// `async_std::task::sleep`.
    pub native: Summary,
    /// The layer's.
    pub layer: Summary,
}

/// Measures [`Lateness`] in turns.
pub fn lateness(rounds: usize) -> Lateness {
    let mut late = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        late.0.extend(ten_thousand(|| async_std::task::sleep(NAP)));
        late.1
            .extend(ten_thousand(|| AsyncStd::global().sleep(NAP)));
    }
    Lateness {
        native: Summary::of(late.0),
        layer: Summary::of(late.1),
    }
}

const NAP: Duration = Duration::from_millis(50);

fn ten_thousand<S: Future<Output = ()> + Send + 'static>(sleep: fn() -> S) -> Vec<f64> {
    const SLEEPS: usize = 10_000;
    let late = Arc::new(Mutex::new(Vec::with_capacity(SLEEPS)));
    let told = late.clone();
    let root = async move {
        let mut tasks = Vec::with_capacity(SLEEPS);
        for _ in 0..SLEEPS {
            let told = told.clone();
            let (made, sleep) = (Instant::now(), sleep());
            tasks.push(async_std::task::spawn(async move {
                sleep.await;
                let late = made.elapsed().saturating_sub(NAP);
                told.lock()
                    .expect("no panic")
                    .push(late.as_nanos() as f64 / 1e3);
            }));
        }
        for task in tasks {
            task.await;
        }
    };
    smol::future::block_on(async_std::task::spawn(root));
    let late = late.lock().expect("no panic");
    late.clone()
}
