use std::future::Future;
use std::time::{Duration, SystemTime};

use anyrt_core::{
    BlockOn, Current, Instant, JoinHandle, NoRuntime, Spawn, SpawnBlocking, SpawnLocal, SpawnMeta,
    Timer,
};

use crate::{BlockingTask, LocalTask, Sim, Sleep, Task};

/// The simulation that the caller runs in, whichever that is: zero-sized, looked up at every call.
///
/// For code with static calls, which has nowhere to keep a handle. Prefer [`Sim`] elsewhere. Tasks inherit the name and the
/// [group](Sim::group) of the task that spawns them.
///
/// # Panics
///
/// Every call panics where there is no simulation, with the message of [`NoRuntime`], which names the call.
/// [`Ambient::try_current`](Current::try_current) checks without a panic.
///
/// # Cost
///
/// 0 bytes; each call looks its simulation up.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_sim::{Ambient, Sim};
///
/// let rt = Sim::builder().build();
/// let answer = rt.block_on(async { Ambient.spawn(async { 42 }).await });
/// assert_eq!(answer?, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ambient;

/// # Panics
///
/// Outside any simulation, with the name of the call that was made.
#[track_caller]
pub(crate) fn find(call: &'static str) -> Sim {
    match Sim::find(call) {
        Ok(sim) => sim,
        Err(error) => panic!("{error}"),
    }
}

impl Current for Ambient {
    /// Checks that the caller runs in a simulation.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] outside any simulation.
    fn try_current() -> Result<Self, NoRuntime> {
        Sim::find("Ambient::try_current").map(|_| Self)
    }
}

impl Spawn for Ambient {
    type Task<T: Send> = Task<T>;

    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        find("Ambient::spawn").spawn(future)
    }

    #[track_caller]
    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        find("Ambient::spawn").spawn_with(meta, future)
    }
}

impl SpawnLocal for Ambient {
    type LocalTask<T> = LocalTask<T>;

    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        find("Ambient::spawn_local").spawn_local(future)
    }

    #[track_caller]
    fn spawn_local_with<F>(
        &self,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        find("Ambient::spawn_local").spawn_local_with(meta, future)
    }
}

impl SpawnBlocking for Ambient {
    type BlockingTask<T: Send> = BlockingTask<T>;

    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        find("Ambient::spawn_blocking").spawn_blocking(work)
    }

    #[track_caller]
    fn spawn_blocking_with<F, T>(&self, meta: SpawnMeta<'_>, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        find("Ambient::spawn_blocking").spawn_blocking_with(meta, work)
    }
}

impl Timer for Ambient {
    type Sleep = Sleep;

    #[track_caller]
    fn sleep(&self, duration: Duration) -> Sleep {
        find("Ambient::sleep").sleep(duration)
    }

    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Sleep {
        find("Ambient::sleep_until").sleep_until(deadline)
    }

    #[track_caller]
    fn now(&self) -> Instant {
        find("Ambient::now").now()
    }

    #[track_caller]
    fn system_time(&self) -> SystemTime {
        find("Ambient::system_time").system_time()
    }
}

impl BlockOn for Ambient {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        find("Ambient::block_on").block_on(future)
    }
}
