use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Datagram;

/// Waits for room and sends; made by [`Datagram::send_to`].
///
/// # Cancellation
///
/// Dropping it loses nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SendTo<'a, S: Datagram> {
    socket: &'a S,
    buf: &'a [u8],
    to: S::Addr,
    waiter: S::Waiter,
}

impl<'a, S: Datagram> SendTo<'a, S> {
    #[inline]
    pub(super) fn new(socket: &'a S, buf: &'a [u8], to: S::Addr) -> Self {
        Self {
            socket,
            buf,
            to,
            waiter: S::Waiter::default(),
        }
    }
}

impl<S: Datagram> Future for SendTo<'_, S> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.socket
            .poll_send_to(&mut this.waiter, cx, this.buf, &this.to)
    }
}
