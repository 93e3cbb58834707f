use std::time::Duration;

use anyrt_core::{Instant, Timer};

use crate::Sleep;

/// The timers of async-io's reactor, for code on any thread.
///
/// The reactor belongs to the process, so this carries nothing and works wherever it is.
///
/// # Cost
///
/// No byte. A sleep costs what [`Sleep`] costs.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
/// use anyrt_shared::ReactorTimer;
///
/// async_io::block_on(ReactorTimer.sleep(Duration::from_millis(1)));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ReactorTimer;

impl Timer for ReactorTimer {
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
