use std::time::Duration;

use anyrt_core::{Instant, JoinHandle, SpawnBlocking, Timer};
use async_task::FallibleTask;

use crate::{BlockingTask, Closures, Contained, Process, Sleep, unblock};

/// What every runtime on async-io has from the process: its timers, its blocking pool and, with the feature `net`, its sockets.
///
/// It works on any thread, inside and outside every runtime, and spawns no tasks.
///
/// # Cost
///
/// The name of a runtime. A sleep costs what [`Sleep`] costs, and a closure what [`unblock`] costs.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
/// use anyrt_shared::Reactor;
///
/// async_io::block_on(Reactor::of("mine").sleep(Duration::from_millis(1)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reactor {
    /// Names the runtime in errors.
    #[cfg_attr(not(feature = "net"), expect(dead_code, reason = "only sockets fail"))]
    pub(crate) runtime: &'static str,
}

impl Reactor {
    /// The reactor, whose errors name `runtime`.
    #[inline]
    pub const fn of(runtime: &'static str) -> Self {
        Self { runtime }
    }
}

impl SpawnBlocking for Reactor {
    type BlockingTask<T: Send> = BlockingTask<FallibleTask<Contained<T>>>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        JoinHandle::new(unblock(Closures::enter(Process), work))
    }
}

impl Timer for Reactor {
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
