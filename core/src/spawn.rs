use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::{JoinHandle, RawTask, SpawnMeta};

/// Starts tasks that may run on any thread of the runtime.
///
/// # Contract
///
/// - Every spawned task is polled and completes while its runtime is driven (`spawn::every_task_completes`), exactly once
///   (`spawn::runs_each_task_once`).
/// - [`spawn`](Self::spawn) returns before the task's first poll (`spawn::returns_before_the_first_poll`), so that a lock
///   held across it is not taken by the task's first poll.
/// - It may be called from any thread, also a plain one, and wakes an idle runtime (`spawn::works_from_any_thread`).
/// - The task lands on the runtime that the value carries, whatever runtime the caller runs on
///   (`right_runtime::handle_beats_the_ambient`).
/// - On a runtime that is gone, or is going, the future is dropped and the handle resolves *cancelled*
///   (`spawn::after_shutdown_is_cancelled`). The drop may happen inside the call: do not hold a lock that the future's
///   destructors take.
/// - A name changes nothing but what is shown: a named task keeps every rule of a task (`spawn::named_task_is_a_task`,
///   `spawn::named_after_shutdown_is_cancelled`).
///
/// # For library authors
///
/// Ask for [`Runtime`](crate::Runtime) where you also sleep or block; ask for `Spawn` alone where you do not. For futures
/// that are not `Send`, there is [`SpawnLocal`](crate::SpawnLocal).
///
/// # For runtime authors
///
/// `Task` is your runtime's own handle in a newtype; see [`RawTask`]. Its `T` is not `'static`, though every output is: where the
/// compiler looks whether a future is `Send`, it tries the task with lifetimes of its own. If the newtype needs `T: 'static`, as
/// for a `dyn Any`, keep a function in it that your `spawn` makes, where `'static` is known. Mark [`spawn`](Self::spawn) `#[inline]`. If your runtime
/// has a tool that shows tasks, override [`spawn_with`](Self::spawn_with).
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinError, Spawn};
///
/// async fn sum<S: Spawn>(spawner: &S, parts: Vec<Vec<u64>>) -> Result<u64, JoinError> {
///     let tasks: Vec<_> = parts
///         .into_iter()
///         .map(|part| spawner.spawn(async move { part.iter().sum::<u64>() }))
///         .collect();
///     let mut total = 0;
///     for task in tasks {
///         total += task.await?;
///     }
///     Ok(total)
/// }
/// # use anyrt_core::prelude::*;
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
/// # assert_eq!(rt.block_on(sum(&rt.handle(), vec![vec![1, 2], vec![3]]))?, 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot spawn `Send` tasks",
    label = "`Spawn` is not implemented for `{Self}`",
    note = "a runtime that was launched has its handle in `rt.handle()`",
    note = "take `R: Runtime` (or `R: Spawn`) as a parameter and pass a handle in, such as `anyrt_tokio::Tokio` or `anyrt_core::AnyRuntime`",
    note = "the handles of local runtimes spawn through `SpawnLocal`, which also takes futures that are not `Send`"
)]
pub trait Spawn {
    /// The runtime's task with an output of type `T`.
    ///
    /// It is `'static` where the spawner and `T` are.
    type Task<T: Send>: RawTask<Output = T> + Send + Sync;

