use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::{Datagram, Interest};

/// Waits for readiness; made by [`Datagram::readiness`].
///
/// # Cancellation
///
/// Dropping it loses nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Readiness<'a, S: Datagram> {
    socket: &'a S,
    interest: Interest,
    waiter: S::Waiter,
}

impl<'a, S: Datagram> Readiness<'a, S> {
    #[inline]
    pub(super) fn new(socket: &'a S, interest: Interest) -> Self {
        Self {
            socket,
            interest,
            waiter: S::Waiter::default(),
        }
    }
}

impl<S: Datagram> Future for Readiness<'_, S> {
    type Output = io::Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.socket
            .poll_readiness(&mut this.waiter, cx, this.interest)
    }
}
