use std::future::Future;
use std::time::{Duration, SystemTime};

use anyrt_core::{
    AnyRuntime, BlockOn, Instant, JoinHandle, Spawn, SpawnBlocking, SpawnMeta, Timer,
};

/// An `AnyRuntime` that code has looked up, as a runtime of the suite's: nobody blocks on it.
#[derive(Clone, Debug)]
pub(crate) struct LookedUp(pub(crate) AnyRuntime);

impl Spawn for LookedUp {
    type Task<T: Send> = <AnyRuntime as Spawn>::Task<T>;

    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.spawn(future)
    }

    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.spawn_with(meta, future)
    }
}

impl SpawnBlocking for LookedUp {
    type BlockingTask<T: Send> = <AnyRuntime as SpawnBlocking>::BlockingTask<T>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.0.spawn_blocking(work)
    }

    fn spawn_blocking_with<F, T>(
        &self,
        meta: SpawnMeta<'_>,
        work: F,
    ) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.0.spawn_blocking_with(meta, work)
    }
}

impl Timer for LookedUp {
    type Sleep = <AnyRuntime as Timer>::Sleep;

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.0.sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Self::Sleep {
        self.0.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.0.now()
    }

    fn system_time(&self) -> SystemTime {
        self.0.system_time()
    }
}

impl BlockOn for LookedUp {
    fn block_on<F: Future>(&self, _: F) -> F::Output {
        unreachable!("no rule blocks on a runtime that it has looked up")
    }
}
