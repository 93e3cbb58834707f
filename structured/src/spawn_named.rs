use std::future::Future;
use std::panic::Location;

use anyrt_core::{JoinHandle, Spawn};

use crate::named::Named;
use crate::{TaskInfo, TaskName};

/// Spawns tasks that know their names.
///
/// Implemented for everything that is [`Spawn`]; there is nothing to implement. [`SpawnLocalNamed`](crate::SpawnLocalNamed) and
/// [`SpawnBlockingNamed`](crate::SpawnBlockingNamed) do the same for local tasks and for closures. While such a task runs, [`TaskInfo::current`] yields
/// its name and the line that spawned it, for panic hooks, logs and reports. With the feature `tracing` it runs in a span, too:
/// its name is `runtime.spawn`, which tokio's console takes for a task on any runtime, and its fields are `task.name`,
/// `loc.file`, `loc.line` and `loc.col`.
///
/// # Contract
///
/// - The task keeps every rule of a task without a name: same handle, same errors (`named::task_rules_hold`).
/// - The name is current while the task is polled, and at no other time (`named::is_current_while_polled`).
/// - The location is the caller's line (`named::location_is_the_callers`).
///
/// # Cost
///
/// One allocation per task; two accesses to a thread-local per poll, some nanoseconds. Tasks without names pay nothing.
///
/// # Runtimes
///
/// The runtime itself does not learn the name: that takes a method in core.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::{SpawnNamed, TaskInfo};
///
/// fn install_hook() {
///     let default = std::panic::take_hook();
///     std::panic::set_hook(Box::new(move |panic| {
///         if let Some(task) = TaskInfo::current() {
///             eprint!("in {task}: ");
///         }
///         default(panic);
///     }));
/// }
///
/// async fn work<R: Runtime>(rt: &R) {
///     let task = rt.spawn_named("divider", async { panic!("by zero") });
///     assert!(task.await.unwrap_err().is_panic()); // and standard error names the task
/// }
/// # install_hook();
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(work(&rt.handle()));
/// ```
pub trait SpawnNamed: Spawn {
    /// Starts `future` as a task with a name.
    #[track_caller]
    fn spawn_named<F>(
        &self,
        name: impl Into<TaskName>,
        future: F,
    ) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let info = TaskInfo::new(name.into(), Location::caller());
        self.spawn(Named::new(info, future))
    }
}

impl<R: Spawn + ?Sized> SpawnNamed for R {}
