use std::fmt::Debug;
use std::future::Future;
use std::mem::size_of;
use std::pin::Pin;
use std::time::Duration;

use anyrt_core::{
    BlockOn, Instant, JoinHandle, MissedTick, Runtime, Spawn, SpawnBlocking, SpawnLocal, SpawnMeta,
    Timer,
};

use super::layer::*;
use super::task::Held;
use super::wrap::{Big, Boxed, Limited, LocalBoxed};

/// A [`Runtime`] of core's as a [`Layer`], with every operation its own.
#[derive(Clone, Debug)]
pub struct Direct<R>(pub R);

/// A zero-sized future with a zero-sized output.
async fn nothing() {}

impl<R: Runtime + BlockOn> Layer for Direct<R> {
    fn spawn(&self, future: BoxWork) -> BoxTask {
        Box::new(Held::new(self.0.spawn(future)))
    }

    fn spawn_named(&self, name: &str, future: BoxWork) -> BoxTask {
        Box::new(Held::new(self.0.spawn_named(name, future)))
    }

    fn spawn_detached(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.spawn_detached(future);
    }

    fn spawn_blocking(&self, work: BlockingWork) -> BoxTask {
        Box::new(Held::new(self.0.spawn_blocking(work)))
    }

    fn spawn_blocking_named(&self, name: &str, work: BlockingWork) -> BoxTask {
        Box::new(Held::new(self.0.spawn_blocking_named(name, work)))
    }

    fn sleep(&self, duration: Duration) -> BoxSleep {
        Box::pin(self.0.sleep(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> BoxSleep {
        Box::pin(self.0.sleep_until(deadline))
    }

    fn now(&self) -> Instant {
        self.0.now()
    }

    fn timeout(&self, limit: Duration, future: BoxWork) -> BoxTimeout {
        Box::pin(Limited {
            timeout: self.0.timeout(limit, future),
        })
    }

    fn interval_at(&self, start: Instant, period: Duration, missed: MissedTick) -> BoxInterval {
        Box::pin(self.0.interval_at(start, period).missed_tick(missed))
    }

    fn block_on(&self, future: RootFuture<'_>) {
        self.0.block_on(future);
    }

    fn spawn_zero_sized(&self) -> BoxTask {
        let empty = self.0.spawn(nothing());
        self.spawn(Box::pin(Boxed {
            future: joined(empty),
        }))
    }

    fn spawn_big(&self) -> BoxTask {
        let big = self.0.spawn(Big::new());
        self.spawn(Box::pin(Boxed {
            future: joined(big),
        }))
    }

    fn spawn_small(&self) {
        self.0.spawn(small([1, 2])).detach();
    }

    fn arm_sleep(&self) {
        arm(self.0.sleep(HOUR));
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            join_handle: size_of::<JoinHandle<<R as Spawn>::Task<usize>>>(),
            blocking_handle: size_of::<JoinHandle<<R as SpawnBlocking>::BlockingTask<usize>>>(),
            sleep: size_of::<<R as Timer>::Sleep>(),
        }
    }
}

/// Awaits a task whose panic becomes one of the caller's.
async fn joined<F, T>(task: F) -> T
where
    F: Future<Output = Result<T, anyrt_core::JoinError>>,
{
    task.await.unwrap_or_else(|error| error.resume_unwind())
}

/// How a local runtime runs a blocking closure.
pub(crate) type SpawnBlockingFn<R> = fn(&R, SpawnMeta<'_>, BlockingWork) -> BoxTask;

/// A local runtime of core's as a [`LocalLayer`], with every operation its own.
#[derive(Clone)]
pub struct LocalDirect<R> {
    runtime: R,
    blocking: Option<SpawnBlockingFn<R>>,
}

impl<R> LocalDirect<R> {
    /// A runtime without a blocking pool.
    pub fn new(runtime: R) -> Self {
        Self {
            runtime,
            blocking: None,
        }
    }

    /// A runtime with a blocking pool.
    pub fn with_blocking(runtime: R) -> Self
    where
        R: SpawnBlocking,
    {
        Self {
            runtime,
            blocking: Some(|runtime, meta, work| {
                Box::new(Held::new(runtime.spawn_blocking_with(meta, work)))
            }),
        }
    }

    /// The runtime's own handle.
    pub(super) fn runtime(&self) -> &R {
        &self.runtime
    }

    fn submit(&self, meta: SpawnMeta<'_>, work: BlockingWork) -> BoxTask {
        let spawn = self
            .blocking
            .expect("only rules that need the capability Blocking get here");
        spawn(&self.runtime, meta, work)
    }
}

impl<R: Debug> Debug for LocalDirect<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.runtime.fmt(f)
    }
}

impl<R> LocalLayer for LocalDirect<R>
where
    R: SpawnLocal + Timer<Sleep: 'static> + Clone + Debug + 'static,
{
    fn spawn(&self, future: LocalBoxWork) -> LocalBoxTask {
        Box::new(Held::new(self.runtime.spawn_local(future)))
    }

    fn spawn_named(&self, name: &str, future: LocalBoxWork) -> LocalBoxTask {
        Box::new(Held::new(self.runtime.spawn_local_named(name, future)))
    }

    fn spawn_detached(&self, future: Pin<Box<dyn Future<Output = ()>>>) {
        self.runtime.spawn_local_detached(future);
    }

    fn spawn_blocking(&self, work: BlockingWork) -> BoxTask {
        self.submit(SpawnMeta::unnamed(), work)
    }

    fn spawn_blocking_named(&self, name: &str, work: BlockingWork) -> BoxTask {
        self.submit(SpawnMeta::named(name), work)
    }

    fn sleep(&self, duration: Duration) -> LocalBoxSleep {
        Box::pin(self.runtime.sleep(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> LocalBoxSleep {
        Box::pin(self.runtime.sleep_until(deadline))
    }

    fn now(&self) -> Instant {
        self.runtime.now()
    }

    fn timeout(&self, limit: Duration, future: LocalBoxWork) -> LocalBoxTimeout {
        Box::pin(Limited {
            timeout: self.runtime.timeout(limit, future),
        })
    }

    fn interval_at(
        &self,
        start: Instant,
        period: Duration,
        missed: MissedTick,
    ) -> LocalBoxInterval {
        Box::pin(self.runtime.interval_at(start, period).missed_tick(missed))
    }

    fn spawn_zero_sized(&self) -> LocalBoxTask {
        let empty = self.runtime.spawn_local(nothing());
        self.spawn(Box::pin(LocalBoxed {
            future: joined(empty),
        }))
    }

    fn spawn_big(&self) -> LocalBoxTask {
        let big = self.runtime.spawn_local(Big::new());
        self.spawn(Box::pin(LocalBoxed {
            future: joined(big),
        }))
    }

    fn spawn_small(&self) {
        self.runtime.spawn_local(small([1, 2])).detach();
    }

    fn arm_sleep(&self) {
        arm(self.runtime.sleep(HOUR));
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            join_handle: size_of::<JoinHandle<<R as SpawnLocal>::LocalTask<usize>>>(),
            blocking_handle: 0,
            sleep: size_of::<<R as Timer>::Sleep>(),
        }
    }
}
