use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_net::poll_read_lent;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use pin_project_lite::pin_project;

pin_project! {
    /// Gives a stream of futures-io the traits of hyper, and a stream of hyper those of futures-io.
    ///
    /// The first is for what hyper serves or asks: a socket of any runtime, a TLS stream of futures-rustls over one. The second is
    /// for what hyper hands out: [`hyper::upgrade::Upgraded`]. hyper's `poll_shutdown` is `poll_close`, which ends the write side
    /// only.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    ///
    /// # Cost
    ///
    /// A write is one call, also one of many slices. A read copies the bytes that came once more, because hyper reads into memory
    /// that is not initialised; see [`poll_read_lent`]. The other way nothing is copied.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_hyper::{Executor, Io};
    /// use anyrt_net::prelude::*;
    /// use http_body_util::Empty;
    /// use hyper::{Request, StatusCode, body::Bytes, client::conn::http1};
    ///
    /// async fn status<R: NetRuntime>(rt: &R, host: &str) -> Result<StatusCode, Box<dyn std::error::Error>> {
    ///     let stream = rt.connect_host(host, 80).await?;
    ///     let (mut requests, connection) = http1::handshake(Io::new(stream)).await?;
    ///     rt.spawn_detached(connection);
    ///     let request = Request::get("/").header("host", host).body(Empty::<Bytes>::new())?;
    ///     Ok(requests.send_request(request).await?.status())
    /// }
    /// # use anyrt_core::Spawn;
    /// ```
    #[derive(Clone, Debug)]
    pub struct Io<S> {
        #[pin]
        inner: S,
    }
}

impl<S> Io<S> {
    /// Wraps `inner`.
    #[inline]
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }

    /// The stream.
    #[inline]
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The stream, to be changed.
    #[inline]
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Gives the stream back.
    #[inline]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: futures_io::AsyncRead> Read for Io<S> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buf.remaining();
        ready!(poll_read_lent(self.project().inner, cx, room, |read| {
            buf.put_slice(read);
        }))?;
        Poll::Ready(Ok(()))
    }
}

impl<S: futures_io::AsyncWrite> Write for Io<S> {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write(cx, buf)
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    #[inline]
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_close(cx)
    }

    /// Always true. futures-io cannot be asked; a stream that takes only the first slice of many is still correct.
    #[inline]
    fn is_write_vectored(&self) -> bool {
        true
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // Of one slice, as h2 writes small frames: the plain call is cheaper for the system.
        if let [buf] = bufs {
            return self.project().inner.poll_write(cx, buf);
        }
        self.project().inner.poll_write_vectored(cx, bufs)
    }
}

impl<S: Read> futures_io::AsyncRead for Io<S> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(buf);
        ready!(self.project().inner.poll_read(cx, buf.unfilled()))?;
        Poll::Ready(Ok(buf.filled().len()))
    }
}

impl<S: Write> futures_io::AsyncWrite for Io<S> {
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
