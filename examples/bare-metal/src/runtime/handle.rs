use alloc::rc::{Rc, Weak};
use core::fmt;
use core::future::Future;
use core::time::Duration;

use anyrt_core::{Instant, JoinHandle, SpawnLocal, Timer};

use super::bare::Executor;
use super::sleep::{Sleep, now};
use super::task::{LocalTask, Run};

/// Spawns on its runtime and does not keep it alive.
#[derive(Clone)]
pub struct Handle(Weak<Executor>);

impl Handle {
    pub(super) fn new(executor: &Rc<Executor>) -> Self {
        Self(Rc::downgrade(executor))
    }
}

impl SpawnLocal for Handle {
    type LocalTask<T> = LocalTask<T>;

    fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let (run, task) = Run::new(future);
        // Without a runtime `run` is dropped here, which cancels the task.
        if let Some(executor) = self.0.upgrade() {
            executor.spawn(run).detach();
        }
        JoinHandle::new(task)
    }
}

impl Timer for Handle {
    type Sleep = Sleep;

    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::until(now().checked_add(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::until(Some(deadline))
    }

    fn now(&self) -> Instant {
        now()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle")
    }
}
