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
/// 64 bytes, and no allocation of its own; `Unpin`. Making one reads the clock, polling it reads the clock, and a pending one
/// is an entry in the reactor's ordered map. A ready one counts on a thread-local: the 129th that is ready in a row on one task
/// is pending once, so that a loop of sleeps that are over starves nobody ([`give_way`]). The resolution is that of the system's poller, tens of microseconds on Linux.
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
    /// The timer says so once, and is pending for ever afterwards.
    fired: bool,
    /// The task was made to give way before it heard of that: see [`give_way`].
    put_off: bool,
    elapsed: bool,
}

impl Sleep {
    /// Makes a sleep that is ready when `duration` has passed since this call.
    #[inline]
    pub fn after(duration: Duration) -> Self {
        let now = Instant::now();
        Self::until(now.checked_add(duration).unwrap_or_else(|| now + FAR))
    }

    /// Makes a sleep that is ready at `deadline`.
    #[inline]
    pub fn until(deadline: Instant) -> Self {
        Self {
            timer: Timer::at(deadline),
            fired: false,
            put_off: false,
            elapsed: false,
        }
    }
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.fired {
            ready!(Pin::new(&mut self.timer).poll(cx));
            self.fired = true;
        }
        ready!(give_way(&mut self.put_off, cx));
        self.elapsed = true;
        Poll::Ready(())
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.timer.set_at(deadline);
        self.fired = false;
        self.put_off = false;
        self.elapsed = false;
    }

    #[inline]
    fn is_elapsed(&self) -> bool {
        self.elapsed
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}
