use std::io;
use std::task::{Context, Poll};

use anyrt_net::{Interest, OwnedOsSocket, Ready};

/// Lends the descriptor of a socket.
macro_rules! os_handle {
    ($type:ident, |$this:ident| $io:expr) => {
        #[cfg(unix)]
        impl ::std::os::fd::AsFd for $type {
            fn as_fd(&self) -> ::std::os::fd::BorrowedFd<'_> {
                let $this = self;
                $io.as_fd()
            }
        }

        #[cfg(windows)]
        impl ::std::os::windows::io::AsSocket for $type {
            fn as_socket(&self) -> ::std::os::windows::io::BorrowedSocket<'_> {
                let $this = self;
                $io.as_socket()
            }
        }
    };
}

/// Lends the descriptor of a socket, and its readiness.
macro_rules! os_socket {
    ($type:ident, |$this:ident| $io:expr) => {
        $crate::net::registered::os_handle!($type, |$this| $io);

        impl ::anyrt_net::OsSocket for $type {
            #[inline]
            fn try_io<T>(
                &self,
                interest: ::anyrt_net::Interest,
                op: impl FnOnce() -> ::std::io::Result<T>,
            ) -> ::std::io::Result<T> {
                let $this = self;
                $io.try_io($crate::net::context::native(interest), op)
            }
        }
    };
}

pub(super) use {os_handle, os_socket};

/// A descriptor of any kind that tokio waits for.
///
/// tokio registers what it does not know through `unsafe` functions, and on Unix alone. Its UDP socket knows nothing of its
/// descriptor either until it is asked to send, which it never is here.
///
/// # Cost
///
/// As large as tokio's own UDP socket.
#[derive(Debug)]
pub struct Registered(tokio::net::UdpSocket);

impl Registered {
    /// Registers the descriptor with the runtime around.
    pub(super) fn new(socket: OwnedOsSocket) -> io::Result<Self> {
        let socket = std::net::UdpSocket::from(socket);
        socket.set_nonblocking(true)?;
        tokio::net::UdpSocket::from_std(socket).map(Self)
    }
}

impl Ready for Registered {
    #[inline]
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        match interest {
            Interest::Read => self.0.poll_recv_ready(cx),
            Interest::Write => self.0.poll_send_ready(cx),
        }
    }
}

os_socket!(Registered, |this| this.0);
