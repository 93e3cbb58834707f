use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Datagram;

/// Waits for room and sends to the peer; made by [`Datagram::send`].
///
/// # Cancellation
///
/// Dropping it loses nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Send<'a, S: Datagram> {
    socket: &'a S,
    buf: &'a [u8],
    waiter: S::Waiter,
}

impl<'a, S: Datagram> Send<'a, S> {
    #[inline]
    pub(super) fn new(socket: &'a S, buf: &'a [u8]) -> Self {
        Self {
            socket,
            buf,
            waiter: S::Waiter::default(),
        }
    }
}

impl<S: Datagram> Future for Send<'_, S> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.socket.poll_send(&mut this.waiter, cx, this.buf)
    }
}
