use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use anyrt_core::{RawTask, SpawnLocal, SpawnMeta};

use super::core::Core;
use super::definition::scope_handle;
use super::future::Always;
use crate::CancellationToken;

scope_handle! {
    /// Spawns local tasks into a scope; made by [`local_scope`](crate::local_scope) and [`try_local_scope`](crate::try_local_scope).
    ///
    /// Clones spawn into the same scope.
    ///
    /// Rules: `calls::local_scope_waits_for_the_named`.
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
    pub struct LocalScope on [SpawnLocal], error ['static], task <R as SpawnLocal>::LocalTask<Result<(), E>>;
    future ['static];
    spawn(runtime, meta, future) {
        runtime.spawn_local_with(meta, future)
    }
}
