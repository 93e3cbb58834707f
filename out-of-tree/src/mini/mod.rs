//! A single-threaded runtime with timers, of the standard library alone.

mod entry;
mod scheduler;
mod sleep;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::time::Duration;

use anyrt_core::{BlockOn, Config, Instant, JoinHandle, Launch, LaunchError, SpawnLocal, Timer};

use crate::{Run, Task};

pub use entry::Entry;
use scheduler::Scheduler;
pub use sleep::Sleep;

/// Stands for a deadline that the clock cannot hold: 100 years.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A runtime that runs its tasks and timers on the thread that blocks on it. It starts no thread.
pub struct Mini(Rc<Scheduler>);

impl Launch for Mini {
    type Handle = Handle;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check("mini", &[])?;
        Ok(Self(Rc::default()))
    }

    fn handle(&self) -> Handle {
        Handle(Rc::downgrade(&self.0))
    }

    fn shutdown(self, _: Duration) {}
}

impl BlockOn for Mini {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

/// Spawns on its [`Mini`], and tells the time. It is weak, since tasks hold handles and the runtime holds tasks.
#[derive(Clone)]
pub struct Handle(Weak<Scheduler>);

impl SpawnLocal for Handle {
    type LocalTask<T: 'static> = Task<T, std::sync::Weak<Entry>>;

    fn spawn_local<F>(&self, future: F) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let run = Run::new(future);
        let join = run.join();
        let stop = match self.0.upgrade() {
            Some(scheduler) => scheduler.spawn(Box::pin(run)),
            // The run is dropped, which cancels it.
            None => Default::default(),
        };
        JoinHandle::new(Task::new(join, stop))
    }
}

impl Timer for Handle {
    type Sleep = Sleep;

    fn sleep(&self, duration: Duration) -> Sleep {
        let now = self.now();
        self.sleep_until(now.checked_add(duration).unwrap_or(now + FAR))
    }

    fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::new(self.0.clone(), deadline)
    }

    fn now(&self) -> Instant {
        Instant::now()
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.move_to(deadline);
    }

    fn is_elapsed(&self) -> bool {
        self.elapsed()
    }
}

impl fmt::Debug for Mini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mini")
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mini::Handle")
    }
}
