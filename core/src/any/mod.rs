//! A runtime without a type parameter.
//!
//! The erased runtime is object safe, so it cannot be generic over a task's output. Instead a task's future travels in a box
//! that keeps its output when it is done, and *the box itself is the output* of the runtime's own task: the joiner gets it
//! back and takes the value out. That is one box for the future and its value together; the erased handle is the second.

mod dyn_runtime;
mod packet;
mod sleep;
mod task;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use self::dyn_runtime::DynRuntime;
use self::packet::{ClosurePacket, FuturePacket};
pub use self::sleep::AnySleep;
pub use self::task::AnyTask;
use crate::{BlockOn, Instant, JoinHandle, Runtime, Spawn, SpawnBlocking, SpawnMeta, Timer};

/// Any runtime, without its type.
///
/// It is itself a [`Runtime`] and a [`BlockOn`], so a library may store it instead of a type parameter, and it keeps every
/// rule of the runtime that it holds: panics keep their payload, cancelled stays cancelled, and everything is dropped when and
/// where it would be. The conformance suite runs every rule through it as well.
///
/// # Cost
///
/// Over the runtime itself: two allocations per spawn or blocking closure (the future with its output, and the handle), one
/// per sleep, and one per timeout that had to wait. `block_on` and `now` allocate nothing. Every call is a virtual one.
/// The value is 16 bytes, and cloning it counts a reference.
///
/// # Runtimes
///
/// Names of tasks reach the runtime, and so does the line that spawned them where the runtime takes it from a
/// [`SpawnMeta`](crate::SpawnMeta), as sim does. tokio takes that line from the call itself, and is shown one of this crate's.
///
/// # Examples
///
/// ```
/// use anyrt_core::{prelude::*, AnyRuntime};
///
/// struct Client { rt: AnyRuntime }
///
/// impl Client {
///     fn new<R: Runtime + BlockOn>(rt: R) -> Self {
///         Self { rt: AnyRuntime::new(rt) }
///     }
///     async fn get(&self) -> u32 {
///         self.rt.spawn(async { 42 }).await.unwrap_or_default()
///     }
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(Client::new(rt.handle()).get()), 42);
/// ```
#[derive(Clone)]
pub struct AnyRuntime(Arc<dyn DynRuntime>);

impl AnyRuntime {
    /// Takes the type off a runtime. An `AnyRuntime` is returned as it is.
    ///
    /// # Cost
    ///
    /// One allocation.
    pub fn new<R: Runtime + BlockOn>(runtime: R) -> Self {
        match (&runtime as &dyn Any).downcast_ref::<Self>() {
            Some(erased) => erased.clone(),
            None => Self(Arc::new(runtime)),
        }
    }
}

impl Spawn for AnyRuntime {
    type Task<T: Send + 'static> = AnyTask<T>;

    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_with(SpawnMeta::unnamed(), future)
    }

    #[inline]
    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let packet = Box::pin(FuturePacket::new(future));
        let task = self.0.spawn_packet(packet, meta.name(), meta.location());
        JoinHandle::new(AnyTask::new(task))
    }
}

impl SpawnBlocking for AnyRuntime {
    type BlockingTask<T: Send + 'static> = AnyTask<T>;

    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.spawn_blocking_with(SpawnMeta::unnamed(), work)
    }

    #[inline]
    fn spawn_blocking_with<F, T>(
        &self,
        meta: SpawnMeta<'_>,
        work: F,
    ) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let packet = Box::pin(ClosurePacket::new(work));
        let task = (self.0).spawn_blocking_packet(packet, meta.name(), meta.location());
        JoinHandle::new(AnyTask::new(task))
    }
}

impl Timer for AnyRuntime {
    type Sleep = AnySleep;

    #[track_caller]
    fn sleep(&self, duration: Duration) -> AnySleep {
        AnySleep::new(self.0.sleep_boxed(duration))
    }

    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> AnySleep {
        AnySleep::new(self.0.sleep_until_boxed(deadline))
    }

    fn now(&self) -> Instant {
        self.0.now_dyn()
    }

    fn system_time(&self) -> SystemTime {
        self.0.system_time_dyn()
    }
}

impl BlockOn for AnyRuntime {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut output = None;
        {
            let future = pin!(async { output = Some(future.await) });
            self.0.block_on_dyn(future);
        }
        output.expect("block_on returns when its future is ready")
    }
}

impl fmt::Debug for AnyRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyRuntime").field(&self.0).finish()
    }
}
