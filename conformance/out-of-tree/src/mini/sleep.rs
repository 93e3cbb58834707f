use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Weak;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use super::scheduler::Scheduler;
use crate::row::give_way;

/// Beyond any program's life.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A sleep on its runtime's timers.
///
/// # Panics
///
/// When it is polled before its deadline and its runtime is gone.
pub struct Sleep {
    scheduler: Weak<Scheduler>,
    id: u64,
    /// `None` where the clock cannot hold it.
    pub(super) deadline: Option<Instant>,
    /// Where the timers have it: at its deadline, or far away.
    armed_at: Instant,
    pub(super) elapsed: bool,
    /// It was pending since it was made or reset.
    waited: bool,
}

impl Sleep {
    pub(super) fn new(scheduler: Weak<Scheduler>, deadline: Option<Instant>) -> Self {
        Self {
            id: scheduler.upgrade().map_or(0, |it| it.id()),
            scheduler,
            deadline,
            armed_at: deadline.unwrap_or_else(|| Instant::now() + FAR),
            elapsed: false,
            waited: false,
        }
    }

    /// Moves the deadline. Who waits for the old one waits for the new one.
    pub(super) fn move_to(&mut self, deadline: Instant) {
        let waiting = self.wake_then(None);
        (self.deadline, self.armed_at) = (Some(deadline), deadline);
        (self.elapsed, self.waited) = (false, false);
        drop(waiting.and_then(|waker| self.wake_then(Some(waker))));
    }

    /// Has `waker` woken at the deadline, or nobody, and returns the one that was to be.
    fn wake_then(&self, waker: Option<Waker>) -> Option<Waker> {
        let scheduler = self.scheduler.upgrade()?;
        scheduler.wake_at(self.armed_at, self.id, waker)
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.elapsed {
            return Poll::Ready(());
        }
        if self.deadline.is_some_and(|it| it <= Instant::now()) {
            drop(self.wake_then(None));
            ready!(give_way(&mut self.waited, cx));
            self.elapsed = true;
            return Poll::Ready(());
        }
        let is_driven = self.scheduler.strong_count() > 0;
        assert!(is_driven, "a sleep of a runtime that is gone");
        drop(self.wake_then(Some(cx.waker().clone())));
        self.waited = true;
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        drop(self.wake_then(None));
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").finish_non_exhaustive()
    }
}
