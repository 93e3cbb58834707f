use std::future::Future;
use std::time::Duration;

use anyrt_core::{
    Current, Instant, JoinHandle, NoRuntime, Spawn, SpawnBlocking, SpawnLocal, SystemTime, Timer,
};

use crate::handle::here;
use crate::{BlockingTask, LocalTask, Sleep, Task, Wasm};

/// The executor that the caller runs on, whichever that is: zero-sized, looked up at every call.
///
/// For code with static calls, which has nowhere to keep a handle. In a task of an [`Owned`](crate::Owned) executor that is the
/// owned one; anywhere else it is the page's. Prefer [`Wasm`] elsewhere: where the caller runs cannot change what it means.
///
/// # Cost
///
/// 0 bytes; a spawn reads a thread-local and, on an owned executor, clones its handle.
///
/// # Examples
///
/// ```no_run
/// use anyrt_core::prelude::*;
/// use anyrt_wasm::{Ambient, Owned};
///
/// let rt = Owned::new();
/// rt.handle().spawn_detached(async {
///     let answer = Ambient.spawn(async { 42 }).await;
///     assert_eq!(answer.unwrap(), 42);
/// });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ambient;

impl Ambient {
    #[inline]
    fn handle(&self) -> Wasm {
        here().unwrap_or(Wasm::global())
    }
}

impl Current for Ambient {
    /// Returns itself.
    ///
    /// # Errors
    ///
    /// None: the page's executor is everywhere.
    fn try_current() -> Result<Self, NoRuntime> {
        Ok(Self)
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
        self.handle().spawn(future)
    }
}

impl SpawnLocal for Ambient {
    type LocalTask<T> = LocalTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.handle().spawn_local(future)
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
        self.handle().spawn_blocking(work)
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
        self.handle().now()
    }

    #[inline]
    fn system_time(&self) -> SystemTime {
        self.handle().system_time()
    }
}
