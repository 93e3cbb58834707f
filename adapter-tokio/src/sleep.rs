use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::Instant;
use pin_project_lite::pin_project;

pin_project! {
    /// A sleep on tokio's timer; made by [`Timer::sleep`](anyrt_core::Timer::sleep).
    ///
    /// Not `Unpin`, as tokio's own is not: pin it where it lives with [`std::pin::pin!`].
    ///
    /// # Panics
    ///
    /// When it is polled before its deadline and its runtime is gone: "A Tokio 1.x context was found, but it is being
    /// shutdown." It never hangs (`shutdown::handles_resolve_afterwards`).
    ///
    /// # Cost
    ///
    /// No allocation, and 8 bytes more than tokio's own. The first poll reads the clock, because tokio rounds deadlines up
    /// to its next millisecond: one that is past by less would not be ready (`sleep::zero_and_past_are_ready_at_once`).
    ///
    /// # Runtimes
    ///
    /// The resolution is 1 ms, rounded up. The clock that the first poll reads is that of the runtime which polls: with a
    /// paused clock, poll a sleep on its own runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    /// use anyrt_core::{Config, prelude::*};
    ///
    /// let rt = anyrt_tokio::Owned::launch(Config::new())?;
    /// let mut sleep = pin!(rt.handle().sleep(Duration::from_millis(2)));
    /// rt.block_on(sleep.as_mut());
    /// assert!(sleep.is_elapsed());
    /// # Ok::<(), anyrt_core::LaunchError>(())
    /// ```
    pub struct Sleep {
        #[pin]
        inner: tokio::time::Sleep,
        state: State,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Its duration was zero: the first poll is ready without a look at the clock.
    Due,
    /// Not polled since it was made or reset: the next poll compares with the clock.
    Fresh,
    /// tokio's timer has the waker.
    Armed,
    /// It has been ready, and stays so until it is reset.
    Elapsed,
}

impl Sleep {
    /// Must be called inside the runtime's context.
    #[inline]
    #[track_caller]
    pub(crate) fn after(duration: Duration) -> Self {
        let state = if duration.is_zero() {
            State::Due
        } else {
            State::Fresh
        };
        Self {
            inner: tokio::time::sleep(duration),
            state,
        }
    }

    /// Must be called inside the runtime's context.
    #[inline]
    #[track_caller]
    pub(crate) fn until(deadline: Instant) -> Self {
        Self {
            inner: tokio::time::sleep_until(bounded(deadline)),
            state: State::Fresh,
        }
    }
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let is_due = match this.state {
            State::Due | State::Elapsed => true,
            State::Fresh => tokio::time::Instant::now() >= this.inner.deadline(),
            State::Armed => false,
        };
        if !is_due {
            *this.state = State::Armed;
            ready!(this.inner.poll(cx));
        }
        *this.state = State::Elapsed;
        Poll::Ready(())
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        this.inner.reset(bounded(deadline));
        *this.state = State::Fresh;
    }

    #[inline]
    fn deadline(&self) -> Option<Instant> {
        Some(self.inner.deadline().into_std())
    }

    #[inline]
    fn is_elapsed(&self) -> bool {
        self.state == State::Elapsed
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Makes room for the millisecond that tokio adds to round up, so that the end of the clock does not overflow.
#[inline]
fn bounded(deadline: Instant) -> tokio::time::Instant {
    const ROUNDING: Duration = Duration::from_millis(1);
    match deadline.checked_add(ROUNDING) {
        Some(_) => deadline.into(),
        None => (deadline - ROUNDING).into(),
    }
}
