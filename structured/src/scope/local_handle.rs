use std::fmt;
use std::future::Future;
use std::sync::Arc;

use anyrt_core::{SpawnLocal, SpawnMeta};

use super::core::Core;
use super::future::Always;
use crate::CancellationToken;

pub(super) type LocalScopeTask<R, E> = <R as SpawnLocal>::LocalTask<Result<(), E>>;

/// Spawns local tasks into a scope; made by [`local_scope`](crate::local_scope) and [`try_local_scope`](crate::try_local_scope).
///
/// Clones spawn into the same scope.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
/// use anyrt_core::prelude::*;
/// use anyrt_structured::{LocalScope, local_scope};
///
/// fn walk<R: LocalRuntime>(scope: LocalScope<R, Infallible>, depth: u32) {
///     if depth > 0 {
///         let below = scope.clone();
///         scope.spawn(async move { walk(below, depth - 1) });
///     }
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// rt.block_on(local_scope(&rt.handle(), |scope| async { walk(scope, 10) }));
/// ```
pub struct LocalScope<R: SpawnLocal, E: 'static> {
    runtime: R,
    core: Arc<Core<LocalScopeTask<R, E>>>,
}

impl<R: SpawnLocal, E: 'static> LocalScope<R, E> {
    pub(super) fn new(runtime: R, core: Arc<Core<LocalScopeTask<R, E>>>) -> Self {
        Self { runtime, core }
    }

    /// Starts `future` as a task of the scope.
    #[track_caller]
    pub fn spawn<F>(&self, future: F)
    where
        F: Future<Output = ()> + 'static,
    {
        self.spawn_result(Always::new(future));
    }

    /// Starts `future` as a task of the scope that goes by `name` in the runtime's tools; see
    /// [`SpawnLocal::spawn_local_named`].
    #[track_caller]
    pub fn spawn_named<F>(&self, name: &str, future: F)
    where
        F: Future<Output = ()> + 'static,
    {
        self.spawn_result_named(name, Always::new(future));
    }

    /// Starts `future` as a task of the scope, whose error stops the scope.
    #[track_caller]
    pub fn spawn_result<F>(&self, future: F)
    where
        F: Future<Output = Result<(), E>> + 'static,
    {
        self.start(SpawnMeta::unnamed(), future);
    }

    /// Starts `future` as a task of the scope, whose error stops the scope, under a name.
    #[track_caller]
    pub fn spawn_result_named<F>(&self, name: &str, future: F)
    where
        F: Future<Output = Result<(), E>> + 'static,
    {
        self.start(SpawnMeta::named(name), future);
    }

    /// The token that is cancelled when the scope fails, is dropped, or has ended. For tasks that tidy up.
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
        F: Future<Output = Result<(), E>> + 'static,
    {
        if !self.core.has_ended() {
            self.core.add(self.runtime.spawn_local_with(meta, future));
        }
    }
}

impl<R: SpawnLocal + Clone, E: 'static> Clone for LocalScope<R, E> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            core: self.core.clone(),
        }
    }
}

impl<R: SpawnLocal, E: 'static> fmt::Debug for LocalScope<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalScope")
            .field("has_ended", &self.core.has_ended())
            .finish_non_exhaustive()
    }
}
