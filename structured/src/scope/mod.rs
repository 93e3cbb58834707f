//! Tasks that end before the function does that started them.

mod core;
mod definition;
mod future;
mod handle;
mod local_handle;

use std::convert::Infallible;
use std::future::Future;

use anyrt_core::{Spawn, SpawnBlocking, SpawnLocal};

use self::core::Core;
use self::future::Always;
pub use self::future::{ScopeFuture, TryScopeFuture};
pub use self::handle::Scope;
use self::handle::ScopeTask;
pub use self::local_handle::LocalScope;

/// Runs `body`, and waits for all tasks that it started in its scope.
///
/// The body gets a [`Scope`]. It and its tasks clone the scope and spawn into it. The future is ready with the body's output when
/// the body and all tasks have ended. If tasks or the body can fail, and one failure should stop the rest, use [`try_scope`].
///
/// # Contract
///
/// - No task of the scope is left when its future is ready (`scope::all_tasks_end_first`).
/// - A scope whose tasks have all ended goes on, and takes new ones, until its body has ended (`scope::body_waits_without_a_task`).
/// - A panic of a task or of the body cancels the scope's token, aborts the other tasks and waits until they are gone. Then it
///   resumes in the caller that awaits the scope, with its payload (`scope::panic_stops_the_rest`).
/// - A future that is spawned after the scope has ended is dropped (`scope::late_spawns_are_dropped`), and so is a blocking closure
///   (`scope::waits_for_closures`).
///
/// # Cancellation
///
/// Dropping the future cancels the scope's token and aborts all tasks (`scope::drop_aborts_all`), those too that were spawned just
/// before (`scope::drop_aborts_what_is_new`). It does not wait for them, because a drop is not async. Blocking closures run to their
/// end.
///
/// **Tasks are `'static`.** A future can be leaked, with [`std::mem::forget`] or in a cycle of `Rc`s; then it is neither finished nor
/// dropped. So no safe scope can let its tasks borrow from the stack, on any runtime. ([`std::thread::scope`] can, because it
/// blocks.) Share data with the tasks in an `Arc`. The contract above holds for futures that are awaited or dropped.
///
/// # Cost
///
/// One allocation, and per task that of a [`TaskSet`](crate::TaskSet) and a short lock.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use anyrt_core::prelude::*;
/// use anyrt_structured::scope;
///
/// async fn count<R: Runtime>(rt: &R) -> u32 {
///     let hits = Arc::new(AtomicU32::new(0));
///     scope(rt, |scope| {
///         for _ in 0..3 {
///             let hits = hits.clone();
///             scope.spawn(async move {
///                 hits.fetch_add(1, Ordering::Relaxed);
///             });
///         }
///         async {}
///     })
///     .await;
///     hits.load(Ordering::Relaxed) // all three have ended
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(count(&rt.handle())), 3);
/// ```
pub fn scope<R, C, B>(runtime: &R, body: C) -> ScopeFuture<B, B::Output, ScopeTask<R, Infallible>>
where
    R: Spawn + SpawnBlocking + Clone,
    C: FnOnce(Scope<R, Infallible>) -> B,
    B: Future,
{
    ScopeFuture::new(try_scope(runtime, |scope| Always::new(body(scope))))
}

/// Runs `body`, waits for all tasks that it started in its scope, and stops them all at the first error.
///
/// It works as [`scope`]. In addition, an error of the body, or of a task that was started with [`Scope::spawn_result`], drops the
/// body, cancels the scope's token and aborts the other tasks. When they are gone, the error is the result. The first error wins.
///
/// # Contract
///
/// - All destructors of all tasks have run when the error is returned (`scope::first_error_stops_the_rest`).
///
/// # Cancellation
///
/// That of [`scope`].
///
/// # Errors
///
/// The first error of the body or of a task.
///
/// # Examples
///
/// ```
/// use std::future::pending;
/// use anyrt_core::prelude::*;
/// use anyrt_structured::try_scope;
///
/// async fn first_failure<R: Runtime>(rt: &R) -> Result<(), String> {
///     try_scope(rt, |scope| async move {
///         scope.spawn(pending::<()>()); // will be aborted
///         scope.spawn_result(async { Err("disk full".to_owned()) });
///         Ok(())
///     })
///     .await
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(first_failure(&rt.handle())), Err("disk full".to_owned()));
/// ```
pub fn try_scope<R, C, B, T, E>(runtime: &R, body: C) -> TryScopeFuture<B, T, E, ScopeTask<R, E>>
where
    R: Spawn + SpawnBlocking + Clone,
    C: FnOnce(Scope<R, E>) -> B,
    B: Future<Output = Result<T, E>>,
    E: Send + 'static,
{
    let core = Core::new();
    let body = body(Scope::new(runtime.clone(), core.clone()));
    TryScopeFuture::new(body, core)
}

/// Runs `body`, and waits for all local tasks that it started in its scope. It is [`scope`] for tasks that are not `Send`.
///
/// # Cancellation
///
/// That of [`scope`].
///
/// # Examples
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use anyrt_core::prelude::*;
/// use anyrt_structured::local_scope;
///
/// async fn count<R: LocalRuntime>(rt: &R) -> u32 {
///     let hits = Rc::new(Cell::new(0));
///     local_scope(rt, |scope| {
///         let hits = hits.clone();
///         scope.spawn(async move { hits.set(1) });
///         async {}
///     })
///     .await;
///     hits.get()
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(count(&rt.handle())), 1);
/// ```
pub fn local_scope<R, C, B>(
    runtime: &R,
    body: C,
) -> ScopeFuture<B, B::Output, R::LocalTask<Result<(), Infallible>>>
where
    R: SpawnLocal + Clone,
    C: FnOnce(LocalScope<R, Infallible>) -> B,
    B: Future,
{
    ScopeFuture::new(try_local_scope(runtime, |scope| Always::new(body(scope))))
}

/// Runs `body`, waits for all local tasks that it started in its scope, and stops them all at the first error. It is [`try_scope`]
/// for tasks that are not `Send`.
///
/// # Cancellation
///
/// That of [`scope`].
///
/// # Errors
///
/// The first error of the body or of a task.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::prelude::*;
/// use anyrt_structured::try_local_scope;
///
/// async fn fails<R: LocalRuntime>(rt: &R) -> Result<(), Rc<str>> {
///     try_local_scope(rt, |scope| async move {
///         scope.spawn_result(async { Err("disk full".into()) });
///         Ok(())
///     })
///     .await
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(fails(&rt.handle())), Err("disk full".into()));
/// ```
pub fn try_local_scope<R, C, B, T, E>(
    runtime: &R,
    body: C,
) -> TryScopeFuture<B, T, E, R::LocalTask<Result<(), E>>>
where
    R: SpawnLocal + Clone,
    C: FnOnce(LocalScope<R, E>) -> B,
    B: Future<Output = Result<T, E>>,
    E: 'static,
{
    let core = Core::new();
    let body = body(LocalScope::new(runtime.clone(), core.clone()));
    TryScopeFuture::new(body, core)
}
