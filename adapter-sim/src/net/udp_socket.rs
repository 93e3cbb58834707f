use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyrt_net::{Interest, UdpOptions, WaitList};

use super::Wire;
use super::call::{self, Home, or_would_block};
use super::hold::Hold;
use super::listener::Waiter;
use super::wire::Address;

/// A simulated UDP socket. It always has room to send: what a link cannot take is lost or late.
///
/// It is an [`anyrt_net::Datagram`]; see there.
#[derive(Clone)]
pub struct UdpSocket(Arc<Inner>);

struct Inner {
    hold: Hold,
    waiting: WaitList,
}

impl UdpSocket {
    pub(super) fn bind(
        shared: &Home,
        bind: impl FnOnce(&mut Wire, std::task::Waker) -> io::Result<super::wire::slab::Id>,
    ) -> io::Result<Self> {
        let waiting = WaitList::new();
        let waker = waiting.waker().clone();
        let id = call::act(shared, |wire, _| bind(wire, waker))?;
        let hold = Hold::new(shared, id, Wire::drop_socket);
        Ok(Self(Arc::new(Inner { hold, waiting })))
    }

    fn poll<T>(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Wire, &mut super::wire::Moment) -> Poll<T>,
    ) -> Poll<T> {
        let shared = &self.0.hold.shared;
        let poll = |cx: &mut Context<'_>| call::poll(shared, cx, |wire, m, _| poll(wire, m));
        self.0.waiting.poll(&mut waiter.0, cx, poll)
    }

    fn peer(&self) -> io::Result<SocketAddr> {
        let peer = call::look(&self.0.hold.shared, |state| {
            state.wire.socket_peer(self.0.hold.id)
        });
        match peer {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Err(io::Error::new(
                io::ErrorKind::NotConnected,
                "the socket is connected to nobody",
            )),
            peer => addr(peer?),
        }
    }
}

fn addr(address: Address) -> io::Result<SocketAddr> {
    match address {
        Address::Ip(addr) => Ok(addr),
        Address::Path(_) => Err(io::ErrorKind::InvalidInput.into()),
    }
}

impl anyrt_net::Datagram for UdpSocket {
    type Addr = SocketAddr;
    type Waiter = Waiter;

    fn poll_readiness(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        let id = self.0.hold.id;
        self.poll(waiter, cx, |wire, _| match wire.has_message(id)? {
            false if interest == Interest::Read => Poll::Pending,
            _ => Poll::Ready(Ok(())),
        })
    }

    fn poll_recv_from(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        let id = self.0.hold.id;
        let received = self.poll(waiter, cx, |wire, m| wire.recv(id, buf, m));
        received.map(|received| received.and_then(|(n, from)| Ok((n, addr(from)?))))
    }

    fn poll_send_to(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &SocketAddr,
    ) -> Poll<io::Result<usize>> {
        let id = self.0.hold.id;
        self.poll(waiter, cx, |wire, m| {
            Poll::Ready(wire.send_udp(id, buf, *to, m))
        })
    }

    fn poll_recv(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_recv_from(waiter, cx, buf).map_ok(|(n, _)| n)
    }

    fn poll_send(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let peer = self.peer()?;
        self.poll_send_to(waiter, cx, buf, &peer)
    }

    fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let id = self.0.hold.id;
        let received = call::act(&self.0.hold.shared, |wire, m| wire.recv(id, buf, m));
        let (n, from) = or_would_block(received)?;
        Ok((n, addr(from)?))
    }

    fn try_send_to(&self, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        let id = self.0.hold.id;
        call::act(&self.0.hold.shared, |wire, m| {
            wire.send_udp(id, buf, *to, m)
        })
    }

    fn connect(&self, peer: &SocketAddr) -> io::Result<()> {
        let id = self.0.hold.id;
        call::act(&self.0.hold.shared, |wire, _| {
            wire.set_peer(id, Address::Ip(*peer))
        })
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        let local = call::look(&self.0.hold.shared, |state| {
            state.wire.socket_addr(self.0.hold.id)
        });
        addr(local?)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.peer()
    }
}

impl anyrt_net::UdpSocket for UdpSocket {
    fn options(&self) -> io::Result<UdpOptions> {
        call::look(&self.0.hold.shared, |state| {
            state.wire.socket_options(self.0.hold.id)
        })
    }

    fn set_options(&self, options: &UdpOptions) -> io::Result<()> {
        let id = self.0.hold.id;
        call::act(&self.0.hold.shared, |wire, _| {
            wire.set_socket_options(id, options)
        })
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpSocket").finish_non_exhaustive()
    }
}
