use std::io;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use anyrt_net::{Datagram, Interest};
use quinn::UdpPoller;

/// The place of the one task that receives: quinn has one per endpoint, and passes none in.
#[derive(Debug)]
pub(crate) struct Receiver<W>(Mutex<W>);

impl<W: Default> Receiver<W> {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    #[inline]
    pub(crate) fn waiter(&self) -> MutexGuard<'_, W> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for room. Each has a waiter of its own, so that any number of connections may wait.
#[derive(Debug)]
pub(crate) struct Poller<S: Datagram> {
    socket: S,
    waiter: S::Waiter,
}

impl<S: Datagram> Poller<S> {
    pub(crate) fn new(socket: S) -> Self {
        Self {
            socket,
            waiter: S::Waiter::default(),
        }
    }
}

impl<S> UdpPoller for Poller<S>
where
    S: Datagram<Waiter: Send + Sync + 'static> + Send + Sync + 'static,
{
    #[inline]
    fn poll_writable(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.socket
            .poll_readiness(&mut this.waiter, cx, Interest::Write)
    }
}
