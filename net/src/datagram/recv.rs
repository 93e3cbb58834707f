use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Datagram;

/// Waits for a message of the peer; made by [`Datagram::recv`].
///
/// # Cancellation
///
/// Dropping it loses nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Recv<'a, S: Datagram> {
    socket: &'a S,
    buf: &'a mut [u8],
    waiter: S::Waiter,
}

impl<'a, S: Datagram> Recv<'a, S> {
    #[inline]
    pub(super) fn new(socket: &'a S, buf: &'a mut [u8]) -> Self {
        Self {
            socket,
            buf,
            waiter: S::Waiter::default(),
        }
    }
}

impl<S: Datagram> Future for Recv<'_, S> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.socket.poll_recv(&mut this.waiter, cx, this.buf)
    }
}
