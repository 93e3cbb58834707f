use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{Current, Runtime};
use anyrt_net::{AsyncRead, AsyncWrite};
use hickory_net::runtime::DnsTcpStream;

use crate::Clock;

/// A stream with hickory's trait.
///
/// # Examples
///
/// ```
/// use anyrt_core::Current;
/// use anyrt_hickory::TcpStream;
/// use anyrt_net::prelude::*;
/// use hickory_net::runtime::DnsTcpStream;
///
/// async fn dial<R: NetRuntime + Current>(rt: &R) -> std::io::Result<impl DnsTcpStream> {
///     let stream = rt.tcp_connect(([127, 0, 0, 1], 53).into()).await?;
///     Ok(TcpStream::<_, R>::new(stream))
/// }
/// ```
pub struct TcpStream<S, C> {
    stream: S,
    clock: PhantomData<fn() -> C>,
}

impl<S, C> TcpStream<S, C> {
    /// Takes over a stream that is connected.
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            clock: PhantomData,
        }
    }
}

impl<S, C> DnsTcpStream for TcpStream<S, C>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static,
    C: Runtime + Current,
{
    type Time = Clock<C>;
}

impl<S: AsyncRead + Unpin, C> AsyncRead for TcpStream<S, C> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }

    #[inline]
    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read_vectored(cx, bufs)
    }
}

impl<S: AsyncWrite + Unpin, C> AsyncWrite for TcpStream<S, C> {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    #[inline]
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    #[inline]
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

impl<S: fmt::Debug, C> fmt::Debug for TcpStream<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TcpStream").field(&self.stream).finish()
    }
}
