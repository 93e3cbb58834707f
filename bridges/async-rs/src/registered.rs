use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_net::{AsOsSocket, AsyncRead, AsyncWrite, Interest, OsNet, OsSocket};

/// A socket of another library's, which the runtime waits for.
pub(crate) struct Registered<H, S> {
    socket: H,
    readiness: S,
}

impl<H, S> Registered<H, S> {
    pub(crate) fn new<R>(runtime: &R, socket: H) -> io::Result<Self>
    where
        H: AsOsSocket,
        R: OsNet<Registered = S>,
    {
        // Both descriptors are of one open socket, which becomes non-blocking.
        #[cfg(unix)]
        let duplicate = socket.as_fd().try_clone_to_owned()?;
        #[cfg(windows)]
        let duplicate = socket.as_socket().try_clone_to_owned()?;
        Ok(Self {
            readiness: runtime.register(duplicate)?,
            socket,
        })
    }
}

/// The socket is never pinned.
impl<H, S> Unpin for Registered<H, S> {}

impl<H: Read, S: OsSocket + anyrt_net::Ready> AsyncRead for Registered<H, S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, readiness } = self.get_mut();
        readiness.poll_io(cx, Interest::Read, || socket.read(buf))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, readiness } = self.get_mut();
        readiness.poll_io(cx, Interest::Read, || socket.read_vectored(bufs))
    }
}

impl<H: Write, S: OsSocket + anyrt_net::Ready> AsyncWrite for Registered<H, S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, readiness } = self.get_mut();
        readiness.poll_io(cx, Interest::Write, || socket.write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, readiness } = self.get_mut();
        readiness.poll_io(cx, Interest::Write, || socket.write_vectored(bufs))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { socket, readiness } = self.get_mut();
        readiness.poll_io(cx, Interest::Write, || socket.flush())
    }

    /// Flushes. What to close is known to the socket alone, which does it when it is dropped.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}
