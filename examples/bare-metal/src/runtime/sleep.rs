use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use anyrt_core::Instant;
use embassy_time_driver::{TICK_HZ, schedule_wake};

/// Reads the board's clock.
pub fn now() -> Instant {
    let ticks = embassy_time_driver::now();
    Instant::from_origin(Duration::from_micros(ticks * (1_000_000 / TICK_HZ)))
}

/// A wake-up by the driver of embassy-time. The driver forgets a wake-up only when it has come: a sleep that is dropped or reset
/// causes a wake that nobody needs.
pub struct Sleep {
    // `None` where the clock cannot represent it.
    deadline: Option<Instant>,
    waker: Option<Waker>,
    elapsed: bool,
}

impl Sleep {
    pub(super) fn until(deadline: Option<Instant>) -> Self {
        Self {
            deadline,
            waker: None,
            elapsed: false,
        }
    }

    fn schedule(&self) {
        let (Some(deadline), Some(waker)) = (self.deadline, &self.waker) else {
            return;
        };
        // Rounded up, so that it is never early.
        let nanos_per_tick = u128::from(1_000_000_000 / TICK_HZ);
        let ticks = deadline.since_origin().as_nanos().div_ceil(nanos_per_tick);
        if let Ok(ticks) = u64::try_from(ticks) {
            schedule_wake(ticks, waker);
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.elapsed || self.deadline.is_some_and(|deadline| deadline <= now()) {
            self.elapsed = true;
            self.waker = None;
            return Poll::Ready(());
        }
        let same = self
            .waker
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()));
        if !same {
            self.waker = Some(cx.waker().clone());
            self.schedule();
        }
        Poll::Pending
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.deadline = Some(deadline);
        self.elapsed = false;
        self.schedule();
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        self.elapsed
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
