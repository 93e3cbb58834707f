use core::future::Future;
use core::time::Duration;

use crate::{Instant, Interval, Sleep, SleepUntilSystemTime, SystemTime, Timeout};

/// Tells the time and waits for it.
///
/// The clock is the runtime's: under a virtual or paused clock, [`now`](Self::now) and every sleep move together. Generic
/// code therefore never calls `Instant::now()`.
///
/// # Contract
///
/// - Sleeps keep what [`Sleep`] says.
/// - `Duration::MAX`, and any duration or deadline that the clock cannot hold, never fires and never panics
///   (`sleep::far_future_never_fires`, `sleep::end_of_the_clock_never_fires`).
/// - A sleep made through a handle belongs to the handle's runtime, wherever it is made and polled
///   (`sleep::is_made_outside_the_runtime`, `right_runtime::handle_beats_the_ambient`,
///   `right_runtime::armed_under_another_stays_its_own`).
///
/// # For library authors
///
/// Retries, time limits and heartbeats need this trait and no other. [`Runtime`](crate::Runtime) includes it.
///
/// # For runtime authors
///
/// `sleep` is required beside `sleep_until`, because `now() + Duration::MAX` overflows: it must not be written in terms of it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
///
/// async fn retry<T: Timer, E>(timer: &T, mut attempt: impl AsyncFnMut() -> Result<u32, E>) -> Result<u32, E> {
///     let mut pause = Duration::from_millis(1);
///     for _ in 0..3 {
///         if let Ok(value) = attempt().await {
///             return Ok(value);
///         }
///         timer.sleep(pause).await;
///         pause *= 2;
///     }
///     attempt().await
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # let mut tries = 0;
/// # let value = rt.block_on(retry(&rt.handle(), async || { tries += 1; if tries < 3 { Err(()) } else { Ok(tries) } }));
/// # assert_eq!(value, Ok(3));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no timer",
    label = "`Timer` is not implemented for `{Self}`",
    note = "a runtime that was launched has its handle in `rt.handle()`",
    note = "sleeps, timeouts, intervals and retries need a clock: take `R: Runtime` (or `R: Timer`) as a parameter and pass a handle in, such as `anyrt_tokio::Tokio` or `anyrt_core::AnyRuntime`"
)]
pub trait Timer {
    /// The runtime's sleep. `Send + Sync + 'static` are asked for by [`Runtime`](crate::Runtime), not here.
    type Sleep: Sleep;

    /// Makes a future that is ready once `duration` has passed since this call.
    ///
    /// # Panics
    ///
    /// A handle does not panic while its runtime lives. After its end, some runtimes panic where a sleep is made or polled. An
    /// [ambient form](crate#handles-and-ambient-forms) panics outside its runtime.
    ///
    /// # Cost
    ///
    /// No allocation. The resolution is that of the runtime's timer, 1 ms or better, rounded up.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// /// Sends `count` messages, and never two of them within 2 ms.
    /// async fn paced<T: Timer>(timer: &T, count: u32) {
    ///     for message in 0..count {
    ///         println!("message {message}");
    ///         timer.sleep(Duration::from_millis(2)).await;
    ///     }
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(paced(&rt.handle(), 2));
    /// ```
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Self::Sleep;

    /// Makes a future that is ready once the runtime's clock has reached `deadline`.
    ///
    /// # Panics
    ///
    /// As [`sleep`](Self::sleep).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// /// However long the work takes, the whole takes at least 5 ms: a failed log-in tells nothing by its time.
    /// async fn check_password<T: Timer>(timer: &T, work: impl Future<Output = bool>) -> bool {
    ///     let end = timer.now() + Duration::from_millis(5);
    ///     let is_right = work.await;
    ///     timer.sleep_until(end).await;
    ///     is_right
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert!(rt.block_on(check_password(&rt.handle(), async { true })));
    /// ```
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Self::Sleep;

