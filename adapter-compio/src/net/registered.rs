use std::fs::File;
use std::io;
use std::net;
use std::rc::Rc;
use std::task::{Context, Poll};

use anyrt_net::{Interest, OwnedOsSocket, Ready};

use super::source::Source;
use crate::driver::Slot;

/// Lends the descriptor of a socket.
macro_rules! os_handle {
    ($type:ident) => {
        impl ::std::os::fd::AsFd for $type {
            fn as_fd(&self) -> ::std::os::fd::BorrowedFd<'_> {
                self.0.get().as_fd()
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
                // compio keeps no readiness: it asks the system anew whenever somebody waits.
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
                self.0.poll_io(cx, interest, |_| op())
            }
        }
    };
}

pub(super) use {os_handle, os_socket};

/// A descriptor of any kind that compio's driver waits for.
///
/// # Runtimes
///
/// io_uring takes plain files and folders as well and says that they are ready. They are refused here with `PermissionDenied`, as by
/// the system's poller.
#[derive(Debug)]
pub struct Registered(Source<OwnedOsSocket>);

impl Registered {
    /// Takes over a descriptor, and makes it non-blocking.
    pub(super) fn new(socket: OwnedOsSocket, slot: &Rc<Slot>) -> io::Result<Self> {
        let file = File::from(socket);
        let kind = file.metadata()?.file_type();
        if kind.is_file() || kind.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "cannot register a plain file or a folder with a compio local runtime: it is always ready",
            ));
        }
        // std sets the mode of sockets alone, by a call that works for every descriptor.
        let socket = net::UdpSocket::from(OwnedOsSocket::from(file));
        socket.set_nonblocking(true)?;
        Source::new(socket.into(), slot).map(Self)
    }
}

impl Ready for Registered {
    #[inline]
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        self.0.poll_ready(cx, interest)
    }
}

os_socket!(Registered);
