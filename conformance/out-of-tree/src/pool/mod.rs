//! The executors of the futures crate, with the timer of futures-timer.

mod blocking;
mod fair;
mod local;
mod net;
mod sleep;

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use anyrt_core::{BlockOn, Instant, JoinHandle, Spawn, SpawnBlocking, Timer};
use futures::FutureExt;
use futures::executor::{ThreadPool, block_on};
use futures::future::{AbortHandle, abortable};

use crate::{Run, Stop, Task};

use blocking::Blocking;
use fair::Fair;
pub use local::{LocalHandle, LocalPool};
pub use sleep::DelaySleep;

/// Handle of a [`ThreadPool`], with a pool of threads for blocking closures beside it.
///
/// It starts `threads` threads named `futures-pool-N`, 8 named `futures-block-N`, and one for the timers of the process.
#[derive(Clone)]
pub struct Pool {
    tasks: ThreadPool,
    blocking: Blocking,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// When the system refuses one.
    pub fn new(threads: usize) -> io::Result<Self> {
        let mut tasks = ThreadPool::builder();
        tasks.pool_size(threads).name_prefix("futures-pool-");
        Ok(Self {
            tasks: tasks.create()?,
            blocking: Blocking::new()?,
        })
    }
}

/// The flag makes the next poll the last one, which drops the future.
impl Stop for AbortHandle {
    fn stop(&self) {
        self.abort();
    }
}

impl Spawn for Pool {
    type Task<T: Send> = Task<T, AbortHandle>;

    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (run, join) = Run::of(future);
        let (future, stop) = abortable(Fair::new(run, self.tasks.clone()));
        self.tasks.spawn_ok(future.map(drop));
        JoinHandle::new(Task { join, stop })
    }
}

impl SpawnBlocking for Pool {
    type BlockingTask<T: Send> = Task<T, ()>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.blocking.spawn(work)
    }
}

impl Timer for Pool {
    type Sleep = DelaySleep;

    fn sleep(&self, duration: Duration) -> DelaySleep {
        DelaySleep::new(self.now().checked_add(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> DelaySleep {
        DelaySleep::new(Some(deadline))
    }

    fn now(&self) -> Instant {
        Instant::now()
    }
}

impl BlockOn for Pool {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pool").field(&self.tasks).finish()
    }
}
