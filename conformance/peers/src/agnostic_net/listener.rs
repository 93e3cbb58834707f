use std::fmt;
use std::future::Future as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::runtime::Alone;
use super::stream::Stream;

/// A listener of the layer's.
pub(crate) struct Listener<L>(Arc<L>);

impl<L> Listener<L> {
    pub(super) fn new(listener: L) -> Self {
        Self(Arc::new(listener))
    }
}

impl<L> fmt::Debug for Listener<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

type Accepted<L> = io::Result<(Stream<<L as agnostic_net::TcpListener>::Stream>, SocketAddr)>;

/// One that waits: the layer's `accept`, under way.
pub(crate) struct Waiter<L: agnostic_net::TcpListener>(Option<Alone<Accepted<L>>>);

impl<L: agnostic_net::TcpListener> Default for Waiter<L> {
    fn default() -> Self {
        Self(None)
    }
}

impl<L: agnostic_net::TcpListener> fmt::Debug for Waiter<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter").finish_non_exhaustive()
    }
}

impl<L: agnostic_net::TcpListener> anyrt_net::Listener for Listener<L> {
    type Stream = Stream<L::Stream>;
    type Addr = SocketAddr;
    type Waiter = Waiter<L>;

    fn poll_accept(&self, waiter: &mut Waiter<L>, cx: &mut Context<'_>) -> Poll<Accepted<L>> {
        let accept = waiter.0.get_or_insert_with(|| {
            let listener = Arc::clone(&self.0);
            Alone::new(async move {
                let (stream, peer) = listener.accept().await?;
                Ok((Stream::new(stream), peer))
            })
        });
        let accepted = ready!(Pin::new(accept).poll(cx));
        waiter.0 = None;
        Poll::Ready(accepted)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}
