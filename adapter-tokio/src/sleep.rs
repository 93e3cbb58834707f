use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use anyrt_core::Instant;
use pin_project_lite::pin_project;
use tokio::task::coop::{has_budget_remaining, poll_proceed, unconstrained};

pin_project! {
    /// A sleep on tokio's timer; made by [`Timer::sleep`](anyrt_core::Timer::sleep).
    ///
    /// Not `Unpin`, as tokio's own is not: pin it where it lives with [`std::pin::pin!`].
    ///
    /// A sleep that is ready at once takes one unit of tokio's coop budget. When the budget is spent, it is pending once and
    /// wakes its task; at the next poll it is ready, whatever the budget says. So a loop of such sleeps gives way, and a time
    /// limit passes though the future under it uses up the budget at every poll.
    ///
    /// # Panics
    ///
    /// When it is polled before its deadline and its runtime is gone: "A Tokio 1.x context was found, but it is being
    /// shutdown." It never hangs (`shutdown::handles_resolve_afterwards`). One that can never fire, such as
    /// `sleep(Duration::MAX)`, does not panic: it stays pending.
    ///
    /// # Cost
    ///
    /// No allocation, and 16 bytes more than tokio's own. One that can never fire boxes its waker when it is polled, so that a reset
    /// wakes it. The first poll reads the clock, because tokio rounds deadlines up to its next millisecond: one that is past by
    /// less would not be ready (`sleep::zero_and_past_are_ready_at_once`). Every poll of a sleep that waits looks whether the
    /// budget is spent, which takes some 20 instructions.
    ///
    /// # Runtimes
    ///
    /// The resolution is 1 ms, rounded up. tokio's own `sleep` fires after 30 years at the latest; this one fires at its
    /// deadline, which a paused clock reaches at once. A deadline that lies further than some
    /// 285 million years ahead sets no timer and never fires.
    ///
    /// The clock that the first poll reads is that of the runtime which polls: with a paused clock, poll a sleep on its own
    /// runtime.
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
        // Whether the last poll found the deadline passed and the budget spent.
        gave_way: bool,
        // Who waits without a deadline, which no timer of tokio's keeps. In a box, because it is rare.
        endless: Option<Box<Waker>>,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Its duration was zero: no look at the clock is needed.
    Due,
    /// Not armed since it was made or reset: the next poll compares with the clock.
    Fresh,
    /// Its deadline lies beyond what the clock can hold.
    Never,
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
        // tokio caps longer ones.
        const UNCAPPED: Duration = Duration::from_secs(86400 * 365 * 30);
        if duration > UNCAPPED {
            return Self::far(duration);
        }
        let state = if duration.is_zero() {
            State::Due
        } else {
            State::Fresh
        };
        Self::new(tokio::time::sleep(duration), state)
    }

    /// Must be called inside the runtime's context.
    #[inline]
    #[track_caller]
    pub(crate) fn until(deadline: Instant) -> Self {
        let state = if is_held(deadline) {
            State::Fresh
        } else {
            State::Never
        };
        Self::new(tokio::time::sleep_until(deadline.into()), state)
    }

    #[cold]
    #[track_caller]
    fn far(duration: Duration) -> Self {
        match tokio::time::Instant::now().checked_add(duration) {
            Some(deadline) => Self::until(deadline.into_std()),
            None => Self::new(tokio::time::sleep(duration), State::Never),
        }
    }

    #[inline]
    fn new(inner: tokio::time::Sleep, state: State) -> Self {
        Self {
            inner,
            state,
            gave_way: false,
            endless: None,
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
            State::Never => {
                keep(this.endless, cx.waker());
                return Poll::Pending;
            }
        };
        if is_due {
            ready!(poll_due(this.gave_way, cx));
        } else {
            *this.state = State::Armed;
            // What is polled beside a sleep may have used up the budget. That must not hide that the time has come.
            if has_budget_remaining() {
                ready!(this.inner.poll(cx));
            } else {
                ready!(poll_unconstrained(this.inner, cx));
            }
        }
        *this.state = State::Elapsed;
        Poll::Ready(())
    }
}

/// Takes a unit of the budget, or gives way where there is none; never twice in a row.
fn poll_due(gave_way: &mut bool, cx: &mut Context<'_>) -> Poll<()> {
    if !*gave_way {
        match poll_proceed(cx) {
            Poll::Ready(budget) => budget.made_progress(),
            Poll::Pending => {
                *gave_way = true;
                return Poll::Pending;
            }
        }
    }
    *gave_way = false;
    Poll::Ready(())
}

#[cold]
fn poll_unconstrained(sleep: Pin<&mut tokio::time::Sleep>, cx: &mut Context<'_>) -> Poll<()> {
    pin!(unconstrained(sleep)).poll(cx)
}

#[cold]
fn keep(endless: &mut Option<Box<Waker>>, waker: &Waker) {
    match endless {
        Some(kept) => (**kept).clone_from(waker),
        None => *endless = Some(Box::new(waker.clone())),
    }
}

/// Tells whether tokio's clock can hold `deadline`: it counts milliseconds in 64 bits.
#[inline]
fn is_held(deadline: Instant) -> bool {
    // std's clock holds 63 bits of seconds on most systems, and says only by overflowing how far from its end a time is.
    const ROOM: Duration = Duration::from_secs(i64::MAX as u64 - (1 << 53));
    deadline.checked_add(ROOM).is_some()
}

impl anyrt_core::Sleep for Sleep {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        *this.gave_way = false;
        if !is_held(deadline) {
            *this.state = State::Never;
            return;
        }
        this.inner.reset(deadline.into());
        *this.state = State::Fresh;
        // It polls, and then tokio's timer has its waker.
        if let Some(waiter) = this.endless.take() {
            waiter.wake();
        }
    }

    #[inline]
    fn deadline(&self) -> Option<Instant> {
        (self.state != State::Never).then(|| self.inner.deadline().into_std())
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
