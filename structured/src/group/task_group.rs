use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, Current, JoinError, RawTask, Spawn, SpawnBlocking, SpawnMeta};

use super::definition::task_group;
use super::group_task::GroupTask;
use crate::{TaskId, TaskSet};

task_group! {
    /// Spawns tasks and blocking closures on one runtime and joins them as they end.
    ///
    /// It is tokio's `JoinSet` for any runtime. `R` is a handle or a reference to one, and `T` is the output of every task. Use
    /// [`TaskSet`] for handles that you have already, [`TaskMap`](crate::TaskMap) for one task per key,
    /// [`LocalTaskGroup`](crate::LocalTaskGroup) for futures that are not `Send`, and [`scope`](crate::scope) for tasks that must
    /// end before a function returns.
    ///
    /// # Contract
    ///
    /// - **Dropping the group aborts all tasks** in it (`group::drop_aborts_all`). Blocking closures run to their end all the
    ///   same (`group::closures_run_to_their_end`).
    /// - Every task is returned exactly once, with its output or with the [`JoinError`] that says how it ended
    ///   (`group::returns_each_task_once`).
    /// - Only woken tasks are polled (`group::polls_only_woken_tasks`).
    /// - Whoever waits in [`poll_join_next`](Self::poll_join_next) is woken for a task that another one spawns meanwhile
    ///   (`group::wait_sees_new_tasks`).
    /// - Tasks run whether or not anybody joins them (`group::runs_without_a_joiner`).
    /// - [`join_all`](Self::join_all) keeps the order of the spawns (`group::join_all_keeps_the_order`).
    /// - An id names one task, and no task after that one was joined (`group::abort_stops_one_task`).
    /// - [`shutdown`](Self::shutdown) waits for destructors (`group::shutdown_waits_for_destructors`).
    /// - Detached tasks run on (`group::detach_all_lets_them_run`).
    /// - [`len`](Self::len) counts the tasks that were not joined (`group::len_counts_the_unjoined`).
    ///
    /// # Cancellation
    ///
    /// Dropping the future of [`join_next`](Self::join_next) loses no task (`group::dropped_join_next_loses_nothing`). Dropping the
    /// group only requests the aborts: the destructors run soon after. [`shutdown`](Self::shutdown) waits for them.
    ///
    /// # Cost
    ///
    /// That of [`TaskSet`]: one allocation for each place, which later tasks use again, besides those of the tasks.
    ///
    /// Rules: `calls::ids_name_what_ended`.
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
    pub struct TaskGroup on [Spawn + SpawnBlocking], output [Send + 'static],
        task GroupTask<<R as Spawn>::Task<T>, <R as SpawnBlocking>::BlockingTask<T>>;
    future [Send + 'static];
    spawn(runtime, meta, future) {
        GroupTask::task(match meta {
            None => runtime.spawn(future),
            Some(meta) => runtime.spawn_with(meta, future),
        })
    }
}

impl<R: Spawn + SpawnBlocking, T: Send + 'static> TaskGroup<R, T> {
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
        self.tasks.insert((), GroupTask::blocking(task))
    }

    /// Submits `work` to the runtime's blocking pool under a name; see [`SpawnBlocking::spawn_blocking_named`].
    #[inline]
    #[track_caller]
    pub fn spawn_blocking_named<F>(&mut self, name: &str, work: F) -> TaskId
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let task = self.runtime.spawn_blocking_named(name, work);
        self.tasks.insert((), GroupTask::blocking(task))
    }
}
