use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::Instant;
use async_io::Timer;

use crate::give_way;

/// Stands for a deadline that the clock cannot express: 100 years of 365 days. A timer without a deadline keeps no waker, so
/// that a reset would wake nobody.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A sleep on the reactor of async-io, which smol and async-std share.
///
/// It works from any thread, inside and outside every runtime, because that reactor belongs to the process.
///
/// # Cost
///
/// 80 bytes, and no allocation of its own; `Unpin`. Making one reads the clock, polling it reads the clock, and a pending one
/// is an entry in the reactor's ordered map. A ready one counts on a thread-local: the 129th that is ready in a row on one task
/// is pending once, so that a loop of sleeps that are over starves nobody ([`give_way`]). The resolution is that of the
/// system's poller, tens of microseconds on Linux.
///
/// # Runtimes
///
/// Dropping it releases its waker; the reactor takes the entry out at its next turn.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_shared::Sleep;
///
/// async_io::block_on(Sleep::after(Duration::from_millis(1)));
/// ```
pub struct Sleep {
    timer: Timer,
    /// `None` where the clock cannot express it. The timer tells its own to nobody.
    deadline: Option<Instant>,
    /// The timer fired, and the task was made to give way before it heard of that: see [`give_way`].
    put_off: bool,
}

impl Sleep {
    /// Makes a sleep that is ready when `duration` has passed since this call.
    #[inline]
    pub fn after(duration: Duration) -> Self {
        let now = Instant::now();
        let deadline = now.checked_add(duration);
        Self {
            timer: Timer::at(deadline.unwrap_or_else(|| now + FAR)),
            deadline,
            put_off: false,
        }
    }

    /// Makes a sleep that is ready at `deadline`.
    #[inline]
    pub fn until(deadline: Instant) -> Self {
        Self {
            timer: Timer::at(deadline),
            deadline: Some(deadline),
            put_off: false,
        }
    }
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.timer.will_fire() {
            ready!(Pin::new(&mut self.timer).poll(cx));
        }
        ready!(give_way(&mut self.put_off, cx));
        Poll::Ready(())
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.timer.set_at(deadline);
        self.deadline = Some(deadline);
        self.put_off = false;
    }

    #[inline]
    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The timer fires once, and has no time to fire at afterwards.
    #[inline]
    fn is_elapsed(&self) -> bool {
        !self.timer.will_fire() && !self.put_off
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("elapsed", &anyrt_core::Sleep::is_elapsed(self))
            .finish_non_exhaustive()
    }
}
