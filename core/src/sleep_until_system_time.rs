use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use pin_project_lite::pin_project;

use crate::{SystemTime, Timer};

/// How long a sleep goes without a look at the wall clock.
const LOOK: Duration = Duration::from_secs(1);

pin_project! {
    /// Waits until the wall clock shows a time; made by [`Timer::sleep_until_system_time`].
    ///
    /// For what is due at a date: a certificate, a lease, a job at midnight. The wall clock can be set while this waits, by a
    /// person, by a time server, or because the machine was asleep; the runtime's own clock knows nothing of that. So this
    /// looks at the wall clock at least once a second.
    ///
    /// # Contract
    ///
    /// - It is ready only when [`Timer::system_time`] has shown `deadline` or more.
    /// - When the wall clock is set forward past the deadline, it is ready within a second
    ///   (`sleep::wall_clock_set_forward_is_seen`); when it is set back, it waits on (`sleep::wall_clock_set_back_is_waited_for`).
    /// - A deadline that is past is ready at the first poll.
    ///
    /// # Cancellation
    ///
    /// Dropping it takes its wake-up back.
    ///
    /// # Cost
    ///
    /// No allocation. One sleep of the runtime, and a wake and a reading of the wall clock for each second that it waits. Where
    /// nobody sets clocks, or a duration is meant, use [`Timer::sleep`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use anyrt_core::Timer;
    ///
    /// async fn at_the_next_minute<T: Timer + Clone>(timer: &T) -> SystemTime {
    ///     let now = timer.system_time();
    ///     let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    ///     let next = now + Duration::from_secs(60 - since_epoch.as_secs() % 60);
    ///     timer.sleep_until_system_time(next).await;
    ///     next
    /// }
    /// # use anyrt_core::prelude::*;
    /// # let rt = anyrt_sim::Sim::builder().build();
    /// # let sim = rt.handle();
    /// # let next = rt.block_on(at_the_next_minute(&sim));
    /// # assert!(sim.system_time() >= next);
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct SleepUntilSystemTime<T>
    where
        T: Timer,
    {
        timer: T,
        deadline: SystemTime,
        // Until the next look at the wall clock.
        #[pin]
        pause: Option<T::Sleep>,
    }
}

impl<T: Timer> SleepUntilSystemTime<T> {
    #[inline]
    pub(crate) fn new(timer: T, deadline: SystemTime) -> Self {
        Self {
            timer,
            deadline,
            pause: None,
        }
    }

    /// What the wall clock must show.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use anyrt_core::{SleepUntilSystemTime, Timer};
    ///
    /// fn is_before<T: Timer>(job: &SleepUntilSystemTime<T>, closing_time: SystemTime) -> bool {
    ///     job.deadline() < closing_time
    /// }
    /// ```
    pub fn deadline(&self) -> SystemTime {
        self.deadline
    }
}

impl<T: Timer> Future for SleepUntilSystemTime<T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        loop {
            if let Some(pause) = this.pause.as_mut().as_pin_mut() {
                ready!(pause.poll(cx));
                this.pause.set(None);
            }
            let Ok(left) = this.deadline.duration_since(this.timer.system_time()) else {
                return Poll::Ready(());
            };
            if left.is_zero() {
                return Poll::Ready(());
            }
            this.pause.set(Some(this.timer.sleep(left.min(LOOK))));
        }
    }
}

impl<T: Timer> fmt::Debug for SleepUntilSystemTime<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SleepUntilSystemTime")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
