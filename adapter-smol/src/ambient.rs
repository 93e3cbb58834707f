use std::future::Future;
use std::time::Duration;

use anyrt_core::{BlockOn, Current, Instant, JoinHandle, NoRuntime, Spawn, SpawnBlocking, Timer};

use crate::handle::here;
use crate::{BlockingTask, Sleep, Smol, Task};

/// The smol executor that the caller runs on, whichever that is: zero-sized, looked up at every call.
///
/// For code with static calls, which has nowhere to keep a handle. On the threads of an [`Owned`](crate::Owned) executor, and
/// inside its `block_on`, that is the owned one; anywhere else it is smol's global one. Prefer [`Smol`] elsewhere: where the
/// caller runs cannot change what it means.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics where [`Smol`]'s does.
///
/// # Cost
///
/// 0 bytes; a spawn reads a thread-local and, on an owned executor, clones its handle.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_smol::{Ambient, Owned};
///
/// let rt = Owned::launch(Config::new())?;
/// let answer = rt.block_on(async { Ambient.spawn(async { 42 }).await });
/// assert_eq!(answer?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ambient;

impl Ambient {
    #[inline]
    fn handle(&self) -> Smol {
        here().unwrap_or(Smol::global())
    }
}

impl Current for Ambient {
    /// Returns itself.
    ///
    /// # Errors
    ///
    /// None: smol's global executor is everywhere.
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
        Instant::now()
    }
}

impl BlockOn for Ambient {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle().block_on(future)
    }
}
