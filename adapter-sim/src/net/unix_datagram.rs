use std::fmt;
use std::io;
use std::os::unix::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyrt_net::{Interest, WaitList};

use super::Wire;
use super::call::{self, Home, or_would_block};
use super::hold::Hold;
use super::listener::Waiter;
use super::stream::unix_addr;
use super::wire::slab::Id;
use super::wire::{Address, Moment};

/// A simulated Unix datagram socket. It loses nothing: who sends to one that is full waits.
///
/// It is an [`anyrt_net::Datagram`]; see there.
#[derive(Clone)]
pub struct UnixDatagram(Arc<Inner>);

struct Inner {
    hold: Hold,
    receivers: WaitList,
    senders: WaitList,
}

impl UnixDatagram {
    pub(super) fn bind(
        shared: &Home,
        bind: impl FnOnce(&mut Wire, std::task::Waker) -> io::Result<Id>,
    ) -> io::Result<Self> {
        let receivers = WaitList::new();
        let waker = receivers.waker().clone();
        let id = call::act(shared, |wire, _| bind(wire, waker))?;
        Ok(Self::new(shared, id, receivers))
    }

    pub(super) fn new(shared: &Home, id: Id, receivers: WaitList) -> Self {
        let hold = Hold::new(shared, id, Wire::drop_socket);
        Self(Arc::new(Inner {
            hold,
            receivers,
            senders: WaitList::new(),
        }))
    }

    fn poll_receive<T>(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Wire, &mut Moment) -> Poll<T>,
    ) -> Poll<T> {
        let shared = &self.0.hold.shared;
        let poll = |cx: &mut Context<'_>| call::poll(shared, cx, |wire, m, _| poll(wire, m));
        self.0.receivers.poll(&mut waiter.0, cx, poll)
    }

    fn poll_send_address(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &Address,
    ) -> Poll<io::Result<usize>> {
        let (shared, id) = (&self.0.hold.shared, self.0.hold.id);
        self.0.senders.poll(&mut waiter.0, cx, |cx| {
            call::poll(shared, cx, |wire, m, waker| {
                wire.send_unix(id, buf, to, waker, m)
            })
        })
    }

    fn peer(&self) -> io::Result<Address> {
        call::look(&self.0.hold.shared, |state| {
            state.wire.socket_peer(self.0.hold.id)
        })
    }
}

fn address(addr: &SocketAddr) -> Address {
    Address::Path(addr.as_pathname().map(Arc::from))
}

fn shown(address: &Address) -> io::Result<SocketAddr> {
    match address {
        Address::Path(path) => unix_addr(path.as_deref()),
        Address::Ip(_) => unix_addr(None::<&Path>),
    }
}

impl anyrt_net::Datagram for UnixDatagram {
    type Addr = SocketAddr;
    type Waiter = Waiter;

    fn poll_readiness(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        let id = self.0.hold.id;
        self.poll_receive(waiter, cx, |wire, _| match wire.has_message(id)? {
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
        let received = self.poll_receive(waiter, cx, |wire, m| wire.recv(id, buf, m));
        received.map(|received| received.and_then(|(n, from)| Ok((n, shown(&from)?))))
    }

    fn poll_send_to(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &SocketAddr,
    ) -> Poll<io::Result<usize>> {
        // A pair has one peer; whoever names another names a path.
        match to.as_pathname() {
            Some(_) => self.poll_send_address(waiter, cx, buf, &address(to)),
            None => Poll::Ready(Err(io::ErrorKind::InvalidInput.into())),
        }
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
        self.poll_send_address(waiter, cx, buf, &peer)
    }

    fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let id = self.0.hold.id;
        let received = call::act(&self.0.hold.shared, |wire, m| wire.recv(id, buf, m));
        let (n, from) = or_would_block(received)?;
        Ok((n, shown(&from)?))
    }

    fn try_send_to(&self, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        let (id, to) = (self.0.hold.id, address(to));
        let sent = call::act(&self.0.hold.shared, |wire, m| {
            wire.send_unix(id, buf, &to, &mut None, m)
        });
        or_would_block(sent)
    }

    fn connect(&self, peer: &SocketAddr) -> io::Result<()> {
        let (id, peer) = (self.0.hold.id, address(peer));
        call::act(&self.0.hold.shared, |wire, _| wire.set_peer(id, peer))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        let local = call::look(&self.0.hold.shared, |state| {
            state.wire.socket_addr(self.0.hold.id)
        });
        shown(&local?)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        shown(&self.peer()?)
    }
}

impl fmt::Debug for UnixDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnixDatagram").finish_non_exhaustive()
    }
}
