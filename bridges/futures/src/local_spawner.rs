use futures_task::{LocalFutureObj, SpawnError};

/// Gives the handle of a local runtime the trait [`futures_task::LocalSpawn`], and with it `LocalSpawnExt` of futures.
///
/// As [`Spawner`](crate::Spawner), for futures that are not `Send`.
///
/// # Errors
///
/// None, as for [`Spawner`](crate::Spawner).
///
/// # Cost
///
/// The box that futures' trait asks for, and one spawn of the runtime.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::LocalRuntime;
/// use anyrt_futures::LocalSpawner;
/// use futures::task::{LocalSpawnExt, SpawnError};
///
/// async fn length<R: LocalRuntime>(rt: &R, word: Rc<str>) -> Result<usize, SpawnError> {
///     let spawner = LocalSpawner::new(rt.clone());
///     Ok(spawner.spawn_local_with_handle(async move { word.len() })?.await)
/// }
/// # use anyrt_core::{Config, prelude::*};
/// # let rt = anyrt_smol::Local::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(length(&rt.handle(), "moin".into())).unwrap(), 4);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalSpawner<R> {
    runtime: R,
}

impl<R> LocalSpawner<R> {
    /// Spawns on `runtime`.
    #[inline]
    pub const fn new(runtime: R) -> Self {
        Self { runtime }
    }

    /// The runtime.
    #[inline]
    pub const fn runtime(&self) -> &R {
        &self.runtime
    }
}

impl<R: anyrt_core::SpawnLocal> futures_task::LocalSpawn for LocalSpawner<R> {
    #[inline]
    fn spawn_local_obj(&self, future: LocalFutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.runtime.spawn_local_detached(future);
        Ok(())
    }
}
