use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_net::{AsyncRead, AsyncWrite, Interest, Ready, Stream, TcpOptions};
use anyrt_tokio_io::FromTokio;

/// A stream of turmoil. The log reads and writes it, and does nothing else.
#[derive(Debug)]
pub struct TcpStream(pub(super) FromTokio<turmoil::net::TcpStream>);

impl AsyncRead for TcpStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

impl Ready for TcpStream {
    fn poll_ready(&self, _: &mut Context<'_>, _: Interest) -> Poll<io::Result<()>> {
        Poll::Ready(Err(ErrorKind::Unsupported.into()))
    }
}

impl Stream for TcpStream {
    type Addr = SocketAddr;
    type ReadHalf = Self;
    type WriteHalf = Self;

    fn try_read(&self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::Unsupported.into())
    }

    fn try_write(&self, _: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::Unsupported.into())
    }

    fn into_split(self) -> (Self, Self) {
        panic!("the log does not split its streams")
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Err(ErrorKind::Unsupported.into())
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(ErrorKind::Unsupported.into())
    }

    fn shutdown(&self, _: Shutdown) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

impl anyrt_net::TcpStream for TcpStream {
    fn poll_peek(&self, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(ErrorKind::Unsupported.into()))
    }

    fn options(&self) -> io::Result<TcpOptions> {
        Err(ErrorKind::Unsupported.into())
    }

    fn set_options(&self, _: &TcpOptions) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn set_zero_linger(&self) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}
