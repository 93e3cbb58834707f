use alloc::sync::Arc;
use core::any::Any;
use core::fmt;
use core::future::Future;
use core::pin::{Pin, pin};
use core::time::Duration;

use super::runtime::AnyRuntime;
use super::sleep::AnySleep;
use super::task::AnyTask;
use crate::{
    BlockOn, Instant, JoinHandle, Runtime, Spawn, SpawnBlocking, SpawnMeta, SystemTime, Timer,
};

/// Any runtime that can be blocked on, without its type: an [`AnyRuntime`] with [`BlockOn`].
///
/// For synchronous facades and for programs. Libraries store an [`AnyRuntime`], which takes every runtime; this one takes those
/// whose handle can block.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics where that of the runtime does.
///
/// # Cost
///
/// As [`AnyRuntime`], and `block_on` allocates nothing. The value is 32 bytes.
///
/// # Examples
///
/// ```
/// use anyrt_core::{prelude::*, AnyBlockOn};
///
/// struct SyncClient { rt: AnyBlockOn }
///
/// impl SyncClient {
///     fn new<R: Runtime + BlockOn>(rt: R) -> Self {
///         Self { rt: AnyBlockOn::new(rt) }
///     }
///     fn get(&self) -> u32 {
///         let request = self.rt.spawn(async { 42 });
///         self.rt.block_on(request).unwrap_or_default()
///     }
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(SyncClient::new(rt.handle()).get(), 42);
/// ```
#[derive(Clone)]
pub struct AnyBlockOn {
    runtime: AnyRuntime,
    /// The same value as in `runtime`, by another of its traits.
    blocking: Arc<dyn DynBlockOn>,
}

impl AnyBlockOn {
    /// Takes the type off a runtime that can block. An `AnyBlockOn` is returned as it is.
    ///
    /// # Cost
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{prelude::*, AnyBlockOn};
    ///
    /// fn answer<R: Runtime + BlockOn>(rt: R) -> u32 {
    ///     AnyBlockOn::new(rt).block_on(async { 42 })
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(answer(rt.handle()), 42);
    /// ```
    pub fn new<R: Runtime + BlockOn>(runtime: R) -> Self {
        match (&runtime as &dyn Any).downcast_ref::<Self>() {
            Some(erased) => erased.clone(),
            None => {
                let runtime = Arc::new(runtime);
                Self {
                    runtime: AnyRuntime::of(runtime.clone()),
                    blocking: runtime,
                }
            }
        }
    }

    /// The same runtime for libraries, which do not block.
    ///
    /// # Cost
    ///
    /// A reference is counted. Nothing is allocated.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{AnyBlockOn, AnyRuntime};
    ///
    /// /// A library that is called inside the facade.
    /// async fn library(rt: AnyRuntime) -> u32 { 42 }
    ///
    /// fn facade(rt: &AnyBlockOn) -> u32 {
    ///     use anyrt_core::BlockOn;
    ///     rt.block_on(library(rt.runtime()))
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(facade(&AnyBlockOn::new(rt.handle())), 42);
    /// ```
    pub fn runtime(&self) -> AnyRuntime {
        self.runtime.clone()
    }
}

trait DynBlockOn: Send + Sync {
    #[track_caller]
    fn block_on_dyn(&self, future: Pin<&mut dyn Future<Output = ()>>);
}

impl<R: BlockOn + Send + Sync> DynBlockOn for R {
    fn block_on_dyn(&self, future: Pin<&mut dyn Future<Output = ()>>) {
        self.block_on(future);
    }
}

impl Spawn for AnyBlockOn {
    type Task<T: Send> = AnyTask<T>;

    #[inline]
    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.runtime.spawn(future)
    }

    #[inline]
    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.runtime.spawn_with(meta, future)
    }
}

impl SpawnBlocking for AnyBlockOn {
    type BlockingTask<T: Send> = AnyTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.runtime.spawn_blocking(work)
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
        self.runtime.spawn_blocking_with(meta, work)
    }
}

impl Timer for AnyBlockOn {
    type Sleep = AnySleep;

    #[inline]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> AnySleep {
        self.runtime.sleep(duration)
    }

    #[inline]
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> AnySleep {
        self.runtime.sleep_until(deadline)
    }

    #[inline]
    fn now(&self) -> Instant {
        self.runtime.now()
    }

    #[inline]
    fn system_time(&self) -> SystemTime {
        self.runtime.system_time()
    }
}

impl BlockOn for AnyBlockOn {
    /// Also makes the runtime the [current](crate::Current) one for `future`, as an [`AnyRuntime`].
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut output = None;
        {
            let future = self.runtime.as_current(future);
            let future = pin!(async { output = Some(future.await) });
            self.blocking.block_on_dyn(future);
        }
        output.expect("block_on returns when its future is ready")
    }
}

impl fmt::Debug for AnyBlockOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyBlockOn").field(&self.runtime).finish()
    }
}
