use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use anyrt_core::{Instant, Timer};
use anyrt_shared::give_way;
use compio_runtime::time;

use crate::driver::Slot;

/// A sleep on compio's timers; made by [`Timer::sleep`](anyrt_core::Timer::sleep).
///
/// # Panics
///
/// When it is polled before its deadline and its runtime is gone: nobody would wake it. When it is polled, reset or dropped by a waker
/// that another sleep wakes: compio calls it under a borrow of its timers. The wakers of tasks do no such thing.
///
/// # Cost
///
/// One allocation when it is polled for the first time, and one after each reset, because compio's timer has no name and cannot
/// be moved to another deadline. A sleep whose deadline has passed allocates nothing.
///
/// # Runtimes
///
/// The resolution is that of the system's clock: compio waits for the time to the next timer, in nanoseconds.
///
/// Where the program started compio itself, a sleep that is polled outside of that for the first time waits in the queue of the
/// [`SharedTimer`](crate::SharedTimer), and costs what one of that costs.
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
pub struct Sleep {
    slot: Rc<Slot>,
    // `None` where the clock cannot represent it: then it never comes.
    deadline: Option<Instant>,
    timer: Option<Boxed>,
    // The last waiter, whom a reset must wake at the new deadline.
    waiter: Option<Waker>,
    is_over: bool,
    put_off: bool,
}

impl Sleep {
    pub(crate) fn new(slot: &Rc<Slot>, deadline: Option<Instant>) -> Self {
        Self {
            slot: slot.clone(),
            deadline,
            timer: None,
            waiter: None,
            is_over: false,
            put_off: false,
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        if deadline <= Instant::now() {
            return Poll::Ready(());
        }
        if self.slot.is_gone() {
            panic!("a sleep of a compio local runtime was polled after the runtime was dropped");
        }
        if let Some(timer) = &mut self.timer {
            return timer.as_mut().poll(cx);
        }
        // compio registers the timer with the runtime that it finds at the first poll.
        let (timer, armed) = match self.slot.runtime() {
            Some(runtime) => runtime.enter(|| poll_boxed(time::sleep_until(deadline), cx)),
            None => poll_boxed(self.slot.watched().sleep_until(deadline), cx),
        };
        self.timer = Some(timer);
        armed
    }
}

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

fn poll_boxed(
    timer: impl Future<Output = ()> + 'static,
    cx: &mut Context<'_>,
) -> (Boxed, Poll<()>) {
    let mut timer = Box::pin(timer);
    let armed = timer.as_mut().poll(cx);
    (timer, armed)
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_over {
            if self.poll_timer(cx).is_pending() {
                match &mut self.waiter {
                    Some(waiter) => waiter.clone_from(cx.waker()),
                    waiter => *waiter = Some(cx.waker().clone()),
                }
                return Poll::Pending;
            }
            self.is_over = true;
            self.timer = None;
            self.waiter = None;
        }
        ready!(give_way(&mut self.put_off, cx));
        Poll::Ready(())
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.timer = None;
        self.deadline = Some(deadline);
        self.is_over = false;
        self.put_off = false;
        let Some(waiter) = self.waiter.take() else {
            return;
        };
        if self.slot.is_gone()
            || self
                .poll_timer(&mut Context::from_waker(&waiter))
                .is_ready()
        {
            waiter.wake();
        } else {
            self.waiter = Some(waiter);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        self.is_over && !self.put_off
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("elapsed", &anyrt_core::Sleep::is_elapsed(self))
            .finish_non_exhaustive()
    }
}