    /// Reads the runtime's monotonic clock.
    ///
    /// The reading is an [`Instant`], which only later readings of the same runtime are compared with. Under a virtual clock it moves
    /// when the simulation says so, however long the program runs.
    ///
    /// # Panics
    ///
    /// As [`sleep`](Self::sleep).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// async fn timed<T: Timer, F: Future>(timer: &T, work: F) -> (F::Output, Duration) {
    ///     let start = timer.now();
    ///     let output = work.await;
    ///     (output, timer.now() - start)
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(timed(&rt.handle(), async { 42 })).0, 42);
    /// ```
    fn now(&self) -> Instant;

    /// Reads the wall clock that goes with [`now`](Self::now): the system's, unless the runtime keeps a virtual one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use anyrt_core::Timer;
    ///
    /// fn expires_at<T: Timer>(timer: &T, max_age: Duration) -> SystemTime {
    ///     timer.system_time() + max_age
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert!(expires_at(&rt.handle(), Duration::from_secs(60)) > SystemTime::now());
    /// ```
    #[inline]
    fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Makes a future that is ready once the wall clock shows `deadline`, also where somebody sets that clock meanwhile. See
    /// [`SleepUntilSystemTime`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use anyrt_core::Timer;
    ///
    /// async fn renew_before<T: Timer + Clone>(timer: &T, expiry: SystemTime) {
    ///     timer.sleep_until_system_time(expiry).await;
    ///     // … ask for a new certificate
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # let handle = rt.handle();
    /// # rt.block_on(renew_before(&handle, SystemTime::now()));
    /// ```
    #[inline]
    fn sleep_until_system_time(&self, deadline: SystemTime) -> SleepUntilSystemTime<Self>
    where
        Self: Sized + Clone,
    {
        SleepUntilSystemTime::new(self.clone(), deadline)
    }

    /// Gives `future` at most `duration`, counted from this call. See [`Timeout`].
    ///
    /// # Cost
    ///
    /// One reading of the clock, and none for a duration of zero. A sleep is made only when `future` was pending.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{Elapsed, Timer};
    ///
    /// async fn answer<T: Timer + Clone>(timer: &T) -> Result<u32, Elapsed> {
    ///     timer.timeout(Duration::from_secs(5), async { 42 }).await
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
    /// # assert_eq!(rt.block_on(answer(&rt.handle()))?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    fn timeout<F>(&self, duration: Duration, future: F) -> Timeout<F, Self>
    where
        F: Future,
        Self: Sized + Clone,
    {
        Timeout::new(self.clone(), duration, future)
    }

    /// Gives `future` until `deadline`. See [`Timeout`].
    ///
    /// # Examples
    ///
    /// Two steps under one limit:
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{Elapsed, Timer};
    ///
    /// async fn two_steps<T: Timer + Clone>(timer: &T) -> Result<u32, Elapsed> {
    ///     let deadline = timer.now() + Duration::from_secs(5);
    ///     let first = timer.timeout_at(deadline, async { 40 }).await?;
    ///     timer.timeout_at(deadline, async move { first + 2 }).await
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
    /// # assert_eq!(rt.block_on(two_steps(&rt.handle()))?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    fn timeout_at<F>(&self, deadline: Instant, future: F) -> Timeout<F, Self>
    where
        F: Future,
        Self: Sized + Clone,
    {
        Timeout::at(self.clone(), deadline, future)
    }

    /// Makes an [`Interval`] that ticks at once and then every `period`.
    ///
    /// # Panics
    ///
    /// When `period` is zero (`interval::zero_period_panics`).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// async fn three_ticks<T: Timer + Clone>(timer: &T) {
    ///     let mut interval = pin!(timer.interval(Duration::from_millis(2)));
    ///     for _ in 0..3 {
    ///         interval.as_mut().tick().await;
    ///     }
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(three_ticks(&rt.handle()));
    /// ```
    #[inline]
    #[track_caller]
    fn interval(&self, period: Duration) -> Interval<Self>
    where
        Self: Sized + Clone,
    {
        Interval::new(self.clone(), self.now(), period)
    }

    /// Makes an [`Interval`] that ticks at `start` and then every `period`.
    ///
    /// # Panics
    ///
    /// When `period` is zero (`interval::zero_period_panics`).
    ///
    /// # Examples
    ///
    /// The first heartbeat one period from now. Where a caller chose the period, and may have chosen `Duration::MAX`, add with
    /// `checked_add`, or make an [`interval`](Self::interval) and [reset](Interval::reset) it:
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{Interval, Timer};
    ///
    /// fn heartbeat<T: Timer + Clone>(timer: &T) -> Interval<T> {
    ///     let period = Duration::from_secs(30);
    ///     timer.interval_at(timer.now() + period, period)
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # heartbeat(&rt.handle());
    /// ```
    #[inline]
    #[track_caller]
    fn interval_at(&self, start: Instant, period: Duration) -> Interval<Self>
    where
        Self: Sized + Clone,
    {
        Interval::new(self.clone(), start, period)
    }
}
