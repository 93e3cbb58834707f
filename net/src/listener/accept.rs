use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Listener;

/// Waits for a connection; made by [`Listener::accept`].
///
/// # Cancellation
///
/// Dropping it loses no connection (`net::dropped_accept_keeps_connection`).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Accept<'a, L: Listener> {
    listener: &'a L,
    waiter: L::Waiter,
}

impl<'a, L: Listener> Accept<'a, L> {
    #[inline]
    pub(super) fn new(listener: &'a L) -> Self {
        Self {
            listener,
            waiter: L::Waiter::default(),
        }
    }
}

impl<L: Listener> Future for Accept<'_, L> {
    type Output = io::Result<(L::Stream, L::Addr)>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.listener.poll_accept(&mut this.waiter, cx)
    }
}
