use std::io::{self, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};
use tor_rtcompat::StreamOps;

/// A stream of the runtime's, with tor-rtcompat's `StreamOps`, which have nothing to offer here.
///
/// # Errors
///
/// `set_tcp_notsent_lowat` is `Unsupported`: sockets of any runtime do not have this option.
///
/// # Examples
///
/// See [`Tor`](crate::Tor).
#[derive(Debug)]
pub struct TorStream<S> {
    inner: S,
}

impl<S> TorStream<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self { inner }
    }

    /// The runtime's own stream.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Gives the runtime's own stream back.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S> StreamOps for TorStream<S> {}

impl<S: AsyncRead + Unpin> AsyncRead for TorStream<S> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }

    #[inline]
    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_read_vectored(cx, bufs)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TorStream<S> {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    #[inline]
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    #[inline]
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}
