use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram as Std};
use std::path::Path;

use super::datagram::datagram;

datagram!(
    UnixDatagram, Std, SocketAddr, "Unix datagram",
    send_to: anyrt_socket::unix::send_to,
    connect: anyrt_socket::unix::connect_datagram
);

impl UnixDatagram {
    /// Makes a socket, bound to a path if there is one.
    ///
    /// # Errors
    ///
    /// What the system reports.
    pub fn bind(path: Option<&Path>) -> io::Result<Self> {
        Self::from_std(anyrt_socket::unix::datagram(path)?)
    }

    /// Makes two sockets that are connected with each other.
    ///
    /// # Errors
    ///
    /// What the system reports.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = Std::pair()?;
        Ok((Self::from_std(one)?, Self::from_std(other)?))
    }
}

super::registered::os_handle!(UnixDatagram);