    /// Starts `future` as a task of its own and returns a handle to it.
    ///
    /// # Cancellation
    ///
    /// Dropping the handle detaches the task. See [`JoinHandle`].
    ///
    /// # Panics
    ///
    /// A handle does not panic. After its runtime's end it drops the future, and the task resolves *cancelled*
    /// (`spawn::after_shutdown_is_cancelled`). An [ambient form](crate#handles-and-ambient-forms) panics outside its runtime.
    ///
    /// # Cost
    ///
    /// What spawning on the runtime itself costs, in allocations and, within max(10, 1 %), in instructions.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{JoinError, Spawn};
    ///
    /// /// Both halves run at the same time, each in a task of its own.
    /// async fn both<S: Spawn>(spawner: &S) -> Result<u32, JoinError> {
    ///     let left = spawner.spawn(async { 20 });
    ///     let right = spawner.spawn(async { 22 });
    ///     Ok(left.await? + right.await?)
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(both(&rt.handle())).unwrap(), 42);
    /// ```
    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Starts `future` as a task that goes by `name` in the runtime's own tools.
    ///
    /// Except for what is shown it is [`spawn`](Self::spawn): the same handle, and the same rules
    /// (`spawn::named_task_is_a_task`). Names need not be unique; several tasks that do the same may share one.
    ///
    /// # Panics
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Cost
    ///
    /// That of [`spawn`](Self::spawn) where the runtime has no use for names: the name is not looked at, and nothing is
    /// allocated. A name that must be put together first costs what that costs.
    ///
    /// # Runtimes
    ///
    /// A runtime without a tool that shows tasks drops the name. To have names in panic hooks, logs and `tracing` on every
    /// runtime, wrap the handle in `Instrumented` of `anyrt-structured`.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{JoinError, Runtime};
    ///
    /// async fn fetch_all<R: Runtime>(rt: &R, pages: u32) -> Result<u32, JoinError> {
    ///     let mut links = 0;
    ///     for page in 0..pages {
    ///         links += rt.spawn_named(&format!("page {page}"), async move { page * 2 }).await?;
    ///     }
    ///     Ok(links)
    /// }
    /// # use anyrt_core::prelude::*;
    /// # let rt = anyrt_sim::Sim::builder().build();
    /// # assert_eq!(rt.block_on(fetch_all(&rt.handle(), 3))?, 6);
    /// # Ok::<(), JoinError>(())
    /// ```
    #[inline]
    #[track_caller]
    fn spawn_named<F>(&self, name: &str, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_with(SpawnMeta::named(name), future)
    }

    /// Starts `future` as a task of which `meta` tells the name and the line that spawned it.
    ///
    /// For code that spawns on behalf of others; see [`SpawnMeta`]. It is the method that runtimes override, and
    /// [`spawn_named`](Self::spawn_named) calls it.
    ///
    /// # Panics
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Cost
    ///
    /// That of [`spawn`](Self::spawn), unless the runtime has a use for `meta`.
    ///
    /// # Runtimes
    ///
    /// Some runtimes take the line from the call itself (`#[track_caller]`). There a line that was carried from elsewhere is not
    /// seen.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::panic::Location;
    /// use anyrt_core::{JoinHandle, Spawn, SpawnMeta};
    ///
    /// /// Spawns under the line of its own caller, though the spawn is in here.
    /// #[track_caller]
    /// fn start_job<S: Spawn>(spawner: &S) -> JoinHandle<S::Task<u32>> {
    ///     let caller = Location::caller();
    ///     spawner.spawn_with(SpawnMeta::named("job").at(caller), async { 42 })
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(start_job(&rt.handle())).unwrap(), 42);
    /// ```
    #[inline]
    #[track_caller]
    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let _ = meta;
        self.spawn(future)
    }

    /// Starts `future` as a task that nobody will join.
    ///
    /// Its output is dropped inside the task, so it need not be `Send`, and a panic of its destructor is contained like any
    /// panic of the task (`panic::panicking_output_destructor_is_contained`).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Spawn;
    ///
    /// fn record<S: Spawn>(spawner: &S, event: String) {
    ///     spawner.spawn_detached(async move { println!("{event}") });
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # record(&rt.handle(), "started".into());
    /// ```
    #[inline]
    #[track_caller]
    fn spawn_detached<F>(&self, future: F)
    where
        F: Future + Send + 'static,
    {
        self.spawn(Discard { future }).detach();
    }
}

pin_project! {
    /// Drops the output of a future inside the poll that made it.
    pub(crate) struct Discard<F> {
        #[pin]
        pub(crate) future: F,
    }
}

impl<F: Future> Future for Discard<F> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        drop(ready!(self.project().future.poll(cx)));
        Poll::Ready(())
    }
}
