use std::fmt;
use std::io;
use std::os::unix::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use anyrt_net::{Interest, WaitList};

use super::Pending;
use super::Wire;
use super::call::{self, Home, or_would_block};
use super::datagram::{Datagrams, receives};
use super::listener::Waiter;
use super::stream::unix_addr;
use super::wire::Address;
use super::wire::slab::Id;

/// A simulated Unix datagram socket. It loses nothing: who sends to one that is full waits. Who sends to one that is connected to
/// another hears `PermissionDenied`, as on Linux.
///
/// It is an [`anyrt_net::Datagram`]; see there.
#[derive(Clone)]
pub struct UnixDatagram(Arc<Datagrams>, Arc<WaitList>);

impl UnixDatagram {
    pub(super) fn bind(
        shared: &Home,
        bind: impl FnOnce(&mut Wire, Waker) -> io::Result<Id>,
    ) -> io::Result<Self> {
        Ok(Self::of(Datagrams::bind(shared, bind)?))
    }

    pub(super) fn new(shared: &Home, id: Id, receivers: WaitList) -> Self {
        Self::of(Datagrams::new(shared, id, receivers))
    }

    /// With a list for those that wait to send.
    fn of(datagrams: Datagrams) -> Self {
        Self(Arc::new(datagrams), Arc::new(WaitList::new()))
    }

    fn poll_send_address(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &Address,
    ) -> Poll<io::Result<usize>> {
        let (shared, id) = (&self.0.hold.shared, self.0.hold.id);
        self.1.poll(&mut waiter.0, cx, |cx| {
            call::poll(shared, cx, Pending::Send(id), |wire, m, waker| {
                wire.send_unix(id, buf, to, waker, m)
            })
        })
    }
}

fn address(addr: &SocketAddr) -> Address {
    Address::Path(addr.as_pathname().map(Arc::from))
}

fn shown(address: Address) -> io::Result<SocketAddr> {
    match address {
        Address::Path(path) => unix_addr(path.as_deref()),
        Address::Ip(_) => unix_addr(None::<&Path>),
    }
}

impl anyrt_net::Datagram for UnixDatagram {
    type Addr = SocketAddr;
    type Waiter = Waiter;

    receives! { shown, address }

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

    fn poll_send(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let peer = self.0.peer()?;
        self.poll_send_address(waiter, cx, buf, &peer)
    }

    fn try_send_to(&self, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        let (id, to) = (self.0.hold.id, address(to));
        let sent = self
            .0
            .act(|wire, m| wire.send_unix(id, buf, &to, &mut None, m));
        or_would_block(sent)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        shown(self.0.peer()?)
    }
}

impl fmt::Debug for UnixDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnixDatagram").finish_non_exhaustive()
    }
}
