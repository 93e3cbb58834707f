use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyrt_net::{AsyncRead, AsyncWrite, Interest, Ready, TcpOptions};

use super::Pending;
use super::Wire;
use super::call::{self, Home, or_would_block};
use super::hold::Hold;
use super::wire::slab::Id;

macro_rules! stream {
    ($stream:ident, $read:ident, $write:ident, $addr:ty, $what:literal) => {
        #[doc = concat!("A simulated ", $what, " connection.")]
        ///
        /// It is an [`anyrt_net::Stream`]; see there.
        #[derive(Debug)]
        pub struct $stream(Hold);

        #[doc = concat!("The half of a simulated ", $what, " connection that reads.")]
        #[derive(Debug)]
        pub struct $read(Arc<Hold>);

        #[doc = concat!("The half of a simulated ", $what, " connection that writes; its drop shuts the write side down.")]
        #[derive(Debug)]
        pub struct $write(Arc<Hold>);

        impl $stream {
            pub(super) fn new(shared: &Home, id: Id) -> Self {
                Self(Hold::new(shared, id, Wire::drop_end))
            }

            /// The end of an attempt to connect.
            pub(super) fn parts(&self) -> (&Home, Id) {
                (&self.0.shared, self.0.id)
            }
        }

        impl anyrt_net::Stream for $stream {
            type Addr = $addr;
            type ReadHalf = $read;
            type WriteHalf = $write;

            fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
                let id = self.0.id;
                let bufs = &mut [IoSliceMut::new(buf)];
                let read = |wire: &mut Wire, m: &mut _| wire.read(id, bufs, &mut None, m, true);
                or_would_block(call::act(&self.0.shared, read))
            }

            fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
                let id = self.0.id;
                let bufs = &[IoSlice::new(buf)];
                let write = |wire: &mut Wire, m: &mut _| wire.write(id, bufs, &mut None, m);
                or_would_block(call::act(&self.0.shared, write))
            }

            fn into_split(self) -> ($read, $write) {
                let hold = Arc::new(self.0);
                ($read(Arc::clone(&hold)), $write(hold))
            }

            fn local_addr(&self) -> io::Result<$addr> {
                self.address(0)
            }

            fn peer_addr(&self) -> io::Result<$addr> {
                self.address(1)
            }

            fn shutdown(&self, how: Shutdown) -> io::Result<()> {
                let id = self.0.id;
                call::act(&self.0.shared, |wire, m| wire.shut(id, how, m))
            }
        }

        impl Drop for $write {
            fn drop(&mut self) {
                let id = self.0.id;
                // One that is gone already is shut.
                let _ = call::act(&self.0.shared, |wire, m| wire.shut(id, Shutdown::Write, m));
            }
        }

        stream!(@read $stream);
        stream!(@read $read);
        stream!(@write $stream);
        stream!(@write $write);
        stream!(@ready $stream, $read, $write);
    };
    (@read $type:ident) => {
        impl AsyncRead for $type {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.poll_read_vectored(cx, &mut [IoSliceMut::new(buf)])
            }

            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                let id = self.0.id;
                call::poll(&self.0.shared, cx, Pending::Read(id), |wire, m, waker| {
                    wire.read(id, bufs, waker, m, true)
                })
            }
        }
    };
    (@write $type:ident) => {
        impl AsyncWrite for $type {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.poll_write_vectored(cx, &[IoSlice::new(buf)])
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                let id = self.0.id;
                call::poll(&self.0.shared, cx, Pending::Write(id), |wire, m, waker| {
                    wire.write(id, bufs, waker, m)
                })
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                let id = self.0.id;
                Poll::Ready(call::act(&self.0.shared, |wire, m| wire.shut(id, Shutdown::Write, m)))
            }
        }
    };
    (@ready $($type:ident),*) => { $(
        impl Ready for $type {
            fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
                let id = self.0.id;
                let pending = match interest {
                    Interest::Read => Pending::Read(id),
                    Interest::Write => Pending::Write(id),
                };
                call::poll(&self.0.shared, cx, pending, |wire, m, waker| {
                    wire.poll_stream_ready(id, interest, waker, m)
                })
            }
        }
    )* };
}

stream!(TcpStream, ReadHalf, WriteHalf, SocketAddr, "TCP");
#[cfg(unix)]
stream!(
    UnixStream,
    UnixReadHalf,
    UnixWriteHalf,
    std::os::unix::net::SocketAddr,
    "Unix"
);

impl TcpStream {
    fn address(&self, which: usize) -> io::Result<SocketAddr> {
        let (local, peer) = call::look(&self.0.shared, |state| {
            state.wire.stream_addresses(self.0.id)
        })?;
        match which {
            0 => Ok(local),
            _ => peer.ok_or_else(|| io::ErrorKind::NotConnected.into()),
        }
    }
}

impl anyrt_net::TcpStream for TcpStream {
    fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let id = self.0.id;
        let bufs = &mut [IoSliceMut::new(buf)];
        call::poll(&self.0.shared, cx, Pending::Read(id), |wire, m, waker| {
            wire.read(id, bufs, waker, m, false)
        })
    }

    fn options(&self) -> io::Result<TcpOptions> {
        call::look(&self.0.shared, |state| state.wire.stream_options(self.0.id))
    }

    fn set_options(&self, options: &TcpOptions) -> io::Result<()> {
        let id = self.0.id;
        call::act(&self.0.shared, |wire, _| {
            wire.set_stream_options(id, options)
        })
    }

    fn set_zero_linger(&self) -> io::Result<()> {
        let id = self.0.id;
        call::act(&self.0.shared, |wire, _| wire.set_aborts(id))
    }
}

#[cfg(unix)]
impl UnixStream {
    fn address(&self, which: usize) -> io::Result<std::os::unix::net::SocketAddr> {
        let paths = call::look(&self.0.shared, |state| state.wire.stream_paths(self.0.id))?;
        unix_addr(paths[which].as_deref())
    }
}

/// The address of a path, or that of a socket without one.
#[cfg(unix)]
pub(super) fn unix_addr(
    path: Option<&std::path::Path>,
) -> io::Result<std::os::unix::net::SocketAddr> {
    let nameless = std::path::Path::new("");
    std::os::unix::net::SocketAddr::from_pathname(path.unwrap_or(nameless))
}
