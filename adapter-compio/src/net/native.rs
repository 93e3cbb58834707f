//! Std's sockets as the types of this module need them.

use std::fmt::Debug;
use std::io::{self, Read, Write};
use std::net::Shutdown;

use compio_driver::AsFd;

/// A connection of std's. Implemented for those that [`Stream`](super::Stream) knows, and sealed.
pub trait NativeStream: AsFd + Debug + Sized + Sealed + 'static {
    /// What its ends are called.
    type Addr: Clone + Debug + Unpin;

    #[doc(hidden)]
    fn reader(&self) -> impl Read + '_;
    #[doc(hidden)]
    fn writer(&self) -> impl Write + '_;
    #[doc(hidden)]
    fn local(&self) -> io::Result<Self::Addr>;
    #[doc(hidden)]
    fn peer(&self) -> io::Result<Self::Addr>;
    #[doc(hidden)]
    fn end(&self, how: Shutdown) -> io::Result<()>;
    #[doc(hidden)]
    fn error(&self) -> io::Result<Option<io::Error>>;
    #[doc(hidden)]
    fn nonblocking(&self, nonblocking: bool) -> io::Result<()>;
}

/// A listener of std's. Implemented for those that [`Listener`](super::Listener) knows, and sealed.
pub trait NativeListener: AsFd + Debug + Sized + Sealed + 'static {
    /// The connections that it accepts.
    type Stream: NativeStream;

    #[doc(hidden)]
    fn take(&self) -> io::Result<(Self::Stream, <Self::Stream as NativeStream>::Addr)>;
    #[doc(hidden)]
    fn local(&self) -> io::Result<<Self::Stream as NativeStream>::Addr>;
}

/// A datagram socket of std's. Implemented for those that [`Datagram`](super::Datagram) knows, and sealed.
pub trait NativeDatagram: AsFd + Debug + Sized + Sealed + 'static {
    /// What its ends are called.
    type Addr: Clone + Debug + Unpin;

    #[doc(hidden)]
    fn take_from(&self, buf: &mut [u8]) -> io::Result<(usize, Self::Addr)>;
    #[doc(hidden)]
    fn put_to(&self, buf: &[u8], to: &Self::Addr) -> io::Result<usize>;
    #[doc(hidden)]
    fn take(&self, buf: &mut [u8]) -> io::Result<usize>;
    #[doc(hidden)]
    fn put(&self, buf: &[u8]) -> io::Result<usize>;
    #[doc(hidden)]
    fn settle(&self, peer: &Self::Addr) -> io::Result<()>;
    #[doc(hidden)]
    fn local(&self) -> io::Result<Self::Addr>;
    #[doc(hidden)]
    fn peer(&self) -> io::Result<Self::Addr>;
}

/// Only types of std's are native.
#[doc(hidden)]
pub trait Sealed {}

macro_rules! native {
    ($stream:ty, $listener:ty, $datagram:ty, $addr:ty, send_to: $send_to:expr, connect: $connect:expr) => {
        impl Sealed for $stream {}
        impl Sealed for $listener {}
        impl Sealed for $datagram {}

        impl NativeStream for $stream {
            type Addr = $addr;

            fn reader(&self) -> impl Read + '_ {
                self
            }

            fn writer(&self) -> impl Write + '_ {
                self
            }

            fn local(&self) -> io::Result<$addr> {
                self.local_addr()
            }

            fn peer(&self) -> io::Result<$addr> {
                self.peer_addr()
            }

            fn end(&self, how: Shutdown) -> io::Result<()> {
                self.shutdown(how)
            }

            fn error(&self) -> io::Result<Option<io::Error>> {
                self.take_error()
            }

            fn nonblocking(&self, nonblocking: bool) -> io::Result<()> {
                self.set_nonblocking(nonblocking)
            }
        }

        impl NativeListener for $listener {
            type Stream = $stream;

            fn take(&self) -> io::Result<($stream, $addr)> {
                self.accept()
            }

            fn local(&self) -> io::Result<$addr> {
                self.local_addr()
            }
        }

        impl NativeDatagram for $datagram {
            type Addr = $addr;

            fn take_from(&self, buf: &mut [u8]) -> io::Result<(usize, $addr)> {
                self.recv_from(buf)
            }

            fn put_to(&self, buf: &[u8], to: &$addr) -> io::Result<usize> {
                $send_to(self, buf, to)
            }

            fn take(&self, buf: &mut [u8]) -> io::Result<usize> {
                self.recv(buf)
            }

            fn put(&self, buf: &[u8]) -> io::Result<usize> {
                self.send(buf)
            }

            fn settle(&self, peer: &$addr) -> io::Result<()> {
                $connect(self, peer)
            }

            fn local(&self) -> io::Result<$addr> {
                self.local_addr()
            }

            fn peer(&self) -> io::Result<$addr> {
                self.peer_addr()
            }
        }
    };
}

native!(
    std::net::TcpStream, std::net::TcpListener, std::net::UdpSocket, std::net::SocketAddr,
    send_to: |io: &std::net::UdpSocket, buf: &[u8], to: &std::net::SocketAddr| io.send_to(buf, to),
    connect: |io: &std::net::UdpSocket, peer: &std::net::SocketAddr| anyrt_socket::udp::connect(io, *peer)
);

#[cfg(unix)]
native!(
    std::os::unix::net::UnixStream, std::os::unix::net::UnixListener, std::os::unix::net::UnixDatagram,
    std::os::unix::net::SocketAddr,
    send_to: anyrt_socket::unix::send_to,
    connect: anyrt_socket::unix::connect_datagram
);
