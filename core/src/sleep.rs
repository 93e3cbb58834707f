use alloc::boxed::Box;
use core::fmt::Debug;
use core::future::Future;
use core::pin::Pin;

use crate::Instant;

/// A future that is ready once its deadline has come; made by [`Timer::sleep`](crate::Timer::sleep).
///
/// # Contract
///
/// - It is never ready before its deadline (`sleep::never_early`), and it may be late: see [`Timer::sleep`](crate::Timer::sleep).
/// - Its deadline was fixed when it was made, not when it was first polled (`sleep::counts_from_creation`).
/// - A deadline that is zero away or past is ready at the first poll (`sleep::zero_and_past_are_ready_at_once`).
/// - Polled after it was ready, it is ready again (`sleep::stays_ready`), until it is [reset](Self::reset).
/// - The waker of the last poll is the one that is woken (`sleep::last_waker_is_woken`), of however many sleeps
///   (`sleep::many_of_one_deadline_wake`). It may use the timers while it is woken (`sleep::wakers_may_use_the_timers`) or dropped
///   (`sleep::dropped_wakers_may_use_the_timers`).
/// - A task that awaits sleeps which are ready gives way in between (`sleep::ready_sleeps_give_way`).
/// - Its deadline is the one that was asked for (`sleep::deadline_is_what_was_asked_for`), however far
///   (`sleep::far_sleep_is_not_early`), and a reset to the present makes it ready (`sleep::reset_to_now_is_ready_at_once`).
/// - It may be moved to another task of its runtime between polls, if it is `Unpin` or boxed (`sleep::moves_between_tasks`).
///
/// It need not be `Unpin`: that would take a box on some runtimes. Pin it where it lives with [`std::pin::pin!`].
///
/// # Cancellation
///
/// Dropping it takes its wake-up back, and releases its waker within one turn of the runtime's reactor
/// (`sleep::dropping_releases_the_waker`).
///
/// # Panics
///
/// When it is polled before its deadline and its runtime is gone, where the timer belongs to the runtime and not to the process.
/// It never hangs (`shutdown::handles_resolve_afterwards`).
///
/// # Examples
///
/// An idle limit that every byte moves on:
///
/// ```
/// use std::pin::{Pin, pin};
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
///
/// async fn wait_twice<T: Timer>(timer: &T) {
///     let idle = Duration::from_millis(2);
///     let mut sleep = pin!(timer.sleep(idle));
///     sleep.as_mut().await;
///     assert!(sleep.is_elapsed());
///
///     sleep.as_mut().reset(timer.now() + idle);
///     assert!(!sleep.is_elapsed());
///     sleep.await;
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(wait_twice(&rt.handle()));
/// ```
pub trait Sleep: Future<Output = ()> + Debug {
    /// Moves the deadline, to an earlier or a later time, also after the sleep was ready.
    ///
    /// A task that waits for the sleep is woken at the new deadline (`sleep::reset_moves_the_deadline`), also if the sleep had none
    /// (`sleep::reset_of_an_endless_sleep_wakes`).
    ///
    /// # Cost
    ///
    /// No allocation. A sleep that is reset costs less than a new one on most runtimes.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::Pin;
    /// use std::time::Duration;
    /// use anyrt_core::{Sleep, Timer};
    ///
    /// /// Puts the end of a connection's idle time off, for each byte that came.
    /// fn touch<T: Timer>(timer: &T, idle: Pin<&mut T::Sleep>) {
    ///     idle.reset(timer.now() + Duration::from_secs(30));
    /// }
    /// ```
    fn reset(self: Pin<&mut Self>, deadline: Instant);

    /// Returns when the sleep is due, or `None` where it never is because the clock cannot hold that time.
    ///
    /// It stays what it was after the sleep was ready, until the sleep is [reset](Self::reset).
    ///
    /// # Cost
    ///
    /// It reads no clock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::Pin;
    /// use std::time::Duration;
    /// use anyrt_core::Sleep;
    ///
    /// /// Moves a limit back by a second, unless there is none.
    /// fn extend<S: Sleep>(limit: Pin<&mut S>) {
    ///     if let Some(deadline) = limit.deadline() {
    ///         limit.reset(deadline + Duration::from_secs(1));
    ///     }
    /// }
    /// ```
    fn deadline(&self) -> Option<Instant>;

    /// Tells whether the sleep has been polled to its end since it was made or reset.
    ///
    /// This reads no clock: a sleep whose deadline has passed, but which nobody has polled since, says `false`
    /// (`sleep::is_elapsed_means_seen_ready`).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    /// use anyrt_core::{Sleep, Timer};
    ///
    /// async fn ends_once<T: Timer>(timer: &T) {
    ///     let mut sleep = pin!(timer.sleep(Duration::ZERO));
    ///     assert!(!sleep.is_elapsed()); // due, and nobody has looked
    ///     sleep.as_mut().await;
    ///     assert!(sleep.is_elapsed());
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(ends_once(&rt.handle()));
    /// ```
    fn is_elapsed(&self) -> bool;
}

impl<S: Sleep + ?Sized> Sleep for Pin<Box<S>> {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        (*self).as_mut().reset(deadline);
    }

    fn deadline(&self) -> Option<Instant> {
        (**self).deadline()
    }

    fn is_elapsed(&self) -> bool {
        (**self).is_elapsed()
    }
}
