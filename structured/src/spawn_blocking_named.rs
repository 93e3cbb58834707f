use std::panic::Location;

use anyrt_core::{JoinHandle, SpawnBlocking};

use crate::named::Named;
use crate::{TaskInfo, TaskName};

/// Runs blocking closures that know their names, as [`SpawnNamed`](crate::SpawnNamed) does with tasks.
///
/// Implemented for everything that is [`SpawnBlocking`]; there is nothing to implement.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::{SpawnBlockingNamed, TaskInfo};
///
/// async fn here<R: Runtime>(rt: &R) -> Option<TaskInfo> {
///     rt.spawn_blocking_named("compress", TaskInfo::current).await.ok()?
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(here(&rt.handle())).unwrap().name(), Some("compress"));
/// ```
pub trait SpawnBlockingNamed: SpawnBlocking {
    /// Submits `work` to the blocking pool with a name.
    #[track_caller]
    fn spawn_blocking_named<F, T>(
        &self,
        name: impl Into<TaskName>,
        work: F,
    ) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let info = TaskInfo::new(name.into(), Location::caller());
        let named = Named::new(info, work);
        self.spawn_blocking(move || named.call())
    }
}

impl<R: SpawnBlocking + ?Sized> SpawnBlockingNamed for R {}
