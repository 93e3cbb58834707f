use core::fmt::Debug;
use core::future::Future;
use core::time::Duration;

use crate::{BlockOn, Config, LaunchError, Spawn};

/// A runtime that a program, a test or a suite starts, drives and shuts down.
///
/// Library code never asks for it: a library takes a handle. To keep a launched runtime in a value that goes to other threads,
/// ask for `L: Launch<Handle: Runtime> + Send + Sync`.
///
/// # Contract
///
/// - Outside async code, dropping it or calling [`shutdown`](Self::shutdown) has run the destructors of all parked tasks when
///   it returns, even if their wakers live elsewhere (`shutdown::drops_parked_tasks`).
/// - Inside async code, dropping it neither panics nor blocks; its tasks are then dropped in the background
///   (`shutdown::inside_async_code_is_safe`), also where that code is a task or a closure of its own
///   (`shutdown::inside_its_own_task_is_safe`, `shutdown::inside_its_own_closure_is_safe`).
/// - Afterwards none of its threads remains (`shutdown::leaves_no_thread`), and its handles resolve *cancelled*
///   (`shutdown::handles_resolve_afterwards`).
/// - Also while it ends, no wake, abort or spawn runs the destructor of another task (`shutdown::wake_runs_no_destructor`,
///   `shutdown::abort_runs_no_destructor`, `shutdown::spawn_runs_no_destructor_of_others`), and no task is left behind
///   (`shutdown::no_task_is_left_behind`). Where the runtime can be looked up, destructors find it
///   (`shutdown::destructor_finds_its_runtime`), also beside tasks that never give way
///   (`shutdown::destructor_beside_stuck_tasks_finds_its_runtime`).
/// - A runtime that belongs to the process can be launched, too: that starts nothing, and dropping it or shutting it down ends
///   nothing. Its tasks run on. Dropping it returns at once.
/// - A shutdown waits within its grace for the blocking closures that were submitted through the runtime's handles, and for
///   those that destructors submit meanwhile. Inside async code and inside a blocking closure it waits for none.
/// - A closure that is submitted while the runtime shuts down runs to its end or is dropped unrun, never both and never
///   neither, and its handle resolves.
/// - It starts only the threads that its adapter's docs list (`right_runtime::starts_only_documented_threads`).
///
/// # For runtime authors
///
/// Refuse every option that you cannot honour: begin `launch` with [`Config::check`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{Config, Launch, LaunchError, Runtime};
///
/// async fn serve<R: Runtime>(rt: R) -> u32 {
///     rt.spawn(async { 42 }).await.unwrap_or_default()
/// }
///
/// fn program<L: Launch<Handle: Runtime>>() -> Result<u32, LaunchError> {
///     let rt = L::launch(Config::new().worker_threads(2))?;
///     let answer = rt.run(serve(rt.handle()));
///     rt.shutdown(Duration::from_secs(5));
///     Ok(answer)
/// }
/// # assert_eq!(program::<anyrt_tokio::Owned>()?, 42);
/// # Ok::<(), LaunchError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a runtime that can be launched",
    label = "`Launch` is not implemented for `{Self}`",
    note = "launch an owned runtime, such as `anyrt_tokio::Owned`, `anyrt_smol::Global` or `anyrt_tokio::Local`"
)]
pub trait Launch: BlockOn + Debug + Sized {
    /// What is passed to libraries: cheap to clone, and it does not keep the runtime alive.
    type Handle: Clone + Debug + Unpin + 'static;

    /// Starts the runtime.
    ///
    /// # Errors
    ///
    /// [`LaunchError`] when an option cannot be honoured, when its value makes no sense, or when the system refuses a thread
    /// or a poller.
    ///
    /// The runtime runs until it is dropped or [shut down](Self::shutdown).
    ///
    /// # Cost
    ///
    /// The start of the threads that the adapter's page lists. A program does it once.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, Launch, LaunchError, Runtime};
    ///
    /// /// Works on every runtime: the number of threads is a wish.
    /// fn start<L: Launch<Handle: Runtime>>(threads: usize) -> Result<L, LaunchError> {
    ///     L::launch(Config::new().worker_threads_hint(threads))
    /// }
    /// # assert_eq!(start::<anyrt_tokio::Owned>(2)?.run(async { 42 }), 42);
    /// # assert_eq!(start::<anyrt_sim::Owned>(2)?.run(async { 42 }), 42);
    /// # Ok::<(), LaunchError>(())
    /// ```
    fn launch(config: Config) -> Result<Self, LaunchError>;

    /// Returns a handle to pass to libraries.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{BlockOn, Config, Launch, Spawn};
    ///
    /// let rt = anyrt_tokio::Owned::launch(Config::new())?;
    /// let handle = rt.handle();
    /// let task = handle.spawn(async { 42 });
    /// assert_eq!(rt.block_on(task).unwrap(), 42);
    ///
    /// drop(rt);
    /// // The handle outlives its runtime. What it spawns now is cancelled.
    /// assert!(handle.spawn(async { 42 }).is_finished());
    /// # Ok::<(), anyrt_core::LaunchError>(())
    /// ```
    fn handle(&self) -> Self::Handle;

    /// Shuts the runtime down and drops its tasks, and gives blocking closures and tasks that do not yield at most `grace` to
    /// end.
    ///
    /// Parked tasks are dropped at once, not waited for. When the grace has passed, threads that still run something are left
    /// to end by themselves (`shutdown::returns_within_its_grace`), and not before
    /// (`shutdown::waits_for_a_running_poll`, `blocking::shutdown_waits_within_its_grace`). Inside async code it returns at once, and the rest
    /// happens in the background.
    ///
    /// # Cancellation
    ///
    /// A task is dropped where it waits; the code after that await does not run. Tasks that must finish first are joined before the
    /// shutdown: keep their handles, or a `TaskTracker` of `anyrt-structured`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{Config, Launch, Spawn};
    ///
    /// let rt = anyrt_tokio::Owned::launch(Config::new())?;
    /// rt.handle().spawn_detached(std::future::pending::<()>());
    /// rt.shutdown(Duration::from_secs(5)); // returns at once: the task waits, and is dropped
    /// # Ok::<(), anyrt_core::LaunchError>(())
    /// ```
    fn shutdown(self, grace: Duration);

    /// Runs `main` as a task of the runtime and waits for it, which makes its joins as fast as those of any task.
    ///
    /// [`block_on`](BlockOn::block_on) polls its future on the calling thread, where awaiting a task costs a hop between
    /// threads: 2 to 8 times as much on multi-threaded runtimes.
    ///
    /// # Panics
    ///
    /// When `main` panics, with its payload (`block_on::run_is_a_task_and_passes_its_panic_on`).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, Launch};
    ///
    /// let rt = anyrt_tokio::Owned::launch(Config::new())?;
    /// assert_eq!(rt.run(async { 6 * 7 }), 42);
    /// # Ok::<(), anyrt_core::LaunchError>(())
    /// ```
    #[track_caller]
    fn run<F>(&self, main: F) -> F::Output
    where
        Self::Handle: Spawn,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match self.block_on(self.handle().spawn(main)) {
            Ok(output) => output,
            Err(error) => error.resume_unwind(),
        }
    }
}
