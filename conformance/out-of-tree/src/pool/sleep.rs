use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_timer::Delay;

use crate::row::give_way;

/// A sleep on the timer thread of futures-timer, which belongs to the process.
pub struct DelaySleep {
    delay: Delay,
    /// `None` where the clock cannot hold it.
    deadline: Option<Instant>,
    elapsed: bool,
    /// It was pending since it was made or reset.
    waited: bool,
}

impl DelaySleep {
    pub(super) fn new(deadline: Option<Instant>) -> Self {
        Self {
            delay: Delay::new(left(deadline)),
            deadline,
            elapsed: false,
            waited: false,
        }
    }

    fn is_past(&self) -> bool {
        self.deadline.is_some_and(|it| it <= Instant::now())
    }
}

fn left(deadline: Option<Instant>) -> Duration {
    deadline.map_or(Duration::MAX, |it| {
        it.saturating_duration_since(Instant::now())
    })
}

impl Future for DelaySleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // The clock decides. The timer's thread takes its time to say so, and says so too early when a reset meets it between
        // the two steps that futures-timer 3.0 makes of one.
        while !self.elapsed && !self.is_past() {
            self.waited = true;
            ready!(Pin::new(&mut self.delay).poll(cx));
            if !self.is_past() {
                let left = left(self.deadline);
                self.delay.reset(left);
            }
        }
        if !self.elapsed {
            ready!(give_way(&mut self.waited, cx));
        }
        self.elapsed = true;
        Poll::Ready(())
    }
}

impl anyrt_core::Sleep for DelaySleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.delay.reset(left(Some(deadline)));
        (self.deadline, self.elapsed, self.waited) = (Some(deadline), false, false);
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        self.elapsed
    }
}

impl fmt::Debug for DelaySleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelaySleep").finish_non_exhaustive()
    }
}
