use futures_task::{FutureObj, SpawnError};

/// Gives the handle of a runtime the trait [`futures_task::Spawn`], and with it `SpawnExt` of futures.
///
/// The tasks are detached. `spawn_with_handle` of `SpawnExt` makes a handle that aborts its task when it is dropped.
///
/// # Errors
///
/// None. A runtime that is gone, or is going, drops the future; the `RemoteHandle` of its output then panics when it is awaited,
/// as futures has it.
///
/// # Cost
///
/// The box that futures' trait asks for, and one spawn of the runtime.
///
/// # Examples
///
/// ```
/// use anyrt_core::Runtime;
/// use anyrt_futures::Spawner;
/// use futures::task::{SpawnError, SpawnExt};
///
/// async fn sum<R: Runtime>(rt: &R) -> Result<u32, SpawnError> {
///     let spawner = Spawner::new(rt.clone());
///     let half = spawner.spawn_with_handle(async { 21 })?;
///     Ok(half.await + 21)
/// }
/// # use anyrt_core::{Config, prelude::*};
/// # let rt = anyrt_smol::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(sum(&rt.handle())).unwrap(), 42);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Spawner<R> {
    runtime: R,
}

impl<R> Spawner<R> {
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

impl<R: anyrt_core::Spawn> futures_task::Spawn for Spawner<R> {
    #[inline]
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.runtime.spawn_detached(future);
        Ok(())
    }
}
