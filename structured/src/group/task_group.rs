use std::fmt;
use std::future::Future;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, Spawn, SpawnBlocking};

use super::either_task::EitherTask;
use crate::{TaskId, TaskSet};

/// Spawns tasks and blocking closures on one runtime and joins them as they end.
///
/// It is what `JoinSet` is to tokio, on any runtime. `R` is a handle or a reference to one, and `T` is what every task
/// yields. For results under keys, and for handles that you have already, there is [`TaskSet`]; for futures that are not
/// `Send`, [`LocalTaskGroup`](crate::LocalTaskGroup); for tasks that must end before a function returns,
/// [`scope`](crate::scope).
///
/// # Contract
///
/// - **Dropping the group aborts all tasks** in it (`group::drop_aborts_all`). Blocking closures run to their end all the
///   same (`group::closures_run_to_their_end`).
/// - Every task is returned exactly once, with its output or with the [`JoinError`] that says how it ended
///   (`group::returns_each_task_once`).
/// - Only tasks that have something to say are polled (`group::polls_only_woken_tasks`).
/// - Tasks run whether or not anybody joins them (`group::runs_without_a_joiner`).
/// - [`join_all`](Self::join_all) keeps the order of the spawns (`group::join_all_keeps_the_order`).
/// - An id names one task, and none once that was joined (`group::abort_stops_one_task`).
/// - [`shutdown`](Self::shutdown) waits for destructors (`group::shutdown_waits_for_destructors`), and what is detached runs on
///   (`group::detach_all_lets_them_run`).
/// - [`len`](Self::len) counts what was not joined (`group::len_counts_the_unjoined`).
///
/// # Cancellation
///
/// Dropping the future of [`join_next`](Self::join_next) loses no task (`group::dropped_join_next_loses_nothing`). The abort by a drop is a request: the tasks'
/// destructors run soon after, and [`shutdown`](Self::shutdown) waits for them.
///
/// # Cost
///
/// That of [`TaskSet`]: one allocation for each place, which later tasks use again, besides those of the tasks.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::TaskGroup;
///
/// async fn sum_of_squares<R: Runtime>(rt: &R, numbers: &[u64]) -> u64 {
///     let mut group = TaskGroup::new(rt);
///     for &number in numbers {
///         group.spawn(async move { number * number });
///     }
///     let mut sum = 0;
///     while let Some(square) = group.join_next().await {
///         sum += square.unwrap_or_else(|error| error.resume_unwind());
///     }
///     sum
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(sum_of_squares(&rt.handle(), &[1, 2, 3])), 14);
/// ```
pub struct TaskGroup<R: Spawn + SpawnBlocking, T: Send + 'static> {
    runtime: R,
    tasks: TaskSet<(), GroupTask<R, T>>,
}

type GroupTask<R, T> = EitherTask<<R as Spawn>::Task<T>, <R as SpawnBlocking>::BlockingTask<T>>;

impl<R: Spawn + SpawnBlocking, T: Send + 'static> TaskGroup<R, T> {
    /// Makes an empty group, whose tasks run on `runtime`.
    pub fn new(runtime: R) -> Self {
        Self {
            runtime,
            tasks: TaskSet::new(),
        }
    }

    /// The runtime on which the tasks run.
    pub fn runtime(&self) -> &R {
        &self.runtime
    }

    /// Starts `future` as a task of the group.
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F) -> TaskId
    where
        F: Future<Output = T> + Send + 'static,
    {
        let task = self.runtime.spawn(future);
        self.tasks.insert((), EitherTask::task(task))
    }

    /// Starts `future` as a task of the group that goes by `name` in the runtime's tools; see [`Spawn::spawn_named`].
    #[inline]
    #[track_caller]
    pub fn spawn_named<F>(&mut self, name: &str, future: F) -> TaskId
    where
        F: Future<Output = T> + Send + 'static,
    {
        let task = self.runtime.spawn_named(name, future);
        self.tasks.insert((), EitherTask::task(task))
    }

    /// Submits `work` to the runtime's blocking pool, as a task of the group.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_structured::TaskGroup;
    ///
    /// async fn both_kinds<R: Runtime>(rt: R) -> u32 {
    ///     let mut group = TaskGroup::new(rt);
    ///     group.spawn(async { 1 });
    ///     group.spawn_blocking(|| 2);
    ///     group.join_all().await.into_iter().flatten().sum()
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(both_kinds(rt.handle())), 3);
    /// ```
    #[inline]
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, work: F) -> TaskId
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let task = self.runtime.spawn_blocking(work);
        self.tasks.insert((), EitherTask::blocking(task))
    }

    /// Submits `work` to the runtime's blocking pool under a name; see [`SpawnBlocking::spawn_blocking_named`].
    #[inline]
    #[track_caller]
    pub fn spawn_blocking_named<F>(&mut self, name: &str, work: F) -> TaskId
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let task = self.runtime.spawn_blocking_named(name, work);
        self.tasks.insert((), EitherTask::blocking(task))
    }

    /// Waits for the next task to end and takes it out of the group; yields `None` when the group is empty.
    ///
    /// # Cancellation
    ///
    /// Dropping the returned future loses no task.
    #[inline]
    pub fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> {
        std::future::poll_fn(|cx| self.poll_join_next(cx))
    }

    /// Polls for the next task that ends, for futures written by hand.
    #[inline]
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.tasks
            .poll_join_next(cx)
            .map(|ended| ended.map(|((), output)| output))
    }

    /// Takes a task that has ended out of the group, if one is found without waiting; see [`TaskSet::try_join_next`].
    #[inline]
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.tasks.try_join_next().map(|((), output)| output)
    }

    /// Waits for all tasks and returns their outputs in the order in which they were spawned.
    ///
    /// An error of one task stops no other; for that, [`try_scope`](crate::try_scope).
    ///
    /// # Cancellation
    ///
    /// Dropping the returned future aborts the tasks that have not ended, and drops the outputs of those that have.
    pub fn join_all(self) -> impl Future<Output = Vec<Result<T, JoinError>>> {
        let all = self.tasks.join_all();
        async move { all.await.into_iter().map(|((), output)| output).collect() }
    }

    /// Asks all tasks to stop, and returns at once. They stay in the group until they are joined.
    #[inline]
    pub fn abort_all(&mut self) {
        self.tasks.abort_all();
    }

    /// Asks one task to stop, and tells whether it was still in the group. It stays in there until it is joined.
    #[inline]
    pub fn abort(&mut self, id: TaskId) -> bool {
        self.tasks.abort(id)
    }

    /// Makes a handle that aborts one task from anywhere, or `None` when the task is no longer in the group.
    ///
    /// # Cost
    ///
    /// That of [`JoinHandle::abort_handle`](anyrt_core::JoinHandle::abort_handle).
    #[inline]
    pub fn abort_handle(&mut self, id: TaskId) -> Option<AbortHandle> {
        self.tasks.abort_handle(id)
    }

    /// Asks all tasks to stop and waits until they are gone; their outputs and panics are dropped.
    ///
    /// # Cancellation
    ///
    /// The request is made by the call. Dropping the returned future stops the waiting and nothing else.
    #[inline]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> {
        self.tasks.shutdown()
    }

    /// Lets all tasks run on with nobody to join them, and empties the group.
    #[inline]
    pub fn detach_all(&mut self) {
        self.tasks.detach_all();
    }

    /// The number of tasks that have not been joined, ended or not.
    #[inline]
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Tells whether all tasks have been joined.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

impl<R: Spawn + SpawnBlocking, T: Send> fmt::Debug for TaskGroup<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
