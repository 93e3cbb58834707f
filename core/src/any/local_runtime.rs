use alloc::boxed::Box;
use alloc::rc::Rc;
use core::any::Any;
use core::fmt;
use core::future::Future;
use core::time::Duration;

use super::current::{AsCurrent, Entered};
use super::dyn_runtime::DynLocalRuntime;
use super::packet::{ClosurePacket, Deliver, FuturePacket};
use super::sleep::AnyLocalSleep;
use super::task::{AnyLocalTask, AnyTask};
use crate::{
    Instant, JoinHandle, LocalRuntime, SpawnBlocking, SpawnLocal, SpawnMeta, SystemTime, Timer,
};

/// Any local runtime, without its type.
///
/// It is itself a [`LocalRuntime`], so a library whose futures are not `Send` may store it instead of a type parameter. It
/// stays on its thread, and keeps every rule of the runtime that it holds. It can be the current one there, as an
/// [`AnyRuntime`](crate::AnyRuntime) can; the two are looked up apart.
///
/// Closures that block run on other threads, where no local runtime is the current one.
///
/// # Cost
///
/// As [`AnyRuntime`](crate::AnyRuntime).
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::{prelude::*, AnyLocalRuntime};
///
/// struct Window { rt: AnyLocalRuntime, title: Rc<str> }
///
/// impl Window {
///     fn new<R: LocalRuntime>(rt: R, title: Rc<str>) -> Self {
///         Self { rt: AnyLocalRuntime::new(rt), title }
///     }
///     async fn draw(&self) -> usize {
///         let title = self.title.clone();
///         self.rt.spawn_local(async move { title.len() }).await.unwrap_or_default()
///     }
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(Window::new(rt.handle(), "moin".into()).draw()), 4);
/// ```
#[derive(Clone)]
pub struct AnyLocalRuntime(Rc<dyn DynLocalRuntime>);

impl AnyLocalRuntime {
    /// Takes the type off a local runtime. An `AnyLocalRuntime` is returned as it is.
    ///
    /// # Cost
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{prelude::*, AnyLocalRuntime};
    ///
    /// /// Takes whatever local runtime the caller has, and keeps one type.
    /// fn page<R: LocalRuntime>(rt: R) -> AnyLocalRuntime {
    ///     AnyLocalRuntime::new(rt)
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(page(rt.handle()).spawn_local(async { 42 })).unwrap(), 42);
    /// ```
    pub fn new<R: LocalRuntime>(runtime: R) -> Self {
        match (&runtime as &dyn Any).downcast_ref::<Self>() {
            Some(erased) => erased.clone(),
            None => Self(Rc::new(runtime)),
        }
    }

    /// Makes this runtime the [current](crate::Current) one for `future`, in its polls and in its destructor. See
    /// [`AnyRuntime::as_current`](crate::AnyRuntime::as_current).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{prelude::*, AnyLocalRuntime, NoRuntime};
    ///
    /// async fn answer() -> Result<u32, NoRuntime> {
    ///     let rt = AnyLocalRuntime::try_current()?;
    ///     Ok(rt.spawn_local(async { 42 }).await.unwrap_or_default())
    /// }
    ///
    /// async fn program<R: LocalRuntime>(rt: R) -> Result<u32, NoRuntime> {
    ///     AnyLocalRuntime::new(rt).as_current(answer()).await
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(program(rt.handle())), Ok(42));
    /// ```
    pub fn as_current<F: Future>(&self, future: F) -> AsCurrent<F, Self> {
        AsCurrent::new(self.clone(), future)
    }

    /// Runs `work` with this runtime as the [current](crate::Current) one.
    ///
    /// # Panics
    ///
    /// When `work` panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{AnyLocalRuntime, Current, LocalRuntime};
    ///
    /// /// A foreign constructor that looks the runtime up.
    /// fn connect() -> AnyLocalRuntime {
    ///     AnyLocalRuntime::current()
    /// }
    ///
    /// fn client<R: LocalRuntime>(rt: R) -> AnyLocalRuntime {
    ///     AnyLocalRuntime::new(rt).run_as_current(connect)
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    /// # client(rt.handle());
    /// ```
    pub fn run_as_current<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut runtime = Some(self.clone());
        let _entered = Entered::new(&mut runtime);
        work()
    }
}

impl SpawnLocal for AnyLocalRuntime {
    type LocalTask<T> = AnyLocalTask<T>;

    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local_with(SpawnMeta::unnamed(), future)
    }

    #[inline]
    fn spawn_local_with<F>(
        &self,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let work = Deliver::new(Box::pin(FuturePacket::new(future)) as _, self.clone());
        let task = (self.0).spawn_local_packet(work, meta.name(), meta.location());
        JoinHandle::new(AnyLocalTask::new(task))
    }
}

impl SpawnBlocking for AnyLocalRuntime {
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
        let packet = Box::pin(ClosurePacket::new(work));
        let task = (self.0).spawn_blocking_packet(packet, meta.name(), meta.location());
        JoinHandle::new(AnyTask::new(task))
    }
}

impl Timer for AnyLocalRuntime {
    type Sleep = AnyLocalSleep;

    #[track_caller]
    fn sleep(&self, duration: Duration) -> AnyLocalSleep {
        AnyLocalSleep::new(self.0.sleep_boxed(duration))
    }

    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> AnyLocalSleep {
        AnyLocalSleep::new(self.0.sleep_until_boxed(deadline))
    }

    fn now(&self) -> Instant {
        self.0.now_dyn()
    }

    fn system_time(&self) -> SystemTime {
        self.0.system_time_dyn()
    }
}

impl fmt::Debug for AnyLocalRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyLocalRuntime").field(&self.0).finish()
    }
}
