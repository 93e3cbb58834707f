use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use anyrt_net::{Interest, UdpOptions};

use super::Wire;
use super::call::Home;
use super::datagram::{Datagrams, receives};
use super::listener::Waiter;
use super::wire::Address;
use super::wire::slab::Id;

/// A simulated UDP socket. It always has room to send: what a link cannot take is lost or late.
///
/// It is an [`anyrt_net::Datagram`]; see there.
#[derive(Clone)]
pub struct UdpSocket(Arc<Datagrams>);

impl UdpSocket {
    pub(super) fn bind(
        shared: &Home,
        bind: impl FnOnce(&mut Wire, Waker) -> io::Result<Id>,
    ) -> io::Result<Self> {
        Ok(Self(Arc::new(Datagrams::bind(shared, bind)?)))
    }
}

fn shown(address: Address) -> io::Result<SocketAddr> {
    match address {
        Address::Ip(addr) => Ok(addr),
        Address::Path(_) => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn address(addr: &SocketAddr) -> Address {
    Address::Ip(*addr)
}

impl anyrt_net::Datagram for UdpSocket {
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
        let id = self.0.hold.id;
        self.0.poll(waiter, cx, |wire, m| {
            Poll::Ready(wire.send_udp(id, buf, *to, m))
        })
    }

    fn poll_send(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let peer = self.peer_addr()?;
        self.poll_send_to(waiter, cx, buf, &peer)
    }

    fn try_send_to(&self, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        let id = self.0.hold.id;
        self.0.act(|wire, m| wire.send_udp(id, buf, *to, m))
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self.0.peer() {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Err(io::Error::new(
                io::ErrorKind::NotConnected,
                "the socket is connected to nobody",
            )),
            peer => shown(peer?),
        }
    }
}

impl anyrt_net::UdpSocket for UdpSocket {
    fn options(&self) -> io::Result<UdpOptions> {
        self.0.look(|wire| wire.socket_options(self.0.hold.id))
    }

    fn set_options(&self, options: &UdpOptions) -> io::Result<()> {
        let id = self.0.hold.id;
        self.0.act(|wire, _| wire.set_socket_options(id, options))
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpSocket").finish_non_exhaustive()
    }
}
