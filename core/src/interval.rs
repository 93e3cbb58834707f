use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use futures_core::{FusedFuture, FusedStream, Stream};
use pin_project_lite::pin_project;

use crate::{BoxInterval, Instant, MissedTick, Sleep, Timer};

pin_project! {
    /// Ticks in even steps; made by [`Timer::interval`] and [`Timer::interval_at`].
    ///
    /// The first tick comes at the start, at once for [`Timer::interval`]. Tick *k* is never before start + *k* × period, and
    /// lateness of one tick does not move the next: there is no drift. What happens after a whole period was missed is the
    /// caller's choice, see [`missed_tick`](Self::missed_tick).
    ///
    /// It holds its sleep in place, so it wants to be pinned: `let mut interval = pin!(timer.interval(period))` in a function.
    /// In a struct, [`boxed`](Self::boxed) is simpler than a pinned field. It is also a [`Stream`] of [`Instant`]s without end,
    /// and it and its ticks go into `select!` without `.fuse()`.
    ///
    /// # Contract
    ///
    /// `interval::first_tick_is_immediate`, `interval::does_not_drift`, `interval::missed_ticks_follow_the_policy`,
    /// `interval::zero_period_panics`, `interval::endless_period_never_ticks`, `interval::dropping_a_tick_loses_none`,
    /// `interval::reset_restarts_the_phase`, `interval::reset_at_moves_an_armed_tick`, `interval::missed_tick_at_the_boundary`.
    ///
    /// # Cancellation
    ///
    /// Dropping the future of a [`tick`](Self::tick) loses no tick: the next call waits for the same one.
    ///
    /// # Cost
    ///
    /// No allocation. One sleep of the runtime for all ticks, and one reading of the clock per tick under
    /// [`MissedTick::Delay`] and [`MissedTick::Skip`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    /// use anyrt_core::{MissedTick, Timer};
    ///
    /// async fn report<T: Timer + Clone>(timer: &T) {
    ///     let start = timer.now();
    ///     let period = Duration::from_millis(2);
    ///     let mut interval = pin!(timer.interval_at(start, period).missed_tick(MissedTick::Skip));
    ///     assert_eq!(interval.as_mut().tick().await, start);
    ///     assert!(interval.as_mut().tick().await >= start + period);
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(report(&rt.handle()));
    /// ```
    #[must_use = "an interval does nothing unless its ticks are awaited"]
    pub struct Interval<T>
    where
        T: Timer,
    {
        timer: T,
        period: Duration,
        missed: MissedTick,
        // When the next tick is due; `None` where the clock cannot hold that time.
        next: Option<Instant>,
        // Whether `sleep` has been set to `next`.
        armed: bool,
        // Made when a tick first had to be waited for.
        #[pin]
        sleep: Option<T::Sleep>,
    }
}

impl<T: Timer> Interval<T> {
    #[inline]
    #[track_caller]
    pub(crate) fn new(timer: T, start: Instant, period: Duration) -> Self {
        assert!(
            !period.is_zero(),
            "the period of an interval must not be zero: to run again at once, use `yield_now` in a loop"
        );
        Self {
            timer,
            period,
            missed: MissedTick::Burst,
            next: Some(start),
            armed: false,
            sleep: None,
        }
    }

    /// Sets what happens after a tick was taken a whole period late or more; [`MissedTick::Burst`] unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{Interval, MissedTick, Timer};
    ///
    /// /// Frames that nobody drew in time are left out.
    /// fn frames<T: Timer + Clone>(timer: &T) -> Interval<T> {
    ///     timer.interval(Duration::from_millis(16)).missed_tick(MissedTick::Skip)
    /// }
    /// ```
    pub fn missed_tick(mut self, policy: MissedTick) -> Self {
        self.missed = policy;
        self
    }

