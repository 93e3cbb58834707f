use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::AnyWaiter;
use crate::{Datagram, Interest, UdpOptions, UdpSocket};

/// The UDP socket of an [`AnyNet`](crate::AnyNet).
///
/// # Cost
///
/// 16 bytes, and a shared allocation. A task that waits allocates its waiter.
#[derive(Clone, Debug)]
pub struct AnyUdpSocket(Arc<dyn DynUdp>);

/// What is left of a socket once its type is gone.
trait DynUdp: Debug + Send + Sync {
    fn dyn_poll_readiness(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>>;
    fn dyn_poll_recv_from(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>>;
    fn dyn_poll_send_to(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &SocketAddr,
    ) -> Poll<io::Result<usize>>;
    fn dyn_poll_recv(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>>;
    fn dyn_poll_send(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>>;
    fn dyn_try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)>;
    fn dyn_try_send_to(&self, buf: &[u8], to: &SocketAddr) -> io::Result<usize>;
    fn dyn_connect(&self, peer: &SocketAddr) -> io::Result<()>;
    fn dyn_local_addr(&self) -> io::Result<SocketAddr>;
    fn dyn_peer_addr(&self) -> io::Result<SocketAddr>;
    fn dyn_options(&self) -> io::Result<UdpOptions>;
    fn dyn_set_options(&self, options: &UdpOptions) -> io::Result<()>;
}

impl<S> DynUdp for S
where
    S: UdpSocket<Waiter: Send + Sync + 'static> + Send + Sync,
{
    fn dyn_poll_readiness(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        waiter.lend(|waiter| self.poll_readiness(waiter, cx, interest))
    }

    fn dyn_poll_recv_from(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        waiter.lend(|waiter| self.poll_recv_from(waiter, cx, buf))
    }

    fn dyn_poll_send_to(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &SocketAddr,
    ) -> Poll<io::Result<usize>> {
        waiter.lend(|waiter| self.poll_send_to(waiter, cx, buf, to))
    }

    fn dyn_poll_recv(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        waiter.lend(|waiter| self.poll_recv(waiter, cx, buf))
    }

    fn dyn_poll_send(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        waiter.lend(|waiter| self.poll_send(waiter, cx, buf))
    }

    fn dyn_try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.try_recv_from(buf)
    }

    fn dyn_try_send_to(&self, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        self.try_send_to(buf, to)
    }

    fn dyn_connect(&self, peer: &SocketAddr) -> io::Result<()> {
        self.connect(peer)
    }

    fn dyn_local_addr(&self) -> io::Result<SocketAddr> {
        self.local_addr()
    }

    fn dyn_peer_addr(&self) -> io::Result<SocketAddr> {
        self.peer_addr()
    }

    fn dyn_options(&self) -> io::Result<UdpOptions> {
        self.options()
    }

    fn dyn_set_options(&self, options: &UdpOptions) -> io::Result<()> {
        self.set_options(options)
    }
}

impl AnyUdpSocket {
    pub(super) fn new<S>(socket: S) -> Self
    where
        S: UdpSocket<Waiter: Send + Sync + 'static> + Send + Sync + 'static,
    {
        Self(Arc::new(socket))
    }
}

impl Datagram for AnyUdpSocket {
    type Addr = SocketAddr;
    type Waiter = AnyWaiter;

    fn poll_readiness(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        self.0.dyn_poll_readiness(waiter, cx, interest)
    }

    fn poll_recv_from(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.0.dyn_poll_recv_from(waiter, cx, buf)
    }

    fn poll_send_to(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &SocketAddr,
    ) -> Poll<io::Result<usize>> {
        self.0.dyn_poll_send_to(waiter, cx, buf, to)
    }

    fn poll_recv(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.0.dyn_poll_recv(waiter, cx, buf)
    }

    fn poll_send(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.dyn_poll_send(waiter, cx, buf)
    }

    fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.0.dyn_try_recv_from(buf)
    }

    fn try_send_to(&self, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        self.0.dyn_try_send_to(buf, to)
    }

    fn connect(&self, peer: &SocketAddr) -> io::Result<()> {
        self.0.dyn_connect(peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.dyn_local_addr()
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.dyn_peer_addr()
    }
}

impl UdpSocket for AnyUdpSocket {
    fn options(&self) -> io::Result<UdpOptions> {
        self.0.dyn_options()
    }

    fn set_options(&self, options: &UdpOptions) -> io::Result<()> {
        self.0.dyn_set_options(options)
    }
}
