use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use futures::task::AtomicWaker;

/// Says that there is something to do. Many say it, and one task waits.
#[derive(Debug, Default)]
pub(super) struct Signal {
    is_set: AtomicBool,
    waiter: AtomicWaker,
}

impl Signal {
    /// Notifies the waiter, unless that was done and not seen yet.
    pub(super) fn set(&self) {
        if !self.is_set.swap(true, Ordering::SeqCst) {
            self.waiter.wake();
        }
    }

    /// Waits until it is set. One that misses what was set before is the fault of [`Bug::LostWake`](super::Bug::LostWake).
    pub(super) async fn wait(&self, mut misses_one: bool) {
        poll_fn(|cx| {
            self.waiter.register(cx.waker());
            match !std::mem::take(&mut misses_one) && self.is_set.swap(false, Ordering::SeqCst) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}
