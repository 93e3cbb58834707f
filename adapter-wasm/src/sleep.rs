use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::Instant;
use anyrt_shared::give_way;

use crate::timers::Key;
use crate::{event_loop, host};

/// A sleep on the page's timers; made by [`Timer::sleep`](anyrt_core::Timer::sleep).
///
/// It works wherever it is polled: in a task of anyrt's, and in one of `wasm_bindgen_futures`.
///
/// # Cost
///
/// No allocation but its entry in an ordered map while it waits. Each poll reads the clock. All sleeps share one `setTimeout`.
///
/// # Runtimes
///
/// It is never early: where `setTimeout` is, the clock is read and it waits on. The resolution is a millisecond in node and four in
/// browsers, whose pages wait a second or longer while they are in the background. In node, a sleep that waits keeps the process
/// alive.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
///
/// let rt = anyrt_wasm::Wasm::global();
/// let sleep = rt.sleep(Duration::from_millis(2));
/// rt.spawn_detached(sleep);
/// ```
pub struct Sleep {
    /// `None` where the clock cannot represent it: then it never comes.
    deadline: Option<Instant>,
    /// While a waker is registered for this deadline.
    key: Option<Key>,
    is_over: bool,
    put_off: bool,
}

impl Sleep {
    /// A sleep that counts from this call.
    pub(crate) fn after(duration: Duration) -> Self {
        Self::new(host::now().checked_add(duration))
    }

    pub(crate) fn until(deadline: Instant) -> Self {
        Self::new(Some(deadline))
    }

    fn new(deadline: Option<Instant>) -> Self {
        Self {
            deadline,
            key: None,
            is_over: false,
            put_off: false,
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if !this.is_over {
            if this.deadline.is_none_or(|it| host::now() < it) {
                event_loop::wake_at(&mut this.key, this.deadline, cx.waker());
                return Poll::Pending;
            }
            this.is_over = true;
            drop(event_loop::forget(&mut this.key));
        }
        ready!(give_way(&mut this.put_off, cx));
        Poll::Ready(())
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        let waiter = event_loop::forget(&mut self.key);
        self.deadline = Some(deadline);
        self.is_over = false;
        self.put_off = false;
        if let Some(waiter) = waiter {
            event_loop::wake_at(&mut self.key, Some(deadline), &waiter);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        self.is_over && !self.put_off
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        drop(event_loop::forget(&mut self.key));
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("elapsed", &anyrt_core::Sleep::is_elapsed(self))
            .finish_non_exhaustive()
    }
}
