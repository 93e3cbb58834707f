use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use anyrt_net::{AsyncRead, AsyncWrite, Interest, Ready, TcpOptions};
use anyrt_socket::gone_is_fine;

use super::native::NativeStream;
use super::source::Source;
use crate::driver::{RUNTIME, Slot};

/// A connection on compio.
///
/// # Cost
///
/// An allocation for the socket, and one for each wait.
#[derive(Debug)]
pub struct Stream<S: NativeStream>(pub(super) Source<S>);

/// A TCP connection on compio.
pub type TcpStream = Stream<std::net::TcpStream>;

/// A Unix connection on compio.
#[cfg(unix)]
pub type UnixStream = Stream<std::os::unix::net::UnixStream>;

/// The half of a [`Stream`] that reads.
#[derive(Debug)]
pub struct ReadHalf<S: NativeStream>(Rc<Source<S>>);

/// The half of a [`Stream`] that writes; its drop shuts the write side down.
#[derive(Debug)]
pub struct WriteHalf<S: NativeStream>(Rc<Source<S>>);

impl<S: NativeStream> Stream<S> {
    /// Takes over a stream of std's.
    pub(super) fn new(stream: S, slot: &Rc<Slot>) -> io::Result<Self> {
        stream.nonblocking(true)?;
        Source::new(stream, slot).map(Self)
    }
}

impl<S: NativeStream> anyrt_net::Stream for Stream<S> {
    type Addr = S::Addr;
    type ReadHalf = ReadHalf<S>;
    type WriteHalf = WriteHalf<S>;

    #[inline]
    fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.get().reader().read(buf)
    }

    #[inline]
    fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.get().writer().write(buf)
    }

    #[inline]
    fn into_split(self) -> (ReadHalf<S>, WriteHalf<S>) {
        let source = Rc::new(self.0);
        (ReadHalf(Rc::clone(&source)), WriteHalf(source))
    }

    fn local_addr(&self) -> io::Result<S::Addr> {
        self.0.get().local()
    }

    fn peer_addr(&self) -> io::Result<S::Addr> {
        self.0.get().peer()
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        gone_is_fine(self.0.get().end(how))
    }
}

impl anyrt_net::TcpStream for TcpStream {
    fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.0
            .poll_io(cx, Interest::Read, |socket| socket.peek(buf))
    }

    fn options(&self) -> io::Result<TcpOptions> {
        anyrt_socket::tcp::options(self.0.get())
    }

    fn set_options(&self, options: &TcpOptions) -> io::Result<()> {
        anyrt_socket::tcp::set_options(RUNTIME, self.0.get(), options)
    }

    fn set_zero_linger(&self) -> io::Result<()> {
        anyrt_socket::tcp::set_zero_linger(self.0.get())
    }
}

#[cfg(unix)]
impl TcpStream {
    pub(super) fn into_std(self) -> io::Result<std::net::TcpStream> {
        self.0.into_std(std::net::TcpStream::try_clone)
    }
}

#[cfg(unix)]
super::registered::os_socket!(TcpStream);

impl<S: NativeStream> Drop for WriteHalf<S> {
    fn drop(&mut self) {
        // Nobody can be told, and the connection may be gone.
        let _ = self.0.get().end(Shutdown::Write);
    }
}

macro_rules! reads {
    ($($type:ident)+) => {$(
        impl<S: NativeStream> AsyncRead for $type<S> {
            #[inline]
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                if buf.is_empty() {
                    return Poll::Ready(Ok(0));
                }
                let read = |socket: &S| socket.reader().read(buf);
                self.0.poll_io(cx, Interest::Read, read)
            }

            #[inline]
            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                if bufs.iter().all(|buf| buf.is_empty()) {
                    return Poll::Ready(Ok(0));
                }
                let read = |socket: &S| socket.reader().read_vectored(bufs);
                self.0.poll_io(cx, Interest::Read, read)
            }
        }    )+};
}

macro_rules! writes {
    ($($type:ident)+) => {$(
        impl<S: NativeStream> AsyncWrite for $type<S> {
            #[inline]
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                if buf.is_empty() {
                    return Poll::Ready(Ok(0));
                }
                let write = |socket: &S| socket.writer().write(buf);
                self.0.poll_io(cx, Interest::Write, write)
            }

            #[inline]
            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                if bufs.iter().all(|buf| buf.is_empty()) {
                    return Poll::Ready(Ok(0));
                }
                let write = |socket: &S| socket.writer().write_vectored(bufs);
                self.0.poll_io(cx, Interest::Write, write)
            }

            #[inline]
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            #[inline]
            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(gone_is_fine(self.0.get().end(Shutdown::Write)))
            }
        }    )+};
}

macro_rules! tells_readiness {
    ($($type:ident)+) => {$(
        impl<S: NativeStream> Ready for $type<S> {
            #[inline]
            fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
                self.0.poll_ready(cx, interest)
            }
        }    )+};
}

reads!(Stream ReadHalf);
writes!(Stream WriteHalf);
tells_readiness!(Stream ReadHalf WriteHalf);
