use std::io;
use std::os::unix::net::SocketAddr;

use anyrt_net::Interest;

use super::context::{native, poll_io};
use super::datagram::datagram;

datagram!(
    UnixDatagram,
    tokio::net::UnixDatagram,
    std::os::unix::net::UnixDatagram,
    SocketAddr,
    SocketAddr::from,
    "Unix datagram",
    poll_send_to: |io, cx, buf, to| poll_io(
        cx,
        |cx| io.poll_send_ready(cx),
        || send_to(io, buf, to)
    ),
    try_send_to: send_to(io, buf, to),
    connect: anyrt_socket::unix::connect_datagram
);

impl UnixDatagram {
    /// Makes two sockets in the runtime around.
    pub(super) fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = tokio::net::UnixDatagram::pair()?;
        Ok((Self::new(one), Self::new(other)))
    }
}

fn send_to(io: &tokio::net::UnixDatagram, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
    io.try_io(native(Interest::Write), || {
        anyrt_socket::unix::send_to(io, buf, to)
    })
}