    /// Sets what happens after a tick was taken a whole period late or more, from the next tick on.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    /// use anyrt_core::{MissedTick, Timer};
    ///
    /// async fn count_then_pace<T: Timer + Clone>(timer: &T) {
    ///     let mut interval = pin!(timer.interval(Duration::from_millis(2)));
    ///     interval.as_mut().tick().await;
    ///     interval.as_mut().set_missed_tick(MissedTick::Delay);
    ///     interval.as_mut().tick().await;
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(count_then_pace(&rt.handle()));
    /// ```
    pub fn set_missed_tick(self: Pin<&mut Self>, policy: MissedTick) {
        *self.project().missed = policy;
    }

    /// Puts the interval into a box, so that it need not be pinned. See [`BoxInterval`].
    ///
    /// # Cost
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// async fn three_ticks<T: Timer + Clone>(timer: &T) {
    ///     let mut interval = timer.interval(Duration::from_millis(2)).boxed();
    ///     for _ in 0..3 {
    ///         interval.tick().await;
    ///     }
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(three_ticks(&rt.handle()));
    /// ```
    pub fn boxed(self) -> BoxInterval<T> {
        BoxInterval::new(self)
    }

    /// What happens after a tick was taken a whole period late or more.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Interval, MissedTick, Timer};
    ///
    /// fn counts_all_ticks<T: Timer>(interval: &Interval<T>) -> bool {
    ///     interval.missed() == MissedTick::Burst
    /// }
    /// ```
    pub fn missed(&self) -> MissedTick {
        self.missed
    }

    /// The time between two ticks.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{Interval, Timer};
    ///
    /// fn per_minute<T: Timer>(interval: &Interval<T>) -> u128 {
    ///     Duration::from_secs(60).as_nanos() / interval.period().as_nanos()
    /// }
    /// ```
    pub fn period(&self) -> Duration {
        self.period
    }

