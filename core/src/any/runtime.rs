use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::fmt;
use core::future::Future;
use core::time::Duration;

use super::block_on::AnyBlockOn;
use super::current::{AsCurrent, Entered};
use super::dyn_runtime::DynRuntime;
use super::packet::{ClosurePacket, Deliver, FuturePacket};
use super::sleep::AnySleep;
use super::task::AnyTask;
use super::timer::DynTimer;
use crate::{Instant, JoinHandle, Runtime, Spawn, SpawnBlocking, SpawnMeta, SystemTime, Timer};

/// Any runtime, without its type.
///
/// It is itself a [`Runtime`], so a library may store it instead of a type parameter. It keeps every rule of the runtime that
/// it holds: panics keep their payload, cancelled stays cancelled, and everything is dropped when and where it would be. The
/// conformance suite runs every rule through it as well.
///
/// | you want | you take |
/// | --- | --- |
/// | to spawn, run closures and tell the time | `AnyRuntime` |
/// | to block on it as well, in a program or a synchronous facade | [`AnyBlockOn`] |
/// | only a clock | [`AnyTimer`](crate::AnyTimer) |
/// | futures that are not `Send` | [`AnyLocalRuntime`](crate::AnyLocalRuntime) |
///
/// # The current one
///
/// `AnyRuntime` implements [`Current`](crate::Current), for traits and libraries whose functions take no value. The current one
/// is the `AnyRuntime` whose task, closure or [`block_on`](crate::BlockOn) the caller runs in, or the one that it was
/// [made current](Self::as_current) with. The innermost wins. Nothing is registered anywhere and nothing is guessed: where
/// nobody entered one, the look-up is an error (`right_runtime::missing_runtime_is_an_error`). A task that was spawned on the
/// same runtime by other means finds none. Code that blocks on another runtime by that runtime's own means, inside a task of an
/// `AnyRuntime`, still finds the outer one.
///
/// # Cost
///
/// Over the runtime itself: two allocations per spawn or blocking closure (the future with its output, and the handle), one
/// per sleep, and one per timeout that had to wait. `now` allocates nothing. Every call is a virtual one, and every poll of a
/// task sets a thread-local. The value is 16 bytes, and cloning it counts a reference.
///
/// # Runtimes
///
/// Names of tasks reach the runtime. So does the line that spawned them, where the runtime takes it from a
/// [`SpawnMeta`](crate::SpawnMeta) and not from the call itself.
///
/// # Examples
///
/// ```
/// use anyrt_core::{prelude::*, AnyRuntime};
///
/// struct Client { rt: AnyRuntime }
///
/// impl Client {
///     fn new<R: Runtime>(rt: R) -> Self {
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
    /// Takes the type off a runtime. An `AnyRuntime` is returned as it is, and an [`AnyBlockOn`] is not wrapped twice.
    ///
    /// # Cost
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{prelude::*, AnyRuntime};
    ///
    /// /// Takes whatever the caller has, and keeps one type.
    /// fn client<R: Runtime>(rt: R) -> AnyRuntime {
    ///     AnyRuntime::new(rt)
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(client(client(rt.handle())).spawn(async { 42 })).unwrap(), 42);
    /// ```
    pub fn new<R: Runtime>(runtime: R) -> Self {
        let any: &dyn Any = &runtime;
        if let Some(erased) = any.downcast_ref::<Self>() {
            erased.clone()
        } else if let Some(erased) = any.downcast_ref::<AnyBlockOn>() {
            erased.runtime()
        } else {
            Self(Arc::new(runtime))
        }
    }

    pub(super) fn of<R: Runtime>(runtime: Arc<R>) -> Self {
        Self(runtime)
    }

    pub(super) fn into_timer(self) -> Arc<dyn DynTimer> {
        self.0.into_timer()
    }

    /// Makes this runtime the [current](crate::Current) one for `future`, in its polls and in its destructor.
    ///
    /// For the root of a program, and for a foreign library's future that looks the runtime up. What an `AnyRuntime` spawns
    /// needs it not.
    ///
    /// # Examples
    ///
    /// A library whose functions take no runtime:
    ///
    /// ```
    /// use anyrt_core::{prelude::*, AnyRuntime, JoinError, NoRuntime};
    ///
    /// async fn answer() -> Result<u32, NoRuntime> {
    ///     let rt = AnyRuntime::try_current()?;
    ///     Ok(rt.spawn(async { 42 }).await.unwrap_or_default())
    /// }
    ///
    /// async fn program<R: Runtime>(rt: R) -> Result<u32, NoRuntime> {
    ///     assert!(answer().await.is_err()); // nobody entered one here
    ///     AnyRuntime::new(rt).as_current(answer()).await
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(program(rt.handle())), Ok(42));
    /// ```
    pub fn as_current<F: Future>(&self, future: F) -> AsCurrent<F> {
        AsCurrent::new(self.clone(), future)
    }

    /// Runs `work` on this thread with this runtime as the [current](crate::Current) one.
    ///
    /// # Panics
    ///
    /// When `work` panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{AnyRuntime, Current, Runtime};
    ///
    /// /// A foreign constructor that looks the runtime up.
    /// fn connect() -> AnyRuntime {
    ///     AnyRuntime::current()
    /// }
    ///
    /// fn client<R: Runtime>(rt: R) -> AnyRuntime {
    ///     AnyRuntime::new(rt).run_as_current(connect)
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # client(rt.handle());
    /// ```
    pub fn run_as_current<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut runtime = Some(self.clone());
        let _entered = Entered::new(&mut runtime);
        work()
    }
}

impl Spawn for AnyRuntime {
    type Task<T: Send> = AnyTask<T>;

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
        let work = Deliver::new(Box::pin(FuturePacket::new(future)) as _, self.clone());
        let task = self.0.spawn_packet(work, meta.name(), meta.location());
        JoinHandle::new(AnyTask::new(task))
    }
}

impl SpawnBlocking for AnyRuntime {
    type BlockingTask<T: Send> = AnyTask<T>;

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
        let work = Deliver::new(Box::pin(ClosurePacket::new(work)) as _, self.clone());
        let task = (self.0).spawn_blocking_packet(work, meta.name(), meta.location());
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

impl fmt::Debug for AnyRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyRuntime").field(&self.0).finish()
    }
}
