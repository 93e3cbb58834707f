use std::io;
use std::task::{Context, Poll};

use anyrt_net::{Interest, OwnedOsSocket, Ready};
use async_io::Async;

use super::poll::poll_ready;

/// Lends the descriptor of a socket.
macro_rules! os_handle {
    ($type:ident) => {
        #[cfg(unix)]
        impl ::std::os::fd::AsFd for $type {
            fn as_fd(&self) -> ::std::os::fd::BorrowedFd<'_> {
                self.0.as_fd()
            }
        }

        #[cfg(windows)]
        impl ::std::os::windows::io::AsSocket for $type {
            fn as_socket(&self) -> ::std::os::windows::io::BorrowedSocket<'_> {
                self.0.as_socket()
            }
        }
    };
}

/// Lends the descriptor of a socket for operations on it.
macro_rules! os_socket {
    ($type:ident) => {
        $crate::net::registered::os_handle!($type);

        impl ::anyrt_net::OsSocket for $type {
            #[inline]
            fn try_io<T>(
                &self,
                _: ::anyrt_net::Interest,
                op: impl FnOnce() -> ::std::io::Result<T>,
            ) -> ::std::io::Result<T> {
                // async-io keeps no readiness: it asks the system anew whenever somebody waits.
                op()
            }

            #[inline]
            fn poll_io<T>(
                &self,
                cx: &mut ::std::task::Context<'_>,
                interest: ::anyrt_net::Interest,
                mut op: impl FnMut() -> ::std::io::Result<T>,
            ) -> ::std::task::Poll<::std::io::Result<T>>
            where
                Self: ::anyrt_net::Ready,
            {
                $crate::net::poll::poll_io(&self.0, cx, interest, |_| op())
            }
        }
    };
}

pub(super) use {os_handle, os_socket};

/// A descriptor of any kind that async-io waits for.
#[derive(Debug)]
pub struct Registered(Async<OwnedOsSocket>);

impl Registered {
    /// Takes over a descriptor, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// What the system reports.
    pub fn new(socket: OwnedOsSocket) -> io::Result<Self> {
        Async::new(socket).map(Self)
    }
}

impl Ready for Registered {
    #[inline]
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        poll_ready(&self.0, cx, interest)
    }
}

os_socket!(Registered);

#[cfg(all(test, unix))]
mod tests {
    use std::future::poll_fn;
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::task::Waker;

    use super::*;

    #[test]
    fn a_descriptor_is_ready_when_there_is_something_to_read() -> io::Result<()> {
        let (socket, mut peer) = UnixStream::pair()?;
        let registered = Registered::new(socket.into())?;
        let mut cx = Context::from_waker(Waker::noop());
        assert!(registered.poll_ready(&mut cx, Interest::Read).is_pending());
        peer.write_all(b"x")?;
        async_io::block_on(poll_fn(|cx| registered.poll_ready(cx, Interest::Read)))
    }
}
