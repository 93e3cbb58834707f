use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};

use anyrt_net::{Interest, UdpOptions};

use super::Waiter;
use super::native::NativeDatagram;
use super::source::Source;
use crate::driver::{RUNTIME, Slot};

/// A datagram socket on compio. Clones are handles to the same one.
///
/// # Cost
///
/// 8 bytes. Each task that waits has a wait of its own in the driver.
#[derive(Debug)]
pub struct Datagram<S: NativeDatagram>(Rc<Source<S>>);

/// A UDP socket on compio. Clones are handles to the same one.
pub type UdpSocket = Datagram<std::net::UdpSocket>;

/// A Unix datagram socket on compio. Clones are handles to the same one.
#[cfg(unix)]
pub type UnixDatagram = Datagram<std::os::unix::net::UnixDatagram>;

impl<S: NativeDatagram> Datagram<S> {
    /// Takes over a socket that does not block.
    pub(super) fn new(socket: S, slot: &Rc<Slot>) -> io::Result<Self> {
        Ok(Self(Rc::new(Source::new(socket, slot)?)))
    }
}

impl<S: NativeDatagram> Clone for Datagram<S> {
    #[inline]
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<S: NativeDatagram> anyrt_net::Datagram for Datagram<S> {
    type Addr = S::Addr;
    type Waiter = Waiter<S>;

    #[inline]
    fn poll_readiness(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        waiter.poll_ready(&self.0, cx, interest)
    }

    #[inline]
    fn poll_recv_from(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, S::Addr)>> {
        waiter.poll_io(&self.0, cx, Interest::Read, |io| io.take_from(buf))
    }

    #[inline]
    fn poll_send_to(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &S::Addr,
    ) -> Poll<io::Result<usize>> {
        waiter.poll_io(&self.0, cx, Interest::Write, |io| io.put_to(buf, to))
    }

    #[inline]
    fn poll_recv(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        waiter.poll_io(&self.0, cx, Interest::Read, |io| io.take(buf))
    }

    #[inline]
    fn poll_send(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        waiter.poll_io(&self.0, cx, Interest::Write, |io| io.put(buf))
    }

    fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, S::Addr)> {
        self.0.get().take_from(buf)
    }

    fn try_send_to(&self, buf: &[u8], to: &S::Addr) -> io::Result<usize> {
        self.0.get().put_to(buf, to)
    }

    fn connect(&self, peer: &S::Addr) -> io::Result<()> {
        self.0.get().settle(peer)
    }

    fn local_addr(&self) -> io::Result<S::Addr> {
        self.0.get().local()
    }

    fn peer_addr(&self) -> io::Result<S::Addr> {
        self.0.get().peer()
    }
}

impl anyrt_net::UdpSocket for UdpSocket {
    fn options(&self) -> io::Result<UdpOptions> {
        anyrt_socket::udp::options(self.0.get())
    }

    fn set_options(&self, options: &UdpOptions) -> io::Result<()> {
        anyrt_socket::udp::set_options(RUNTIME, self.0.get(), options)
    }
}

#[cfg(unix)]
impl UdpSocket {
    pub(super) fn into_std(self) -> io::Result<std::net::UdpSocket> {
        let duplicate = std::net::UdpSocket::try_clone;
        match Rc::try_unwrap(self.0) {
            Ok(source) => source.into_std(duplicate),
            Err(shared) => duplicate(shared.get()),
        }
    }
}

#[cfg(unix)]
super::registered::os_handle!(UdpSocket);

#[cfg(unix)]
impl anyrt_net::OsSocket for UdpSocket {
    #[inline]
    fn try_io<T>(&self, _: Interest, op: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        op()
    }
}
