use std::future::Future;
use std::time::{Duration, SystemTime};

use anyrt_core::{
    BlockOn, Current, Instant, JoinHandle, NoRuntime, Spawn, SpawnBlocking, SpawnLocal, SpawnMeta,
    Timer,
};

use super::named::Named;
use crate::TaskInfo;

/// A runtime whose tasks know their names and the lines that spawned them.
///
/// It wraps a handle and has the same capabilities: it is a [`Runtime`](anyrt_core::Runtime) or a
/// [`LocalRuntime`](anyrt_core::LocalRuntime) when the inner handle is one. A program wraps the handle that it passes to its
/// libraries, and their tasks are instrumented too. While such a task runs, [`TaskInfo::current`] returns its name and its line,
/// for panic hooks, logs and reports. With the feature `tracing` the task also runs in a span named `runtime.spawn`, with the
/// fields `task.name`, `loc.file`, `loc.line` and `loc.col`.
///
/// Names come from [`spawn_named`](Spawn::spawn_named) and its siblings. The inner runtime gets them too. A task without a name is
/// known by its line.
///
/// # Contract
///
/// - The task keeps every rule of a task: same handle, same errors (`named::task_rules_hold`).
/// - The name is current while the task is polled, and at no other time (`named::is_current_while_polled`).
/// - The location is the caller's line (`named::location_is_the_callers`).
/// - Blocking closures have names and locations too (`named::closures_have_names`).
///
/// # Cost
///
/// One allocation per task and one more for its name. Two accesses to a thread-local per poll, which take nanoseconds. Tasks that
/// are spawned through the inner handle pay nothing.
///
/// # Runtimes
///
/// tokio's console takes every span called `runtime.spawn` for a task, so with the feature `tracing` it shows tasks of any
/// runtime. With `--cfg tokio_unstable` and tokio's feature `tracing`, tokio makes such spans itself: pass the plain handle there,
/// or the console shows each task twice.
///
/// Rules: `calls::wrapper_gives_its_runtime_back`.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::{Instrumented, TaskInfo};
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
/// // A library, which knows nothing of this crate.
/// async fn work<R: Runtime>(rt: &R) {
///     let task = rt.spawn_named("divider", async { panic!("by zero") });
///     assert!(task.await.unwrap_err().is_panic()); // and standard error names the task
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
///
/// install_hook();
/// rt.block_on(work(&Instrumented::new(rt.handle())));
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Instrumented<R> {
    runtime: R,
}

impl<R> Instrumented<R> {
    /// Wraps a handle, or a reference to one.
    pub const fn new(runtime: R) -> Self {
        Self { runtime }
    }

    /// Returns the inner handle, whose tasks are not instrumented.
    pub const fn runtime(&self) -> &R {
        &self.runtime
    }

    /// Returns the inner handle and drops the wrapper.
    pub fn into_inner(self) -> R {
        self.runtime
    }
}

impl<R: Spawn> Spawn for Instrumented<R> {
    type Task<T: Send> = R::Task<T>;

    #[inline]
    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_with(SpawnMeta::unnamed(), future)
    }

    #[track_caller]
    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let future = Named::new(TaskInfo::new(meta), future);
        self.runtime.spawn_with(meta, future)
    }
}

impl<R: SpawnLocal> SpawnLocal for Instrumented<R> {
    type LocalTask<T> = R::LocalTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local_with(SpawnMeta::unnamed(), future)
    }

    #[track_caller]
    fn spawn_local_with<F>(
        &self,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let future = Named::new(TaskInfo::new(meta), future);
        self.runtime.spawn_local_with(meta, future)
    }
}

impl<R: SpawnBlocking> SpawnBlocking for Instrumented<R> {
    type BlockingTask<T: Send> = R::BlockingTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.spawn_blocking_with(SpawnMeta::unnamed(), work)
    }

    #[track_caller]
    fn spawn_blocking_with<F, T>(
        &self,
        meta: SpawnMeta<'_>,
        work: F,
    ) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let work = Named::new(TaskInfo::new(meta), work);
        self.runtime.spawn_blocking_with(meta, move || work.call())
    }
}

impl<R: Timer> Timer for Instrumented<R> {
    type Sleep = R::Sleep;

    #[inline]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.runtime.sleep(duration)
    }

    #[inline]
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Self::Sleep {
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

impl<R: BlockOn> BlockOn for Instrumented<R> {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

impl<R: Current> Current for Instrumented<R> {
    fn try_current() -> Result<Self, NoRuntime> {
        R::try_current().map(Self::new)
    }
}
