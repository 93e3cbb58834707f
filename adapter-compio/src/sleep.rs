use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use anyrt_core::Instant;

use crate::driver::Slot;
use crate::queued::Queued;

/// A sleep on a local runtime; made by [`Timer::sleep`](anyrt_core::Timer::sleep).
///
/// It waits in a queue of the adapter, and not in compio's, which wakes under a borrow of its timers: a waker that uses them would
/// panic.
///
/// # Panics
///
/// When it is polled before its deadline and its runtime is gone: nobody would wake it.
///
/// # Cost
///
/// `Unpin`. The queue is an ordered map, which allocates for some ten sleeps at once; a poll that is pending looks its sleep up there.
/// A sleep whose deadline has passed is never put into it.
///
/// # Runtimes
///
/// The resolution is that of the system's clock: compio waits for the time to the next timer, in nanoseconds.
///
/// Where the program started compio itself, it waits in the queue of the [`SharedTimer`](crate::SharedTimer), and costs what one of
/// that costs.
///
/// # Examples
///
/// ```
/// use std::pin::pin;
/// use std::time::Duration;
/// use anyrt_core::{Config, prelude::*};
///
/// let rt = anyrt_compio::Local::launch(Config::new())?;
/// let mut sleep = pin!(rt.handle().sleep(Duration::from_millis(2)));
/// rt.block_on(sleep.as_mut());
/// assert!(sleep.is_elapsed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sleep(Queued<Rc<Slot>>);

impl Sleep {
    pub(crate) fn new(slot: &Rc<Slot>, deadline: Option<Instant>) -> Self {
        Self(Queued::new(slot.clone(), deadline))
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.0.reset(deadline);
    }

    fn deadline(&self) -> Option<Instant> {
        self.0.deadline()
    }

    fn is_elapsed(&self) -> bool {
        self.0.is_elapsed()
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("elapsed", &self.0.is_elapsed())
            .finish_non_exhaustive()
    }
}
