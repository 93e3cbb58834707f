use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, Current, JoinError, RawTask, SpawnLocal, SpawnMeta};

use super::definition::task_group;
use crate::{TaskId, TaskSet};

task_group! {
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
    /// Rules: `calls::local_ids_name_what_ended`.
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
    pub struct LocalTaskGroup on [SpawnLocal], output ['static], task <R as SpawnLocal>::LocalTask<T>;
    future ['static];
    spawn(runtime, meta, future) {
        match meta {
            None => runtime.spawn_local(future),
            Some(meta) => runtime.spawn_local_with(meta, future),
        }
    }
}
