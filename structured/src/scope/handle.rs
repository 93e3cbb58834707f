use std::fmt;
use std::future::Future;
use std::sync::Arc;

use anyrt_core::{Spawn, SpawnBlocking, SpawnMeta};

use super::core::Core;
use super::future::Always;
use crate::CancellationToken;
use crate::group::EitherTask;

pub(super) type ScopeTask<R, E> = EitherTask<
    <R as Spawn>::Task<Result<(), E>>,
    <R as SpawnBlocking>::BlockingTask<Result<(), E>>,
>;

/// Spawns tasks into a scope; made by [`scope`](crate::scope) and [`try_scope`](crate::try_scope).
///
/// Clones spawn into the same scope: a task that is given one may spawn its own siblings.
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
pub struct Scope<R: Spawn + SpawnBlocking, E: Send + 'static> {
    runtime: R,
    core: Arc<Core<ScopeTask<R, E>>>,
}

impl<R: Spawn + SpawnBlocking, E: Send + 'static> Scope<R, E> {
    pub(super) fn new(runtime: R, core: Arc<Core<ScopeTask<R, E>>>) -> Self {
        Self { runtime, core }
    }

    /// Starts `future` as a task of the scope.
    #[track_caller]
    pub fn spawn<F>(&self, future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.spawn_result(Always::new(future));
    }

    /// Starts `future` as a task of the scope that goes by `name` in the runtime's tools; see [`Spawn::spawn_named`].
    #[track_caller]
    pub fn spawn_named<F>(&self, name: &str, future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.spawn_result_named(name, Always::new(future));
    }

    /// Starts `future` as a task of the scope, whose error stops the scope.
    #[track_caller]
    pub fn spawn_result<F>(&self, future: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.start(SpawnMeta::unnamed(), future);
    }

    /// Starts `future` as a task of the scope, whose error stops the scope, under a name.
    #[track_caller]
    pub fn spawn_result_named<F>(&self, name: &str, future: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.start(SpawnMeta::named(name), future);
    }

    /// Submits `work` to the runtime's blocking pool. The scope waits for it, whatever happens: it cannot be aborted
    /// (`scope::waits_for_closures`).
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

    /// The token that is cancelled when the scope fails, is dropped, or has ended. For closures that block, and for tasks that
    /// tidy up.
    pub fn token(&self) -> &CancellationToken {
        self.core.token()
    }

    /// The runtime on which the tasks run.
    pub fn runtime(&self) -> &R {
        &self.runtime
    }

    #[track_caller]
    fn start<F>(&self, meta: SpawnMeta<'_>, future: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        if !self.core.has_ended() {
            let task = self.runtime.spawn_with(meta, future);
            self.core.add(EitherTask::task(task));
        }
    }

    #[track_caller]
    fn submit<F>(&self, meta: SpawnMeta<'_>, work: F)
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
    {
        if !self.core.has_ended() {
            let task = self.runtime.spawn_blocking_with(meta, work);
            self.core.add(EitherTask::blocking(task));
        }
    }
}

impl<R: Spawn + SpawnBlocking + Clone, E: Send + 'static> Clone for Scope<R, E> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            core: self.core.clone(),
        }
    }
}

impl<R: Spawn + SpawnBlocking, E: Send + 'static> fmt::Debug for Scope<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("has_ended", &self.core.has_ended())
            .finish_non_exhaustive()
    }
}
