use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};

/// Says that there is something to do. Many say it, and one task waits.
#[derive(Debug, Default)]
pub(super) struct Signal(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_set: bool,
    waker: Option<Waker>,
}

impl Signal {
    /// Notifies the waiter, unless that was done and not seen yet.
    pub(super) fn set(&self) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut inner.is_set, true) {
            return;
        }
        let waker = inner.waker.take();
        drop(inner);
        waker.into_iter().for_each(Waker::wake);
    }

    pub(super) async fn wait(&self) {
        self.wait_from(false).await;
    }

    /// The fault of [`Bug::LostWake`](super::Bug::LostWake): waits for a call of `set` without a look at whether there was one.
    pub(super) async fn wait_for_another(&self) {
        self.wait_from(true).await;
    }

    async fn wait_from(&self, mut misses_one: bool) {
        poll_fn(|cx| {
            let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if inner.is_set && !misses_one {
                inner.is_set = false;
                return Poll::Ready(());
            }
            misses_one = false;
            inner.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
