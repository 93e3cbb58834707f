use std::fmt;
use std::future::Future;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, SpawnLocal};

use crate::{TaskId, TaskSet};

/// Spawns local tasks on one runtime and joins them as they end, for futures that are not `Send`.
///
/// It is to [`LocalRuntime`](anyrt_core::LocalRuntime) what [`TaskGroup`](crate::TaskGroup) is to
/// [`Runtime`](anyrt_core::Runtime), and keeps what that page says. Blocking closures go into a
/// [`TaskSet`] of their own: their outputs are `Send`, and those of local tasks need not be.
///
/// # Cancellation
///
/// Dropping the group aborts its tasks. Dropping the future of [`join_next`](Self::join_next) loses none.
///
/// # Cost
///
/// That of [`TaskSet`].
///
/// # Examples
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use anyrt_core::prelude::*;
/// use anyrt_structured::LocalTaskGroup;
///
/// async fn count<R: LocalRuntime>(rt: &R) -> u32 {
///     let hits = Rc::new(Cell::new(0));
///     let mut group = LocalTaskGroup::new(rt);
///     for _ in 0..3 {
///         let hits = hits.clone();
///         group.spawn(async move { hits.set(hits.get() + 1) });
///     }
///     group.join_all().await;
///     hits.get()
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(count(&rt.handle())), 3);
/// ```
pub struct LocalTaskGroup<R: SpawnLocal, T: 'static> {
    runtime: R,
    tasks: TaskSet<(), R::LocalTask<T>>,
}

impl<R: SpawnLocal, T: 'static> LocalTaskGroup<R, T> {
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
        F: Future<Output = T> + 'static,
    {
        let task = self.runtime.spawn_local(future);
        self.tasks.insert((), task)
    }

    /// Starts `future` as a task of the group that goes by `name` in the runtime's tools; see [`SpawnLocal::spawn_local_named`].
    #[inline]
    #[track_caller]
    pub fn spawn_named<F>(&mut self, name: &str, future: F) -> TaskId
    where
        F: Future<Output = T> + 'static,
    {
        let task = self.runtime.spawn_local_named(name, future);
        self.tasks.insert((), task)
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

impl<R: SpawnLocal, T> fmt::Debug for LocalTaskGroup<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTaskGroup")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
