mod graceful_shutdown;
mod panic;
mod registration;
mod report;
mod tracked;
mod wait;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{JoinHandle, Spawn, SpawnBlocking, SpawnLocal, SpawnMeta, Timer};

pub use self::graceful_shutdown::GracefulShutdown;
pub use self::panic::TaskPanic;
use self::registration::{Registration, Shared};
pub use self::report::ShutdownReport;
pub use self::tracked::Tracked;
pub use self::wait::Wait;
use crate::names::Named;
use crate::{CancellationToken, TaskInfo};

/// Tracks the running tasks of a program: asks them to stop, waits for them, and aborts those that do not stop in time.
///
/// Clones are the same tracker. It differs from a [`TaskGroup`](crate::TaskGroup) in three ways: any code with a clone can spawn
/// into it; it keeps no outputs, since the caller has the task's handle; and dropping it stops nothing. It forgets a task when
/// the task ends. One tracker may hold tasks of several runtimes.
///
/// # Contract
///
/// - [`wait`](Self::wait) resolves once the tracker was closed and the last task has ended, its destructors included
///   (`tracker::wait_resolves_after_the_last_task`, `tracker::wait_asks_for_a_close`).
/// - [`shutdown`](Self::shutdown) cancels [`token`](Self::token) (`tracker::shutdown_cancels_its_token`), waits for at most
///   its grace, then aborts what is left and names it in the report (`tracker::shutdown_aborts_after_the_grace`,
///   `tracker::report_names_the_late`).
/// - Every panic of a task reaches [`on_panic`](Self::on_panic) and the report, also when nobody joins the task
///   (`tracker::panics_are_reported`).
/// - [`reopen`](Self::reopen) starts a new round: `wait` waits again, and new tasks are not aborted (`tracker::reopens`).
/// - A tracked task keeps every rule of a task (`tracker::task_rules_hold`).
/// - It keeps no memory of a task that has ended (`tracker::forgets_ended_tasks`).
///
/// # Cost
///
/// Per task, what a task of an [`Instrumented`](crate::Instrumented) runtime costs, a short lock when it starts and one when it ends, and an
/// [abort handle](JoinHandle::abort_handle): one allocation on tokio, up to three on runtimes built on async-task.
///
/// Rules: `calls::tracker_takes_a_token`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
/// use anyrt_structured::TaskTracker;
///
/// async fn serve<R: Runtime>(rt: R) -> String {
///     let tracker = TaskTracker::new();
///     for connection in 0..3 {
///         let stop = tracker.token().clone();
///         tracker.spawn_named(&rt, &format!("connection {connection}"), async move {
///             stop.cancelled().await; // … and say goodbye to the peer
///         });
///     }
///     tracker.spawn_named(&rt, "deaf", std::future::pending::<()>());
///     let report = tracker.shutdown(&rt, Duration::from_millis(20)).await;
///     report.to_string()
/// }
/// # use anyrt_core::Config;
/// # // In virtual time: a busy machine may not poll the others within the grace.
/// # let rt = anyrt_sim::Owned::launch(Config::new()).unwrap();
/// let report = rt.block_on(serve(rt.handle()));
/// assert!(report.starts_with("1 task was aborted: deaf ("), "{report}");
/// ```
#[derive(Clone, Default)]
pub struct TaskTracker {
    shared: Arc<Shared>,
}

impl TaskTracker {
    /// Makes a tracker with a token of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a tracker whose shutdown cancels `token`. Pass a child token to stop only the tasks of this tracker.
    pub fn with_token(token: CancellationToken) -> Self {
        Self {
            shared: Arc::new(Shared::new(token)),
        }
    }

    /// Returns the token that [`shutdown`](Self::shutdown) cancels. Tasks await it to learn that they should stop.
    pub fn token(&self) -> &CancellationToken {
        self.shared.token()
    }

