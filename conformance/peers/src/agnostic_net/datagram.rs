use std::fmt;
use std::future::Future as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use anyrt_net::{Interest, UdpOptions};

use super::at_once;
use super::runtime::Alone;
use crate::missing::missing;

/// A UDP socket of the layer's.
pub(crate) struct Datagrams<S>(Arc<S>);

impl<S> Datagrams<S> {
    pub(super) fn new(socket: S) -> Self {
        Self(Arc::new(socket))
    }
}

impl<S> Clone for Datagrams<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> fmt::Debug for Datagrams<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Datagrams").finish_non_exhaustive()
    }
}

/// A datagram and where it came from.
type Received = io::Result<(Vec<u8>, SocketAddr)>;

/// One that waits: an operation of the layer's, under way. They are `async fn`s, with a buffer of their own here.
#[derive(Debug, Default)]
pub(crate) struct Waiter {
    receiving: Option<Alone<Received>>,
    sending: Option<Alone<io::Result<usize>>>,
}

impl Waiter {
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
        begin: impl FnOnce(usize) -> Alone<io::Result<(Vec<u8>, SocketAddr)>>,
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        let receiving = self.receiving.get_or_insert_with(|| begin(buf.len()));
        let received = ready!(Pin::new(receiving).poll(cx));
        self.receiving = None;
        let (message, from) = received?;
        let n = message.len().min(buf.len());
        buf[..n].copy_from_slice(&message[..n]);
        Poll::Ready(Ok((n, from)))
    }

    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        begin: impl FnOnce() -> Alone<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let sent = ready!(Pin::new(self.sending.get_or_insert_with(begin)).poll(cx));
        self.sending = None;
        Poll::Ready(sent)
    }
}

impl<S: agnostic_net::UdpSocket> anyrt_net::Datagram for Datagrams<S> {
    type Addr = SocketAddr;
    type Waiter = Waiter;

    fn poll_readiness(
        &self,
        _: &mut Waiter,
        _: &mut Context<'_>,
        _: Interest,
    ) -> Poll<io::Result<()>> {
        missing("readiness");
    }

    fn poll_recv_from(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        waiter.poll_receive(cx, buf, |room| {
            let socket = Arc::clone(&self.0);
            Alone::new(async move {
                let mut message = vec![0; room];
                let (n, from) = socket.recv_from(&mut message).await?;
                message.truncate(n);
                Ok((message, from))
            })
        })
    }

    fn poll_send_to(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &SocketAddr,
    ) -> Poll<io::Result<usize>> {
        waiter.poll_send(cx, || {
            let (socket, message, to) = (Arc::clone(&self.0), buf.to_vec(), *to);
            Alone::new(async move { socket.send_to(&message, to).await })
        })
    }

    fn poll_recv(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let received = waiter.poll_receive(cx, buf, |room| {
            let socket = Arc::clone(&self.0);
            Alone::new(async move {
                let mut message = vec![0; room];
                let n = socket.recv(&mut message).await?;
                message.truncate(n);
                Ok((message, ([0, 0, 0, 0], 0).into()))
            })
        });
        received.map_ok(|(n, _)| n)
    }

    fn poll_send(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        waiter.poll_send(cx, || {
            let (socket, message) = (Arc::clone(&self.0), buf.to_vec());
            Alone::new(async move { socket.send(&message).await })
        })
    }

    fn try_recv_from(&self, _: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        missing("`try_recv_from`");
    }

    fn try_send_to(&self, _: &[u8], _: &SocketAddr) -> io::Result<usize> {
        missing("`try_send_to`");
    }

    fn connect(&self, peer: &SocketAddr) -> io::Result<()> {
        at_once(self.0.connect(*peer))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}

impl<S: agnostic_net::UdpSocket> anyrt_net::UdpSocket for Datagrams<S> {
    fn options(&self) -> io::Result<UdpOptions> {
        missing("options of a UDP socket");
    }

    fn set_options(&self, _: &UdpOptions) -> io::Result<()> {
        missing("options of a UDP socket");
    }
}
