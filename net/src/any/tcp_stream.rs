use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::{AnyReadHalf, AnyWriteHalf};
use crate::{Interest, Ready, Stream, TcpOptions, TcpStream};

/// The TCP connection of an [`AnyNet`](crate::AnyNet).
///
/// # Cost
///
/// 16 bytes, and a box around the runtime's own stream. A read or write is one call more.
pub struct AnyTcpStream(Box<dyn DynTcp>);

/// What is left of a stream once its type is gone.
trait DynTcp: AsyncRead + AsyncWrite + Ready + fmt::Debug + Unpin + Send + Sync {
    fn dyn_try_read(&self, buf: &mut [u8]) -> io::Result<usize>;
    fn dyn_try_write(&self, buf: &[u8]) -> io::Result<usize>;
    fn dyn_is_write_vectored(&self) -> bool;
    fn dyn_split(self: Box<Self>) -> (AnyReadHalf, AnyWriteHalf);
    fn dyn_local_addr(&self) -> io::Result<SocketAddr>;
    fn dyn_peer_addr(&self) -> io::Result<SocketAddr>;
    fn dyn_shutdown(&self, how: Shutdown) -> io::Result<()>;
    fn dyn_poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>>;
    fn dyn_options(&self) -> io::Result<TcpOptions>;
    fn dyn_set_options(&self, options: &TcpOptions) -> io::Result<()>;
    fn dyn_set_zero_linger(&self) -> io::Result<()>;
}

impl<S> DynTcp for S
where
    S: TcpStream<ReadHalf: Send + Sync + 'static, WriteHalf: Send + Sync + 'static> + Send + Sync,
{
    fn dyn_try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.try_read(buf)
    }

    fn dyn_try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.try_write(buf)
    }

    fn dyn_is_write_vectored(&self) -> bool {
        self.is_write_vectored()
    }

    fn dyn_split(self: Box<Self>) -> (AnyReadHalf, AnyWriteHalf) {
        let (read, write) = self.into_split();
        (AnyReadHalf::new(read), AnyWriteHalf::new(write))
    }

    fn dyn_local_addr(&self) -> io::Result<SocketAddr> {
        self.local_addr()
    }

    fn dyn_peer_addr(&self) -> io::Result<SocketAddr> {
        self.peer_addr()
    }

    fn dyn_shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.shutdown(how)
    }

    fn dyn_poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.poll_peek(cx, buf)
    }

    fn dyn_options(&self) -> io::Result<TcpOptions> {
        self.options()
    }

    fn dyn_set_options(&self, options: &TcpOptions) -> io::Result<()> {
        self.set_options(options)
    }

    fn dyn_set_zero_linger(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl AnyTcpStream {
    pub(super) fn new<S>(stream: S) -> Self
    where
        S: TcpStream<ReadHalf: Send + Sync + 'static, WriteHalf: Send + Sync + 'static>
            + Send
            + Sync
            + 'static,
    {
        Self(Box::new(stream))
    }
}

impl AsyncRead for AnyTcpStream {
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
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read_vectored(cx, bufs)
    }
}

impl AsyncWrite for AnyTcpStream {
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
        bufs: &[IoSlice<'_>],
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

impl Ready for AnyTcpStream {
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        self.0.poll_ready(cx, interest)
    }
}

impl Stream for AnyTcpStream {
    type Addr = SocketAddr;
    type ReadHalf = AnyReadHalf;
    type WriteHalf = AnyWriteHalf;

    fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.dyn_try_read(buf)
    }

    fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.dyn_try_write(buf)
    }

    fn into_split(self) -> (AnyReadHalf, AnyWriteHalf) {
        self.0.dyn_split()
    }

    fn is_write_vectored(&self) -> bool {
        self.0.dyn_is_write_vectored()
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.dyn_local_addr()
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.dyn_peer_addr()
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.0.dyn_shutdown(how)
    }
}

impl TcpStream for AnyTcpStream {
    fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.0.dyn_poll_peek(cx, buf)
    }

    fn options(&self) -> io::Result<TcpOptions> {
        self.0.dyn_options()
    }

    fn set_options(&self, options: &TcpOptions) -> io::Result<()> {
        self.0.dyn_set_options(options)
    }

    fn set_zero_linger(&self) -> io::Result<()> {
        self.0.dyn_set_zero_linger()
    }
}

impl fmt::Debug for AnyTcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyTcpStream").field(&self.0).finish()
    }
}
