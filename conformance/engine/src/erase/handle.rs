use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use anyrt_core::{
    BlockOn, Instant, JoinHandle, MissedTick, Runtime, Spawn, SpawnBlocking, SpawnLocal, SpawnMeta,
    Timer,
};

use super::direct::{Direct, LocalDirect};
use super::layer::*;
use super::task::{TypedTask, Unbox};
use super::wrap::{self, Boxed, LocalBoxed};
use crate::kit::call;

/// Which handles the tasks of a runtime have.
pub trait Kind {
    /// The handle of a task with the output `T`.
    type Handle<T: 'static>;
}

/// Makes the handle of one kind of runtimes.
macro_rules! handle {
    (
        $(#[$doc:meta])+
        $name:ident: $layer:ident in $pointer:ident; $($auto:ident)*; $($send:ident)?;
        $work:ident $task:ident $sleep:ident $timeout:ident $interval:ident;
        $spawn_trait:ident { $task_type:ident $spawn:ident $spawn_with:ident };
        $handle:ident $limit:ident
    ) => {
        $(#[$doc])+
        #[derive(Clone)]
        pub struct $name {
            layer: $pointer<dyn $layer>,
            native: Option<$pointer<dyn Any $(+ $auto)*>>,
        }

        /// The handle of a task on such a runtime.
        pub type $handle<T> = JoinHandle<TypedTask<$task, T>>;

        impl Kind for $name {
            type Handle<T: 'static> = $handle<T>;
        }

        impl $name {
            /// The handle of whatever runtime `layer` is.
            pub fn from_layer(layer: $pointer<dyn $layer>) -> Self {
                Self { layer, native: None }
            }

            /// What is behind it, for wrappers that change one thing.
            pub fn layer(&self) -> $pointer<dyn $layer> {
                self.layer.clone()
            }

            /// The same handle with another layer between; for wrappers that change one thing.
            pub fn with_layer(&self, layer: $pointer<dyn $layer>) -> Self {
                Self { layer, native: self.native.clone() }
            }

            /// The runtime's own handle, for what the engine does not know: `None` if it is no `R`.
            ///
            /// It is the same behind `AnyRuntime` and behind the layer of a mutant.
            pub fn native<R: 'static>(&self) -> Option<&R> {
                self.native.as_ref()?.downcast_ref()
            }

            /// Starts `future` as a task.
            pub fn spawn<F>(&self, future: F) -> $handle<F::Output>
            where
                F: Future $(+ $send)? + 'static,
                F::Output: $($send +)? 'static,
            {
                JoinHandle::new(TypedTask::new(self.layer.spawn(Box::pin($work { future }))))
            }

            /// Starts `future` as a task with a name.
            pub fn spawn_named<F>(&self, name: &str, future: F) -> $handle<F::Output>
            where
                F: Future $(+ $send)? + 'static,
                F::Output: $($send +)? 'static,
            {
                let work = Box::pin($work { future });
                JoinHandle::new(TypedTask::new(self.layer.spawn_named(name, work)))
            }

            /// Starts `future` as a task that nobody joins.
            pub fn spawn_detached<F>(&self, future: F)
            where
                F: Future<Output = ()> $(+ $send)? + 'static,
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
            pub fn sleep(&self, duration: Duration) -> $sleep {
                self.layer.sleep(duration)
            }

            /// Makes a sleep until `deadline`.
            pub fn sleep_until(&self, deadline: Instant) -> $sleep {
                self.layer.sleep_until(deadline)
            }

            /// Reads the runtime's clock.
            pub fn now(&self) -> Instant {
                self.layer.now()
            }

            /// Gives `future` at most `limit`; the output is `None` when the limit passed.
            pub fn timeout<F>(&self, limit: Duration, future: F) -> $limit<F::Output>
            where
                F: Future $(+ $send)? + 'static,
                F::Output: $($send +)? 'static,
            {
                $limit {
                    timeout: self.layer.timeout(limit, Box::pin($work { future })),
                    output: PhantomData,
                }
            }

            /// Makes an interval that ticks at once and then every `period`, and catches up with missed ticks by `missed`.
            pub fn interval(&self, period: Duration, missed: MissedTick) -> $interval {
                self.layer.interval_at(self.now(), period, missed)
            }

            /// Makes an interval that ticks at `start` and then every `period`.
            pub fn interval_at(&self, start: Instant, period: Duration, missed: MissedTick) -> $interval {
                self.layer.interval_at(start, period, missed)
            }

            /// Spawns a future that has no size.
            pub fn spawn_zero_sized(&self) -> $handle<()> {
                JoinHandle::new(TypedTask::new(self.layer.spawn_zero_sized()))
            }

            /// Spawns a future of half a MiB, which counts its own bytes.
            pub fn spawn_big(&self) -> $handle<usize> {
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
        pub struct $limit<T> {
            timeout: $timeout,
            output: PhantomData<fn() -> T>,
        }

        impl<T: 'static> Future for $limit<T> {
            type Output = Option<T>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
                let output = self.timeout.as_mut().poll(cx);
                output.map(|output| output.map(Unbox::unbox))
            }
        }

        impl<T> fmt::Debug for $limit<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($limit)).finish_non_exhaustive()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.layer.fmt(f)
            }
        }

        impl $spawn_trait for $name {
            type $task_type<T $(: $send)?> = TypedTask<$task, T>;

            fn $spawn<F>(&self, future: F) -> JoinHandle<Self::$task_type<F::Output>>
            where
                F: Future $(+ $send)? + 'static,
                F::Output: $($send +)? 'static,
            {
                Self::spawn(self, future)
            }

            fn $spawn_with<F>(
                &self,
                meta: SpawnMeta<'_>,
                future: F,
            ) -> JoinHandle<Self::$task_type<F::Output>>
            where
                F: Future $(+ $send)? + 'static,
                F::Output: $($send +)? 'static,
            {
                match meta.name() {
                    Some(name) => Self::spawn_named(self, name, future),
                    None => Self::spawn(self, future),
                }
            }
        }

        impl SpawnBlocking for $name {
            type BlockingTask<T: Send> = TypedTask<BoxTask, T>;

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

        impl Timer for $name {
            type Sleep = $sleep;

            fn sleep(&self, duration: Duration) -> $sleep {
                Self::sleep(self, duration)
            }

            fn sleep_until(&self, deadline: Instant) -> $sleep {
                Self::sleep_until(self, deadline)
            }

            fn now(&self) -> Instant {
                Self::now(self)
            }

            fn system_time(&self) -> SystemTime {
                self.layer.system_time()
            }
        }
    };
}

