use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{
    BlockOn, Instant, JoinHandle, MissedTick, Runtime, Spawn, SpawnBlocking, SpawnMeta, Timer,
};

use super::handle::Handle;
use super::layer::{BoxInterval, BoxSleep, BoxTask, BoxTimeout, Layer, Sizes, Value};
use super::statics::Direct;
use super::task::{TypedTask, Unbox};
use super::wrap::{self, Boxed};
use crate::kit::call;

/// The handle of a runtime whose tasks are `Send`.
///
/// It is itself a [`Runtime`] and a [`BlockOn`], so code written against core runs on it. Its own methods of the same names
/// go to the runtime's own `timeout` and `interval`.
#[derive(Clone)]
pub struct Shared {
    layer: Arc<dyn Layer>,
    native: Option<Arc<dyn Any + Send + Sync>>,
}

impl Shared {
    /// The handle of one of core's runtimes.
    pub fn new<R: Runtime + BlockOn>(runtime: R) -> Self {
        Self {
            layer: Arc::new(Direct(runtime.clone())),
            native: Some(Arc::new(runtime)),
        }
    }

    /// The handle of whatever runtime `layer` is.
    pub fn from_layer(layer: Arc<dyn Layer>) -> Self {
        Self {
            layer,
            native: None,
        }
    }

    /// What is behind it, for wrappers that change one thing.
    pub fn layer(&self) -> Arc<dyn Layer> {
        self.layer.clone()
    }

    /// The same handle with another layer between; for wrappers that change one thing.
    pub fn with_layer(&self, layer: Arc<dyn Layer>) -> Self {
        Self {
            layer,
            native: self.native.clone(),
        }
    }

    /// The runtime's own handle, for what the engine does not know: `None` if it is no `R`.
    ///
    /// It is the same behind `AnyRuntime` and behind the layer of a mutant.
    pub fn native<R: 'static>(&self) -> Option<&R> {
        self.native.as_ref()?.downcast_ref()
    }

    /// Starts `future` as a task.
    pub fn spawn<F>(&self, future: F) -> Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        JoinHandle::new(TypedTask::new(self.layer.spawn(Box::pin(Boxed { future }))))
    }

    /// Starts `future` as a task with a name.
    pub fn spawn_named<F>(&self, name: &str, future: F) -> Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let work = Box::pin(Boxed { future });
        JoinHandle::new(TypedTask::new(self.layer.spawn_named(name, work)))
    }

    /// Starts `future` as a task that nobody joins.
    pub fn spawn_detached<F>(&self, future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.layer.spawn_detached(Box::pin(future));
    }

    /// Runs `work` on the blocking pool.
    pub fn spawn_blocking<F, T>(&self, work: F) -> Handle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let work = Box::new(move || Box::new(work()) as Value);
        JoinHandle::new(TypedTask::new(self.layer.spawn_blocking(work)))
    }

    /// Runs `work` on the blocking pool under a name.
    pub fn spawn_blocking_named<F, T>(&self, name: &str, work: F) -> Handle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let work = Box::new(move || Box::new(work()) as Value);
        JoinHandle::new(TypedTask::new(self.layer.spawn_blocking_named(name, work)))
    }

    /// Makes a sleep of `duration`.
    pub fn sleep(&self, duration: Duration) -> BoxSleep {
        self.layer.sleep(duration)
    }

    /// Makes a sleep until `deadline`.
    pub fn sleep_until(&self, deadline: Instant) -> BoxSleep {
        self.layer.sleep_until(deadline)
    }

    /// Reads the runtime's clock.
    pub fn now(&self) -> Instant {
        self.layer.now()
    }

    /// Gives `future` at most `limit`; the output is `None` when the limit passed.
    pub fn timeout<F>(&self, limit: Duration, future: F) -> Limit<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Limit {
            timeout: self.layer.timeout(limit, Box::pin(Boxed { future })),
            output: std::marker::PhantomData,
        }
    }

    /// Makes an interval that ticks at once and then every `period`, and catches up with missed ticks by `missed`.
    pub fn interval(&self, period: Duration, missed: MissedTick) -> BoxInterval {
        self.layer.interval_at(self.now(), period, missed)
    }

    /// Makes an interval that ticks at `start` and then every `period`.
    pub fn interval_at(&self, start: Instant, period: Duration, missed: MissedTick) -> BoxInterval {
        self.layer.interval_at(start, period, missed)
    }

    /// Blocks the calling thread on `future`, through the handle: from any thread, and without driving the runtime where a
    /// runtime is driven by its owner only.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        call("block_on of the handle");
        wrap::block_on(future, |future| self.layer.block_on(future))
    }

    /// Spawns a future that has no size.
    pub fn spawn_zero_sized(&self) -> Handle<()> {
        JoinHandle::new(TypedTask::new(self.layer.spawn_zero_sized()))
    }

    /// Spawns a future of half a MiB, which counts its own bytes.
    pub fn spawn_big(&self) -> Handle<usize> {
        JoinHandle::new(TypedTask::new(self.layer.spawn_big()))
    }

    /// Spawns a future of two words by value, and detaches it.
    pub fn spawn_small(&self) {
        self.layer.spawn_small();
    }

    /// Makes a sleep of an hour by value, polls it once and drops it.
    pub fn arm_sleep(&self) {
        self.layer.arm_sleep();
    }

    /// The sizes of the runtime's own types.
    pub fn sizes(&self) -> Sizes {
        self.layer.sizes()
    }
}

/// A future under a time limit; its output is `None` when the limit passed.
pub struct Limit<T> {
    timeout: BoxTimeout,
    output: std::marker::PhantomData<fn() -> T>,
}

impl<T: 'static> Future for Limit<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let output = self.timeout.as_mut().poll(cx);
        output.map(|output| output.map(Unbox::unbox))
    }
}

impl<T> fmt::Debug for Limit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").finish_non_exhaustive()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.layer.fmt(f)
    }
}

impl Spawn for Shared {
    type Task<T: Send + 'static> = TypedTask<BoxTask, T>;

    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Self::spawn(self, future)
    }

    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match meta.name() {
            Some(name) => Self::spawn_named(self, name, future),
            None => Self::spawn(self, future),
        }
    }
}

impl SpawnBlocking for Shared {
    type BlockingTask<T: Send + 'static> = TypedTask<BoxTask, T>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Self::spawn_blocking(self, work)
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
        match meta.name() {
            Some(name) => Self::spawn_blocking_named(self, name, work),
            None => Self::spawn_blocking(self, work),
        }
    }
}

impl Timer for Shared {
    type Sleep = BoxSleep;

    fn sleep(&self, duration: Duration) -> BoxSleep {
        Self::sleep(self, duration)
    }

    fn sleep_until(&self, deadline: Instant) -> BoxSleep {
        Self::sleep_until(self, deadline)
    }

    fn now(&self) -> Instant {
        Self::now(self)
    }
}

impl BlockOn for Shared {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        Self::block_on(self, future)
    }
}
