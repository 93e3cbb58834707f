use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Datagram;

/// Waits for a message; made by [`Datagram::recv_from`].
///
/// # Cancellation
///
/// Dropping it loses nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct RecvFrom<'a, S: Datagram> {
    socket: &'a S,
    buf: &'a mut [u8],
    waiter: S::Waiter,
}

impl<'a, S: Datagram> RecvFrom<'a, S> {
    #[inline]
    pub(super) fn new(socket: &'a S, buf: &'a mut [u8]) -> Self {
        Self {
            socket,
            buf,
            waiter: S::Waiter::default(),
        }
    }
}

impl<S: Datagram> Future for RecvFrom<'_, S> {
    type Output = io::Result<(usize, S::Addr)>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.socket.poll_recv_from(&mut this.waiter, cx, this.buf)
    }
}
