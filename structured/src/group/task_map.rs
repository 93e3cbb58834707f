use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask, Spawn, SpawnBlocking, SpawnLocal};

use super::map_definition::task_map;
use crate::{GroupTask, JoinAll, TaskId, TaskSet};

task_map! {
    /// Spawns tasks under keys, one for each key, and joins them as they end.
    ///
    /// A new task replaces the one that runs under the same key: "the newest request of each user". Use [`TaskSet`] for several
    /// tasks under one key, [`TaskGroup`](crate::TaskGroup) for tasks without keys, and [`LocalTaskMap`] for futures that are not
    /// `Send`.
    ///
    /// # Contract
    ///
    /// - There is at most one task under a key. A replaced task is aborted and never returned (`map::replaces_under_a_key`).
    /// - Every other task is returned exactly once, with its key. Then the key is free again (`map::returns_each_task_once`).
    /// - Dropping the map aborts all tasks in it (`map::drop_aborts_all`). [`shutdown`](Self::shutdown) aborts them too, and waits
    ///   until their destructors have run (`map::shutdown_waits_for_destructors`).
    /// - Tasks that were [removed](Self::remove) or [detached](Self::detach_all) run on (`map::removed_tasks_run_on`).
    /// - Blocking closures run to their end, also when they are replaced (`map::closures_run_to_their_end`).
    ///
    /// # Cancellation
    ///
    /// Dropping the future of [`join_next`](Self::join_next) loses no task. A replaced task is asked to stop; its destructors
    /// run soon after, and may run beside its successor.
    ///
    /// # Cost
    ///
    /// That of a [`TaskSet`] and of a hash map. A key is cloned once for each task.
    ///
    /// Rules: `calls::map_is_empty_when_joined`, `calls::local_map_is_empty_when_joined`.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_structured::TaskMap;
    ///
    /// async fn newest_of_each<R: Runtime>(rt: &R, queries: &[(&'static str, u32)]) -> Vec<(&'static str, u32)> {
    ///     let mut running = TaskMap::new(rt);
    ///     for &(user, query) in queries {
    ///         running.spawn(user, async move { query * 10 });
    ///     }
    ///     let mut answers = Vec::new();
    ///     while let Some((user, answer)) = running.join_next().await {
    ///         answers.push((user, answer.unwrap_or_default()));
    ///     }
    ///     answers.sort_unstable();
    ///     answers
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # let (handle, queries) = (rt.handle(), [("ann", 1), ("bob", 2), ("ann", 3)]);
    /// # assert_eq!(rt.block_on(newest_of_each(&handle, &queries)), [("ann", 30), ("bob", 20)]);
    /// ```
    pub struct TaskMap on [Spawn + SpawnBlocking], output [Send + 'static],
        task GroupTask<<R as Spawn>::Task<T>, <R as SpawnBlocking>::BlockingTask<T>>;
    future [Send + 'static];
    spawn(runtime, future) {
        GroupTask::task(runtime.spawn(future))
    }
}

impl<R: Spawn + SpawnBlocking, K: Clone + Eq + Hash, T: Send + 'static> TaskMap<R, K, T> {
    /// Submits `work` to the runtime's blocking pool under `key`, as [`spawn`](Self::spawn) does with futures.
    ///
    /// A closure that is replaced runs to its end all the same; its output is dropped.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, key: K, work: F) -> bool
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let task = self.runtime.spawn_blocking(work);
        self.replace(key, GroupTask::blocking(task))
    }
}

task_map! {
    /// Spawns local tasks under keys, one for each key, and joins them as they end, for futures that are not `Send`.
    ///
    /// It is to [`LocalRuntime`](anyrt_core::LocalRuntime) what [`TaskMap`] is to [`Runtime`](anyrt_core::Runtime), and keeps what
    /// that page says.
    ///
    /// # Cancellation
    ///
    /// Dropping the map aborts its tasks. Dropping the future of [`join_next`](Self::join_next) loses none.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use anyrt_core::prelude::*;
    /// use anyrt_structured::LocalTaskMap;
    ///
    /// async fn last<R: LocalRuntime>(rt: &R) -> Option<Rc<str>> {
    ///     let mut drawings = LocalTaskMap::new(rt);
    ///     drawings.spawn("window", async { Rc::from("draft") });
    ///     drawings.spawn("window", async { Rc::from("picture") });
    ///     let (_, drawing) = drawings.join_next().await?;
    ///     drawing.ok()
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(last(&rt.handle())).as_deref(), Some("picture"));
    /// ```
    pub struct LocalTaskMap on [SpawnLocal], output ['static], task <R as SpawnLocal>::LocalTask<T>;
    future ['static];
    spawn(runtime, future) {
        runtime.spawn_local(future)
    }
}
