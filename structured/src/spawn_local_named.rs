use std::future::Future;
use std::panic::Location;

use anyrt_core::{JoinHandle, SpawnLocal};

use crate::named::Named;
use crate::{TaskInfo, TaskName};

/// Spawns local tasks that know their names, as [`SpawnNamed`](crate::SpawnNamed) does with tasks that are `Send`.
///
/// Implemented for everything that is [`SpawnLocal`]; there is nothing to implement.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::{SpawnLocalNamed, TaskInfo};
///
/// async fn here<R: LocalRuntime>(rt: &R) -> Option<TaskInfo> {
///     rt.spawn_local_named("painter", async { TaskInfo::current() }).await.ok()?
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(here(&rt.handle())).unwrap().name(), Some("painter"));
/// ```
pub trait SpawnLocalNamed: SpawnLocal {
    /// Starts `future` as a local task with a name.
    #[track_caller]
    fn spawn_local_named<F>(
        &self,
        name: impl Into<TaskName>,
        future: F,
    ) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let info = TaskInfo::new(name.into(), Location::caller());
        self.spawn_local(Named::new(info, future))
    }
}

impl<R: SpawnLocal + ?Sized> SpawnLocalNamed for R {}
