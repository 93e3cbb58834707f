use alloc::boxed::Box;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use futures_core::{FusedStream, Stream};

use crate::{Instant, Interval, MissedTick, Tick, Timer};

/// An [`Interval`] that need not be pinned; made by [`Interval::boxed`].
///
/// It keeps every rule of the interval in it.
///
/// # Cancellation
///
/// Dropping the future of a [`tick`](Self::tick) loses no tick: the next call waits for the same one.
///
/// # Cost
///
/// 8 bytes, and one allocation when it is made.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{BoxInterval, MissedTick, Timer};
///
/// struct Poller<T: Timer> { due: BoxInterval<T> }
///
/// impl<T: Timer + Clone> Poller<T> {
///     fn new(timer: &T) -> Self {
///         let due = timer.interval(Duration::from_millis(2)).missed_tick(MissedTick::Delay);
///         Self { due: due.boxed() }
///     }
///     async fn run(&mut self, rounds: u32) {
///         for _ in 0..rounds {
///             self.due.tick().await;
///         }
///     }
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(Poller::new(&rt.handle()).run(3));
/// ```
#[must_use = "an interval does nothing unless its ticks are awaited"]
pub struct BoxInterval<T: Timer>(Pin<Box<Interval<T>>>);

impl<T: Timer> BoxInterval<T> {
    pub(crate) fn new(interval: Interval<T>) -> Self {
        Self(Box::pin(interval))
    }

    /// Waits for the next tick and returns the time at which it was due: [`Interval::tick`].
    ///
    /// # Cancellation
    ///
    /// Dropping the returned future loses no tick.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{BoxInterval, Timer};
    ///
    /// async fn skip<T: Timer>(interval: &mut BoxInterval<T>, ticks: usize) {
    ///     for _ in 0..ticks {
    ///         interval.tick().await;
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn tick(&mut self) -> Tick<'_, T> {
        self.0.as_mut().tick()
    }

    /// Polls for the next tick: [`Interval::poll_tick`].
    #[inline]
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        self.0.as_mut().poll_tick(cx)
    }

    /// The next tick comes one period from now: [`Interval::reset`].
    pub fn reset(&mut self) {
        self.0.as_mut().reset();
    }

    /// The next tick comes at once: [`Interval::reset_immediately`].
    pub fn reset_immediately(&mut self) {
        self.0.as_mut().reset_immediately();
    }

    /// The next tick comes `after` from now: [`Interval::reset_after`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{BoxInterval, Timer};
    ///
    /// fn snooze<T: Timer>(alarm: &mut BoxInterval<T>) {
    ///     alarm.reset_after(Duration::from_secs(9 * 60));
    /// }
    /// ```
    pub fn reset_after(&mut self, after: Duration) {
        self.0.as_mut().reset_after(after);
    }

    /// The next tick comes at `deadline`: [`Interval::reset_at`].
    pub fn reset_at(&mut self, deadline: Instant) {
        self.0.as_mut().reset_at(deadline);
    }

    /// Sets what happens after a tick was taken late: [`Interval::set_missed_tick`].
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{BoxInterval, MissedTick, Timer};
    ///
    /// /// From now on what was missed is not made up for.
    /// fn stop_catching_up<T: Timer>(interval: &mut BoxInterval<T>) {
    ///     interval.set_missed_tick(MissedTick::Delay);
    /// }
    /// ```
    pub fn set_missed_tick(&mut self, policy: MissedTick) {
        self.0.as_mut().set_missed_tick(policy);
    }

    /// What happens after a tick was taken a whole period late or more.
    pub fn missed(&self) -> MissedTick {
        self.0.missed()
    }

    /// The time between two ticks.
    pub fn period(&self) -> Duration {
        self.0.period()
    }
}

impl<T: Timer> Stream for BoxInterval<T> {
    type Item = Instant;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.poll_tick(cx).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// An interval never ends, so that `select!` takes it without `.fuse()`.
impl<T: Timer> FusedStream for BoxInterval<T> {
    fn is_terminated(&self) -> bool {
        false
    }
}

impl<T: Timer> fmt::Debug for BoxInterval<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BoxInterval").field(&self.0).finish()
    }
}