    /// Starts `future` as a task on `runtime` and tracks it.
    #[track_caller]
    pub fn spawn<R, F>(&self, runtime: &R, future: F) -> JoinHandle<R::Task<F::Output>>
    where
        R: Spawn,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.start(runtime, SpawnMeta::unnamed(), future)
    }

    /// Starts `future` as a task on `runtime` and tracks it under a name, which the runtime's tools show as well: see
    /// [`Spawn::spawn_named`]. In the task, [`TaskInfo::current`] yields it.
    #[track_caller]
    pub fn spawn_named<R, F>(
        &self,
        runtime: &R,
        name: &str,
        future: F,
    ) -> JoinHandle<R::Task<F::Output>>
    where
        R: Spawn,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.start(runtime, SpawnMeta::named(name), future)
    }

    /// Starts `future` as a local task on `runtime` and tracks it under a name; see [`spawn_named`](Self::spawn_named).
    #[track_caller]
    pub fn spawn_local_named<R, F>(
        &self,
        runtime: &R,
        name: &str,
        future: F,
    ) -> JoinHandle<R::LocalTask<F::Output>>
    where
        R: SpawnLocal,
        F: Future + 'static,
        F::Output: 'static,
    {
        let meta = SpawnMeta::named(name);
        let (registration, future) = self.register(meta, future);
        let id = registration.id();
        let mut handle = runtime.spawn_local_with(meta, Tracked::new(future, registration));
        self.shared.arm(id, handle.abort_handle());
        handle
    }

    /// Submits `work` to the blocking pool of `runtime` and tracks it under a name.
    ///
    /// An abort does not stop it: a long closure looks at [`token`](Self::token).
    #[track_caller]
    pub fn spawn_blocking_named<R, F, T>(
        &self,
        runtime: &R,
        name: &str,
        work: F,
    ) -> JoinHandle<R::BlockingTask<T>>
    where
        R: SpawnBlocking,
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let meta = SpawnMeta::named(name);
        let (registration, work) = self.register(meta, work);
        runtime.spawn_blocking_with(meta, move || registration.watch(|| work.call()))
    }

    /// Tracks a future that is not a task, or that somebody else spawns, until it is ready or dropped
    /// (`tracker::forgets_ended_tasks`). The tracker waits for it and names it in the report, but cannot abort it.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::{TaskTracker, Tracked};
    ///
    /// fn connection(tracker: &TaskTracker) -> impl Future<Output = u32> {
    ///     tracker.track("handshake", async { 42 })
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # let tracker = TaskTracker::new();
    /// let connection = connection(&tracker);
    /// assert_eq!(tracker.len(), 1);
    /// assert_eq!(rt.block_on(connection), 42);
    /// assert!(tracker.is_empty());
    /// ```
    #[track_caller]
    pub fn track<F: Future>(&self, name: &str, future: F) -> Tracked<F> {
        let (registration, future) = self.register(SpawnMeta::named(name), future);
        Tracked::new(future, registration)
    }

    /// Lets [`wait`](Self::wait) resolve once the tracker is empty. Tasks may still be added: those that end have children.
    pub fn close(&self) {
        self.shared.close();
    }

    /// Undoes [`close`](Self::close), for another round of tasks. Returns whether the tracker was closed.
    ///
    /// An earlier [`shutdown`](Self::shutdown) or [`abort_all`](Self::abort_all) does not abort tasks that are spawned from now
    /// on. A cancelled token stays cancelled: for tasks that await it, make a new tracker.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::TaskTracker;
    ///
    /// let tracker = TaskTracker::new();
    /// tracker.close();
    /// assert!(tracker.reopen() && !tracker.is_closed());
    /// assert!(!tracker.reopen());
    /// ```
    pub fn reopen(&self) -> bool {
        self.shared.reopen()
    }

    /// Tells whether the tracker was closed.
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// Waits until the tracker was [closed](Self::close) and no task is left. The end of the last task wakes all who wait
    /// (`tracker::last_end_wakes_who_waits`).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_structured::TaskTracker;
    ///
    /// async fn drain<R: Runtime>(rt: &R) {
    ///     let tracker = TaskTracker::new();
    ///     tracker.spawn(rt, async {}).detach();
    ///     tracker.close();
    ///     tracker.wait().await;
    ///     assert!(tracker.is_empty());
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(drain(&rt.handle()));
    /// ```
    pub fn wait(&self) -> Wait {
        Wait::new(self.shared.clone())
    }

    /// Closes the tracker, cancels its token, waits for at most `grace` from the call, aborts what is left, and reports what that
    /// was. See [`GracefulShutdown`].
    pub fn shutdown<T: Timer + Clone>(&self, timer: &T, grace: Duration) -> GracefulShutdown<T> {
        GracefulShutdown::new(self.clone(), timer.clone(), grace)
    }

    /// Calls `hook` whenever a task of the tracker panics, also one whose handle was detached. It replaces an earlier hook
    /// (`tracker::panics_are_reported`).
    ///
    /// The hook runs on the task's thread, after the program's panic hook, when the panic has unwound the task. Then the panic
    /// goes on to the task's handle. A panic of the hook itself is ignored. The tracker owns the hook: capture the token, not
    /// the tracker, or the tracker is never freed.
    ///
    /// # Examples
    ///
    /// A program that shuts down when one of its tasks panics:
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_structured::{ShutdownReport, TaskTracker};
    ///
    /// async fn serve<R: Runtime>(rt: R) -> ShutdownReport {
    ///     let tracker = TaskTracker::new();
    ///     let stop = tracker.token().clone();
    ///     tracker.on_panic(move |panic| stop.cancel_with(panic.to_string()));
    ///     tracker.spawn_named(&rt, "divider", async { panic!("by zero") }).detach();
    ///     tracker.token().cancelled().await;
    ///     tracker.shutdown(&rt, Duration::from_secs(30)).await
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// let report = rt.block_on(serve(rt.handle()));
    /// assert_eq!(report.panics()[0].message(), Some("by zero"));
    /// ```
    pub fn on_panic(&self, hook: impl Fn(&TaskPanic) + Send + Sync + 'static) {
        self.shared.set_hook(Arc::new(hook));
    }

    /// The panics of tasks of this tracker: the first 64 (`tracker::panics_are_reported`).
    pub fn panics(&self) -> Vec<TaskPanic> {
        self.shared.panics()
    }

    /// Asks every task that the tracker spawned to stop, and returns at once. A task that is spawned afterwards is asked as well,
    /// until the tracker is [reopened](Self::reopen) (`tracker::reopens`).
    pub fn abort_all(&self) {
        self.shared.abort_all();
    }

    /// The tasks that have not ended, in no particular order.
    pub fn running(&self) -> Vec<TaskInfo> {
        self.shared.running()
    }

    /// The number of tasks that have not ended.
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Tells whether all tasks have ended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[track_caller]
    fn start<R, F>(
        &self,
        runtime: &R,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<R::Task<F::Output>>
    where
        R: Spawn,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (registration, future) = self.register(meta, future);
        let id = registration.id();
        let mut handle = runtime.spawn_with(meta, Tracked::new(future, registration));
        self.shared.arm(id, handle.abort_handle());
        handle
    }

    fn register<W>(&self, meta: SpawnMeta<'_>, work: W) -> (Registration, Named<W>) {
        let info = TaskInfo::new(meta);
        let registration = Registration::new(self.shared.clone(), info.clone());
        (registration, Named::new(info, work))
    }
}

impl fmt::Debug for TaskTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTracker")
            .field("is_closed", &self.is_closed())
            .field("running", &self.running())
            .finish_non_exhaustive()
    }
}
