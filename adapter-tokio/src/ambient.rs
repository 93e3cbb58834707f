use std::future::Future;
use std::time::Duration;

#[cfg(tokio_unstable)]
use anyrt_core::SpawnMeta;
use anyrt_core::{BlockOn, Current, Instant, JoinHandle, NoRuntime, Spawn, SpawnBlocking, Timer};

#[cfg(tokio_unstable)]
use crate::builder;
use crate::handle::{RUNTIME, has_timers};
use crate::{BlockingTask, Sleep, Task};

/// The tokio runtime that the caller runs on, whichever that is: zero-sized, looked up at every call.
///
/// For code with static calls, which has nowhere to keep a handle, and for hot code: no runtime is entered to make a
/// sleep. Prefer [`Tokio`](crate::Tokio) elsewhere: it works from any thread, and where the caller runs cannot change what
/// it means.
///
/// # Panics
///
/// Every call but [`now`](Timer::now) panics where there is no tokio runtime, with tokio's message: "there is no reactor
/// running, must be called from the context of a Tokio 1.x runtime". [`Ambient::try_current`](Current::try_current) checks
/// without a panic. [`block_on`](BlockOn::block_on) also panics inside async code, and works inside blocking closures.
///
/// # Cost
///
/// 0 bytes; each call is tokio's own function.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_tokio::{Ambient, Owned};
///
/// let rt = Owned::launch(Config::new())?;
/// let answer = rt.block_on(async { Ambient.spawn(async { 42 }).await });
/// assert_eq!(answer?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ambient;

impl Current for Ambient {
    /// Checks that this thread or task runs on a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] outside any tokio runtime, and inside one without timers, in which case the panic hook prints tokio's
    /// line once.
    fn try_current() -> Result<Self, NoRuntime> {
        match tokio::runtime::Handle::try_current() {
            Ok(_) if has_timers() => Ok(Self),
            Ok(_) => Err(NoRuntime::new(
                RUNTIME,
                "Ambient::try_current",
                "the one here was built without timers, build it with `enable_time` or `enable_all`",
            )),
            Err(_) => Err(NoRuntime::new(
                RUNTIME,
                "Ambient::try_current",
                "call it inside a tokio runtime, or pass a handle in",
            )),
        }
    }
}

impl Spawn for Ambient {
    type Task<T: Send> = Task<T>;

    #[inline]
    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        JoinHandle::new(Task::new(tokio::spawn(future)))
    }

    #[cfg(tokio_unstable)]
    #[inline]
    #[track_caller]
    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match meta.name() {
            Some(name) => JoinHandle::new(Task::new(builder::spawn(
                name,
                future,
                &tokio::runtime::Handle::current(),
            ))),
            None => self.spawn(future),
        }
    }
}

impl SpawnBlocking for Ambient {
    type BlockingTask<T: Send> = BlockingTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        JoinHandle::new(BlockingTask::new(tokio::task::spawn_blocking(work)))
    }

    #[cfg(tokio_unstable)]
    #[inline]
    #[track_caller]
    fn spawn_blocking_with<F, T>(&self, meta: SpawnMeta<'_>, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        match meta.name() {
            Some(name) => JoinHandle::new(BlockingTask::new(builder::spawn_blocking(
                name,
                work,
                &tokio::runtime::Handle::current(),
            ))),
            None => self.spawn_blocking(work),
        }
    }
}

impl Timer for Ambient {
    type Sleep = Sleep;

    #[inline]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::after(duration)
    }

    #[inline]
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::until(deadline)
    }

    #[inline]
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

impl BlockOn for Ambient {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        tokio::runtime::Handle::current().block_on(future)
    }
}
