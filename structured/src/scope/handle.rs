use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use anyrt_core::{RawTask, Spawn, SpawnBlocking, SpawnMeta};

use super::core::Core;
use super::definition::scope_handle;
use super::future::Always;
use crate::{CancellationToken, GroupTask};

pub(super) type ScopeTask<R, E> =
    GroupTask<<R as Spawn>::Task<Result<(), E>>, <R as SpawnBlocking>::BlockingTask<Result<(), E>>>;

scope_handle! {
    /// Spawns tasks into a scope; made by [`scope`](crate::scope) and [`try_scope`](crate::try_scope).
    ///
    /// Clones spawn into the same scope: a task with a clone can spawn siblings of itself.
    ///
    /// Rules: `calls::scope_waits_for_the_named`.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_structured::{Scope, scope};
    ///
    /// fn walk<R: Runtime>(scope: Scope<R, std::convert::Infallible>, depth: u32) {
    ///     if depth > 0 {
    ///         let below = scope.clone();
    ///         scope.spawn(async move { walk(below, depth - 1) });
    ///     }
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// rt.block_on(scope(&rt.handle(), |scope| async { walk(scope, 10) }));
    /// ```
    pub struct Scope on [Spawn + SpawnBlocking], error [Send + 'static],
        task GroupTask<
            <R as Spawn>::Task<Result<(), E>>,
            <R as SpawnBlocking>::BlockingTask<Result<(), E>>,
        >;
    future [Send + 'static];
    spawn(runtime, meta, future) {
        GroupTask::task(runtime.spawn_with(meta, future))
    }
}

impl<R: Spawn + SpawnBlocking, E: Send + 'static> Scope<R, E> {
    /// Submits `work` to the runtime's blocking pool. The closure cannot be aborted, so the scope waits for it even when it fails.
    /// After the scope has ended, the closure is dropped (`scope::waits_for_closures`).
    #[track_caller]
    pub fn spawn_blocking<F>(&self, work: F)
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
    {
        self.submit(SpawnMeta::unnamed(), work);
    }

    /// Submits `work` to the runtime's blocking pool under a name; see [`spawn_blocking`](Self::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking_named<F>(&self, name: &str, work: F)
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
    {
        self.submit(SpawnMeta::named(name), work);
    }

    #[track_caller]
    fn submit<F>(&self, meta: SpawnMeta<'_>, work: F)
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
    {
        if !self.core.has_ended() {
            let task = self.runtime.spawn_blocking_with(meta, work);
            self.core.add(GroupTask::blocking(task));
        }
    }
}
