use std::future::Future;

use anyrt_core::{Spawn, SpawnLocal};

/// Spawns hyper's tasks on a runtime: [`hyper::rt::Executor`] for futures that are `Send`.
///
/// hyper spawns the streams of HTTP/2, and the pooled client its connections. The tasks are detached: they end with their
/// connection, or with the runtime.
///
/// # Cost
///
/// One spawn of the runtime per task of hyper's, and nothing besides.
///
/// # Examples
///
/// ```
/// use anyrt_core::Runtime;
/// use anyrt_hyper::{Executor, Timer};
/// use hyper::server::conn::http2;
///
/// fn builder<R: Runtime>(rt: &R) -> http2::Builder<Executor<R>> {
///     let mut builder = http2::Builder::new(Executor::new(rt.clone()));
///     builder.timer(Timer::new(rt));
///     builder
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Executor<R> {
    runtime: R,
}

impl<R> Executor<R> {
    /// Spawns on `runtime`.
    #[inline]
    pub const fn new(runtime: R) -> Self {
        Self { runtime }
    }

    /// The runtime.
    #[inline]
    pub const fn runtime(&self) -> &R {
        &self.runtime
    }
}

impl<R, F> hyper::rt::Executor<F> for Executor<R>
where
    R: Spawn,
    F: Future + Send + 'static,
{
    #[inline]
    fn execute(&self, future: F) {
        self.runtime.spawn_detached(future);
    }
}

/// Spawns hyper's tasks on a local runtime: [`hyper::rt::Executor`] for futures that need not be `Send`.
///
/// For services that hold an `Rc`. The pooled client of hyper-util asks for an executor that is `Send`; local code uses the
/// connections of [`hyper::client::conn`] instead.
///
/// # Cost
///
/// One spawn of the runtime per task of hyper's, and nothing besides.
///
/// # Examples
///
/// ```
/// use anyrt_core::{LocalRuntime, ShareTimer};
/// use anyrt_hyper::{LocalExecutor, Timer};
/// use hyper::server::conn::http2;
///
/// fn builder<R: LocalRuntime + ShareTimer>(rt: &R) -> http2::Builder<LocalExecutor<R>> {
///     let mut builder = http2::Builder::new(LocalExecutor::new(rt.clone()));
///     builder.timer(Timer::new(rt));
///     builder
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalExecutor<R> {
    runtime: R,
}

impl<R> LocalExecutor<R> {
    /// Spawns on `runtime`.
    #[inline]
    pub const fn new(runtime: R) -> Self {
        Self { runtime }
    }

    /// The runtime.
    #[inline]
    pub const fn runtime(&self) -> &R {
        &self.runtime
    }
}

impl<R, F> hyper::rt::Executor<F> for LocalExecutor<R>
where
    R: SpawnLocal,
    F: Future + 'static,
{
    #[inline]
    fn execute(&self, future: F) {
        self.runtime.spawn_local_detached(future);
    }
}