handle! {
    /// The handle of a runtime whose tasks are `Send`.
    ///
    /// It is itself a [`Runtime`] and a [`BlockOn`], so code written against core runs on it. Its own methods of the same
    /// names go to the runtime's own `timeout` and `interval`.
    Shared: Layer in Arc; Send Sync; Send;
    Boxed BoxTask BoxSleep BoxTimeout BoxInterval;
    Spawn { Task spawn spawn_with };
    Handle Limit
}

handle! {
    /// The handle of a runtime whose tasks stay on one thread.
    ///
    /// It is itself a [`LocalRuntime`](anyrt_core::LocalRuntime). Its own methods have the names of [`Shared`]'s, so `spawn`
    /// here takes futures that need not be `Send`.
    Local: LocalLayer in Rc; ; ;
    LocalBoxed LocalBoxTask LocalBoxSleep LocalBoxTimeout LocalBoxInterval;
    SpawnLocal { LocalTask spawn_local spawn_local_with };
    LocalHandle LocalLimit
}

impl Shared {
    /// The handle of one of core's runtimes.
    pub fn new<R: Runtime + BlockOn>(runtime: R) -> Self {
        Self {
            native: Some(Arc::new(runtime.clone())),
            layer: Arc::new(Direct::new(runtime)),
        }
    }

    /// Blocks the calling thread on `future`, through the handle: from any thread, and without driving the runtime where a
    /// runtime is driven by its owner only.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        call("block_on of the handle");
        wrap::block_on(future, |future| self.layer.block_on(future))
    }
}

impl BlockOn for Shared {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        Self::block_on(self, future)
    }
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
}