    /// Waits for the next tick and returns the time at which it was due.
    ///
    /// # Cancellation
    ///
    /// Dropping the returned future loses no tick.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// /// Prints how late each tick is taken.
    /// async fn measure<T: Timer + Clone>(timer: &T) {
    ///     let mut interval = pin!(timer.interval(Duration::from_millis(2)));
    ///     for _ in 0..3 {
    ///         let due = interval.as_mut().tick().await;
    ///         println!("{:?} late", timer.now() - due);
    ///     }
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(measure(&rt.handle()));
    /// ```
    #[inline]
    pub fn tick(self: Pin<&mut Self>) -> Tick<'_, T> {
        Tick { interval: self }
    }

    /// Polls for the next tick, for futures written by hand.
    ///
    /// An interval whose next tick lies beyond what the clock can hold is pending for ever, and keeps no waker.
    ///
    /// # Cancellation
    ///
    /// Nothing is lost between two polls: a tick that was not taken is there at the next one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll};
    /// use anyrt_core::{BoxInterval, Timer};
    ///
    /// /// Counts the ticks that are due, in the poll of something else.
    /// struct Meter<T: Timer> { seconds: BoxInterval<T>, passed: u64 }
    ///
    /// impl<T: Timer> Meter<T> {
    ///     fn poll(&mut self, cx: &mut Context<'_>) {
    ///         while let Poll::Ready(_) = self.seconds.poll_tick(cx) {
    ///             self.passed += 1;
    ///         }
    ///     }
    /// }
    /// ```
    pub fn poll_tick(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        let mut this = self.project();
        let Some(due) = *this.next else {
            return Poll::Pending;
        };
        if !*this.armed {
            match this.sleep.as_mut().as_pin_mut() {
                Some(sleep) => sleep.reset(due),
                None => this.sleep.set(Some(this.timer.sleep_until(due))),
            }
            *this.armed = true;
        }
        let sleep = this.sleep.as_pin_mut().expect("set above when not armed");
        ready!(sleep.poll(cx));
        *this.armed = false;
        *this.next = this.missed.next(due, *this.period, &*this.timer);
        Poll::Ready(due)
    }

    /// Restarts the phase: the next tick comes one period from now.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// async fn quiet_for_a_while<T: Timer + Clone>(timer: &T) {
    ///     let period = Duration::from_millis(2);
    ///     let mut heartbeat = pin!(timer.interval(period));
    ///     let sent = timer.now(); // a message serves as a heartbeat
    ///     heartbeat.as_mut().reset();
    ///     assert!(heartbeat.as_mut().tick().await >= sent + period);
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(quiet_for_a_while(&rt.handle()));
    /// ```
    pub fn reset(self: Pin<&mut Self>) {
        let period = self.period;
        self.reset_after(period);
    }

    /// Restarts the phase now: the next tick comes at once, and the following ones every period after it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::Pin;
    /// use anyrt_core::{Interval, Timer};
    ///
    /// /// Makes the next poll of a server due, because something has changed.
    /// fn refresh<T: Timer>(polls: Pin<&mut Interval<T>>) {
    ///     polls.reset_immediately();
    /// }
    /// ```
    pub fn reset_immediately(self: Pin<&mut Self>) {
        let now = self.timer.now();
        self.set_next(Some(now));
    }

    /// Restarts the phase: the next tick comes `after` from now, and the following ones every period after it.
    ///
    /// Where the clock cannot hold that time, no tick comes any more.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::Pin;
    /// use std::time::Duration;
    /// use anyrt_core::{Interval, Timer};
    ///
    /// /// Obeys a server that asks its clients to leave it alone for a while.
    /// fn back_off<T: Timer>(polls: Pin<&mut Interval<T>>, retry_after: Duration) {
    ///     polls.reset_after(retry_after);
    /// }
    /// ```
    pub fn reset_after(self: Pin<&mut Self>, after: Duration) {
        let next = self.timer.now().checked_add(after);
        self.set_next(next);
    }

    /// Restarts the phase at `deadline`: the next tick comes then, and the following ones every period after it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::Pin;
    /// use anyrt_core::{Instant, Interval, Timer};
    ///
    /// /// Makes one interval tick together with another thing that is due at `start`.
    /// fn align<T: Timer>(interval: Pin<&mut Interval<T>>, start: Instant) {
    ///     interval.reset_at(start);
    /// }
    /// ```
    pub fn reset_at(self: Pin<&mut Self>, deadline: Instant) {
        self.set_next(Some(deadline));
    }

    fn set_next(self: Pin<&mut Self>, next: Option<Instant>) {
        let this = self.project();
        *this.next = next;
        *this.armed = false;
    }
}

impl<T: Timer> Stream for Interval<T> {
    type Item = Instant;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.poll_tick(cx).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

/// An interval never ends, so that `select!` takes it without `.fuse()`.
impl<T: Timer> FusedStream for Interval<T> {
    fn is_terminated(&self) -> bool {
        false
    }
}

impl<T: Timer> fmt::Debug for Interval<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interval")
            .field("period", &self.period)
            .field("missed", &self.missed)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

/// Waits for a tick; made by [`Interval::tick`].
///
/// # Cancellation
///
/// Dropping it loses no tick.
///
/// # Examples
///
/// ```
/// use std::pin::Pin;
/// use anyrt_core::{Interval, Tick, Timer};
///
/// fn next<T: Timer>(interval: Pin<&mut Interval<T>>) -> Tick<'_, T> {
///     interval.tick()
/// }
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Tick<'a, T: Timer> {
    interval: Pin<&'a mut Interval<T>>,
}

impl<T: Timer> Future for Tick<'_, T> {
    type Output = Instant;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        self.interval.as_mut().poll_tick(cx)
    }
}

/// A tick that was delivered is followed by the next, so that `select!` takes it without `.fuse()`.
impl<T: Timer> FusedFuture for Tick<'_, T> {
    fn is_terminated(&self) -> bool {
        false
    }
}

impl<T: Timer> fmt::Debug for Tick<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tick").finish_non_exhaustive()
    }
}
