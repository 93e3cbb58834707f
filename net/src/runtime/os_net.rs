use std::io;

use crate::{OsSocket, OwnedOsSocket, Ready, Tcp, Udp};

/// Sockets that come from outside, and go there: std's, inherited ones, and descriptors of any kind.
///
/// # Contract
///
/// - A socket is taken over in whatever mode it is, blocking or not (`net::from_std_any_mode`).
/// - A socket that is given back is the same one, non-blocking (`net::into_std_keeps_the_socket`).
/// - Any descriptor that the system's poller takes can be registered: a pipe, a terminal, an eventfd, an inotify
///   (`net::registers_pipes`). A plain file is not one of them, and is refused (`net::refuses_files`).
///
/// # Examples
///
/// A listener that a supervisor passed in:
///
/// ```
/// use anyrt_net::prelude::*;
///
/// fn adopt<R: OsNet>(rt: &R, inherited: std::net::TcpListener) -> std::io::Result<R::TcpListener> {
///     rt.tcp_listener_from_std(inherited)
/// }
/// ```
pub trait OsNet:
    Tcp<TcpStream: OsSocket, TcpListener: crate::AsOsSocket> + Udp<UdpSocket: OsSocket>
{
    /// A descriptor that is waited for.
    type Registered: OsSocket + Ready;

    /// Takes over a connected stream.
    ///
    /// # Errors
    ///
    /// What the system reports.
    #[track_caller]
    fn tcp_from_std(&self, stream: std::net::TcpStream) -> io::Result<Self::TcpStream>;

    /// Takes over a listener.
    ///
    /// # Errors
    ///
    /// What the system reports.
    #[track_caller]
    fn tcp_listener_from_std(
        &self,
        listener: std::net::TcpListener,
    ) -> io::Result<Self::TcpListener>;

    /// Takes over a UDP socket.
    ///
    /// # Errors
    ///
    /// What the system reports.
    #[track_caller]
    fn udp_from_std(&self, socket: std::net::UdpSocket) -> io::Result<Self::UdpSocket>;

    /// Gives a stream back to std, non-blocking.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn tcp_into_std(&self, stream: Self::TcpStream) -> io::Result<std::net::TcpStream>;

    /// Gives a listener back to std, non-blocking.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn tcp_listener_into_std(
        &self,
        listener: Self::TcpListener,
    ) -> io::Result<std::net::TcpListener>;

    /// Gives a UDP socket back to std, non-blocking. Clones of `socket` go on.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn udp_into_std(&self, socket: Self::UdpSocket) -> io::Result<std::net::UdpSocket>;

    /// Takes over any descriptor that the system's poller takes, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// What the system reports; on Linux `PermissionDenied` for a plain file.
    #[track_caller]
    fn register(&self, socket: OwnedOsSocket) -> io::Result<Self::Registered>;
}
