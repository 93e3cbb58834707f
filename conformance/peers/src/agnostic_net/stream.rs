use std::fmt;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_net::{AsyncRead, AsyncWrite, Interest, Ready, TcpOptions};

use crate::missing::missing;

/// A connection of the layer's, or one half.
pub(crate) struct Stream<S>(S);

impl<S> Stream<S> {
    pub(super) fn new(stream: S) -> Self {
        Self(stream)
    }
}

impl<S> fmt::Debug for Stream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read_vectored(cx, bufs)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

impl<S> Ready for Stream<S> {
    fn poll_ready(&self, _: &mut Context<'_>, _: Interest) -> Poll<io::Result<()>> {
        missing("readiness");
    }
}

impl<S: agnostic_net::TcpStream> anyrt_net::Stream for Stream<S> {
    type Addr = SocketAddr;
    type ReadHalf = Stream<S::OwnedReadHalf>;
    type WriteHalf = Stream<S::OwnedWriteHalf>;

    fn try_read(&self, _: &mut [u8]) -> io::Result<usize> {
        missing("`try_read`");
    }

    fn try_write(&self, _: &[u8]) -> io::Result<usize> {
        missing("`try_write`");
    }

    fn into_split(self) -> (Self::ReadHalf, Self::WriteHalf) {
        let (read, write) = self.0.into_split();
        (Stream(read), Stream(write))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.0.shutdown(how)
    }
}

impl<S: agnostic_net::TcpStream> anyrt_net::TcpStream for Stream<S> {
    fn poll_peek(&self, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
        missing("a peek that is polled");
    }

    fn options(&self) -> io::Result<TcpOptions> {
        missing("options of a connection");
    }

    fn set_options(&self, _: &TcpOptions) -> io::Result<()> {
        missing("options of a connection");
    }

    fn set_zero_linger(&self) -> io::Result<()> {
        self.0.set_linger(Some(Duration::ZERO))
    }
}
