use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::io::ReadBuf;

pin_project! {
    /// Gives a stream with tokio's traits those of futures-io.
    ///
    /// For what a library hands out: an upgraded connection, a TLS stream of tokio-rustls, a channel of an SSH session. Reading,
    /// writing and flushing are those of the stream. `poll_close` is its `poll_shutdown`.
    ///
    /// The stream must not need tokio's runtime, or must be polled inside it: `tokio::net` does, `tokio::io::duplex` does not.
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
    /// Each call is one call, without an allocation or a copy.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_tokio_io::FromTokio;
    /// use futures::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # futures::executor::block_on(async {
    /// let (here, there) = tokio::io::duplex(64);
    /// let (mut here, mut there) = (FromTokio::new(here), FromTokio::new(there));
    /// here.write_all(b"moin").await?;
    /// here.close().await?;
    /// let mut said = String::new();
    /// there.read_to_string(&mut said).await?;
    /// assert_eq!(said, "moin");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[derive(Clone, Debug)]
    pub struct FromTokio<S> {
        #[pin]
        inner: S,
    }
}

crate::wrapper!(FromTokio);

impl<S: tokio::io::AsyncRead> futures_io::AsyncRead for FromTokio<S> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(buf);
        ready!(self.project().inner.poll_read(cx, &mut buf))?;
        Poll::Ready(Ok(buf.filled().len()))
    }
}

impl<S: tokio::io::AsyncWrite> futures_io::AsyncWrite for FromTokio<S> {
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

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    #[inline]
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_shutdown(cx)
    }
}

impl<S: tokio::io::AsyncBufRead> futures_io::AsyncBufRead for FromTokio<S> {
    #[inline]
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.project().inner.poll_fill_buf(cx)
    }

    #[inline]
    fn consume(self: Pin<&mut Self>, amount: usize) {
        self.project().inner.consume(amount);
    }
}
