use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

#[cfg(tokio_unstable)]
use anyrt_core::SpawnMeta;
use anyrt_core::{
    BlockOn, Current, Instant, JoinHandle, LaunchError, NoRuntime, Spawn, SpawnBlocking, Timer,
};

#[cfg(tokio_unstable)]
use crate::builder;
use crate::{BlockingTask, Sleep, Task};

pub(crate) const RUNTIME: &str = "tokio";

/// A handle that carries its tokio runtime, and wins over whatever runtime the caller runs on.
///
/// It works from any thread, also a plain one. It does not keep its runtime alive: on a runtime that is gone, tasks and
/// closures resolve *cancelled*, and a sleep panics when it is polled before its deadline (see [`Sleep`]).
///
/// | you have | you write |
/// | --- | --- |
/// | a runtime of your own to start | [`Owned::launch`](crate::Owned), and [`handle()`](anyrt_core::Launch::handle) on it |
/// | a running runtime around you | [`Tokio::try_current()`](Current::try_current) |
/// | a [`tokio::runtime::Handle`] | [`Tokio::try_from(handle)`](TryFrom::try_from) |
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics inside async code of any tokio runtime: "Cannot start a runtime from within a
/// runtime." It works inside blocking closures. [`spawn_blocking`](SpawnBlocking::spawn_blocking) panics where the system
/// refuses the pool's first thread: "OS can't spawn worker thread".
///
/// # Cost
///
/// 16 bytes. To make a sleep, and on a current-thread runtime to read the clock, a handle enters its runtime, which takes some
/// 35 ns; [`Ambient`](crate::Ambient) saves them.
///
/// # Runtimes
///
/// [`block_on`](BlockOn::block_on) through a handle of a current-thread runtime polls its future here, but tasks and timers
/// move only while somebody drives the runtime itself.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_tokio::Tokio;
///
/// let native = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
/// let rt = Tokio::try_from(native.handle().clone())?;
/// let task = rt.spawn(async { tokio::task::try_id().is_some() });
/// assert!(rt.block_on(task)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Tokio {
    handle: tokio::runtime::Handle,
}

impl Tokio {
    /// The handle of a runtime that is known to have timers.
    pub(crate) fn new(handle: tokio::runtime::Handle) -> Self {
        Self { handle }
    }

    /// Returns tokio's own handle, for what only tokio offers.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, Launch};
    ///
    /// let rt = anyrt_tokio::Owned::launch(Config::new().worker_threads(2))?;
    /// assert_eq!(rt.handle().as_tokio().metrics().num_workers(), 2);
    /// # Ok::<(), anyrt_core::LaunchError>(())
    /// ```
    pub fn as_tokio(&self) -> &tokio::runtime::Handle {
        &self.handle
    }
}

impl TryFrom<tokio::runtime::Handle> for Tokio {
    type Error = LaunchError;

    /// Takes the handle of a runtime that has timers.
    ///
    /// # Errors
    ///
    /// [`LaunchError`] when the runtime was built without timers. tokio can be asked only by making a sleep, which then
    /// panics: the panic is caught, but the panic hook prints tokio's line once, and with `panic = "abort"` the process
    /// ends.
    fn try_from(handle: tokio::runtime::Handle) -> Result<Self, LaunchError> {
        let context = handle.enter();
        let has_timers = has_timers();
        drop(context);
        if has_timers {
            Ok(Self::new(handle))
        } else {
            Err(LaunchError::unusable(
                RUNTIME,
                "it was built without timers: build it with `enable_time` or `enable_all`",
            ))
        }
    }
}

impl Current for Tokio {
    /// Returns the handle of the tokio runtime that this thread or task runs on.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] outside any tokio runtime, and inside one without timers, in which case the panic hook prints tokio's
    /// line once.
    fn try_current() -> Result<Self, NoRuntime> {
        match tokio::runtime::Handle::try_current() {
            Ok(handle) if has_timers() => Ok(Self::new(handle)),
            Ok(_) => Err(NoRuntime::new(
                RUNTIME,
                "Tokio::try_current",
                "the one here was built without timers, build it with `enable_time` or `enable_all`",
            )),
            Err(_) => Err(NoRuntime::new(
                RUNTIME,
                "Tokio::try_current",
                "call it inside a tokio runtime, or pass a handle in",
            )),
        }
    }
}

impl Spawn for Tokio {
    type Task<T: Send> = Task<T>;

    #[inline]
    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        JoinHandle::new(Task::new(self.handle.spawn(future)))
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
            Some(name) => JoinHandle::new(Task::new(builder::spawn(name, future, &self.handle))),
            None => self.spawn(future),
        }
    }
}

impl SpawnBlocking for Tokio {
    type BlockingTask<T: Send> = BlockingTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        JoinHandle::new(BlockingTask::new(self.handle.spawn_blocking(work)))
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
                &self.handle,
            ))),
            None => self.spawn_blocking(work),
        }
    }
}

impl Timer for Tokio {
    type Sleep = Sleep;

    // Left to itself, the compiler calls this and moves the sleep once more.
    #[inline(always)]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Sleep {
        let _context = self.handle.enter();
        Sleep::after(duration)
    }

    #[inline(always)]
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Sleep {
        let _context = self.handle.enter();
        Sleep::until(deadline)
    }

    #[inline(always)]
    fn now(&self) -> Instant {
        // tokio pauses no clock but that of a current-thread runtime.
        if self.handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread {
            return Instant::now();
        }
        // Inside its context, because that is where tokio looks for a paused clock.
        let _context = self.handle.enter();
        tokio::time::Instant::now().into_std()
    }
}

impl BlockOn for Tokio {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle.block_on(future)
    }
}

impl fmt::Debug for Tokio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokio").finish_non_exhaustive()
    }
}

/// Tells whether the runtime around the caller has timers.
pub(crate) fn has_timers() -> bool {
    // Nothing is shared with the closure, and tokio changes nothing before it panics.
    catch_unwind(AssertUnwindSafe(|| {
        drop(tokio::time::sleep(Duration::ZERO))
    }))
    .is_ok()
}
