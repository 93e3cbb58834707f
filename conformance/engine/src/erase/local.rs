use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{Instant, JoinHandle, MissedTick, SpawnBlocking, SpawnLocal, SpawnMeta, Timer};

use super::handle::{Handle, LocalHandle};
use super::layer::{
    BoxTask, LocalBoxInterval, LocalBoxSleep, LocalBoxTask, LocalBoxTimeout, LocalLayer, Sizes,
    Value,
};
use super::statics::LocalDirect;
use super::task::{TypedTask, Unbox};
use super::wrap::LocalBoxed;

/// The handle of a runtime whose tasks stay on one thread.
///
/// It is itself a [`LocalRuntime`](anyrt_core::LocalRuntime). Its own methods have the names of [`Shared`](super::Shared)'s,
/// so `spawn` here takes futures that need not be `Send`.
#[derive(Clone)]
pub struct Local {
    layer: Rc<dyn LocalLayer>,
    native: Option<Rc<dyn Any>>,
}

impl Local {
    /// The handle of one of core's local runtimes.
    pub fn new<R>(runtime: LocalDirect<R>) -> Self
    where
        R: SpawnLocal + Timer<Sleep: 'static> + Clone + fmt::Debug + 'static,
    {
        Self {
            native: Some(Rc::new(runtime.runtime().clone())),
            layer: Rc::new(runtime),
        }
    }

    /// The handle of whatever runtime `layer` is.
    pub fn from_layer(layer: Rc<dyn LocalLayer>) -> Self {
        Self {
            layer,
            native: None,
        }
    }

    /// What is behind it, for wrappers that change one thing.
    pub fn layer(&self) -> Rc<dyn LocalLayer> {
        self.layer.clone()
    }

    /// The same handle with another layer between; for wrappers that change one thing.
    pub fn with_layer(&self, layer: Rc<dyn LocalLayer>) -> Self {
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
    pub fn spawn<F>(&self, future: F) -> LocalHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        JoinHandle::new(TypedTask::new(
            self.layer.spawn(Box::pin(LocalBoxed { future })),
        ))
    }

    /// Starts `future` as a task with a name.
    pub fn spawn_named<F>(&self, name: &str, future: F) -> LocalHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let work = Box::pin(LocalBoxed { future });
        JoinHandle::new(TypedTask::new(self.layer.spawn_named(name, work)))
    }

    /// Starts `future` as a task that nobody joins.
    pub fn spawn_detached<F>(&self, future: F)
    where
        F: Future<Output = ()> + 'static,
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
    pub fn sleep(&self, duration: Duration) -> LocalBoxSleep {
        self.layer.sleep(duration)
    }

    /// Makes a sleep until `deadline`.
    pub fn sleep_until(&self, deadline: Instant) -> LocalBoxSleep {
        self.layer.sleep_until(deadline)
    }

    /// Reads the runtime's clock.
    pub fn now(&self) -> Instant {
        self.layer.now()
    }

    /// Gives `future` at most `limit`; the output is `None` when the limit passed.
    pub fn timeout<F>(&self, limit: Duration, future: F) -> LocalLimit<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        LocalLimit {
            timeout: self.layer.timeout(limit, Box::pin(LocalBoxed { future })),
            output: std::marker::PhantomData,
        }
    }

    /// Makes an interval that ticks at once and then every `period`, and catches up with missed ticks by `missed`.
    pub fn interval(&self, period: Duration, missed: MissedTick) -> LocalBoxInterval {
        self.layer.interval_at(self.now(), period, missed)
    }

    /// Makes an interval that ticks at `start` and then every `period`.
    pub fn interval_at(
        &self,
        start: Instant,
        period: Duration,
        missed: MissedTick,
    ) -> LocalBoxInterval {
        self.layer.interval_at(start, period, missed)
    }

    /// Spawns a future that has no size.
    pub fn spawn_zero_sized(&self) -> LocalHandle<()> {
        JoinHandle::new(TypedTask::new(self.layer.spawn_zero_sized()))
    }

    /// Spawns a future of half a MiB, which counts its own bytes.
    pub fn spawn_big(&self) -> LocalHandle<usize> {
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
pub struct LocalLimit<T> {
    timeout: LocalBoxTimeout,
    output: std::marker::PhantomData<fn() -> T>,
}

impl<T: 'static> Future for LocalLimit<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let output = self.timeout.as_mut().poll(cx);
        output.map(|output| output.map(Unbox::unbox))
    }
}

impl<T> fmt::Debug for LocalLimit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalLimit").finish_non_exhaustive()
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.layer.fmt(f)
    }
}

impl SpawnLocal for Local {
    type LocalTask<T: 'static> = TypedTask<LocalBoxTask, T>;

    fn spawn_local<F>(&self, future: F) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn(future)
    }

    fn spawn_local_with<F>(
        &self,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        match meta.name() {
            Some(name) => self.spawn_named(name, future),
            None => self.spawn(future),
        }
    }
}

impl SpawnBlocking for Local {
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

impl Timer for Local {
    type Sleep = LocalBoxSleep;

    fn sleep(&self, duration: Duration) -> LocalBoxSleep {
        Self::sleep(self, duration)
    }

    fn sleep_until(&self, deadline: Instant) -> LocalBoxSleep {
        Self::sleep_until(self, deadline)
    }

    fn now(&self) -> Instant {
        Self::now(self)
    }
}
