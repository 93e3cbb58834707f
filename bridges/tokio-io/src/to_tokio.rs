use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_net::poll_read_lent;
use pin_project_lite::pin_project;
use tokio::io::ReadBuf;

pin_project! {
    /// Gives a stream of futures-io the traits of tokio.
    ///
    /// Reading, writing and flushing are those of the stream. `poll_shutdown` is its `poll_close`: it ends the write side, and the
    /// other direction stays open.
    ///
    /// # Cancellation
    ///
    /// As that of the stream: the wrapper keeps nothing back.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    ///
    /// # Cost
    ///
    /// No allocation per call, and no box. A write is one call. A read goes straight into the caller's buffer as far as that is
    /// initialised; otherwise the bytes that came are copied once more, see [`poll_read_lent`].
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_net::prelude::*;
    /// use anyrt_tokio_io::ToTokio;
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// async fn ask<R: NetRuntime>(rt: &R, addr: std::net::SocketAddr) -> std::io::Result<String> {
    ///     let mut stream = ToTokio::new(rt.tcp_connect(addr).await?);
    ///     stream.write_all(b"moin").await?;
    ///     stream.shutdown().await?;
    ///     let mut answer = String::new();
    ///     stream.read_to_string(&mut answer).await?;
    ///     Ok(answer)
    /// }
    /// ```
    #[derive(Clone, Debug)]
    pub struct ToTokio<S> {
        #[pin]
        inner: S,
    }
}

crate::wrapper!(ToTokio);

impl<S: futures_io::AsyncRead> tokio::io::AsyncRead for ToTokio<S> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let inner = self.project().inner;
        let initialised = buf.initialized().len() - buf.filled().len();
        if initialised > 0 {
            let read = ready!(inner.poll_read(cx, buf.initialize_unfilled_to(initialised)))?;
            buf.advance(read);
        } else {
            ready!(poll_read_lent(inner, cx, buf.remaining(), |read| buf.put_slice(read)))?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: futures_io::AsyncWrite> tokio::io::AsyncWrite for ToTokio<S> {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write(cx, buf)
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write_vectored(cx, bufs)
    }

    /// Always true. futures-io cannot be asked; a stream that takes only the first slice of many is still correct.
    #[inline]
    fn is_write_vectored(&self) -> bool {
        true
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    #[inline]
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_close(cx)
    }
}

impl<S: futures_io::AsyncBufRead> tokio::io::AsyncBufRead for ToTokio<S> {
    #[inline]
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.project().inner.poll_fill_buf(cx)
    }

    #[inline]
    fn consume(self: Pin<&mut Self>, amount: usize) {
        self.project().inner.consume(amount);
    }
}
