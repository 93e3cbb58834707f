use std::convert::identity;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use anyrt_net::UdpOptions;

use super::datagram::datagram;
use crate::handle::RUNTIME;

datagram!(
    UdpSocket,
    tokio::net::UdpSocket,
    std::net::UdpSocket,
    SocketAddr,
    identity,
    "UDP",
    poll_send_to: |io, cx, buf, to| io.poll_send_to(cx, buf, *to),
    try_send_to: io.try_send_to(buf, *to),
    connect: |io, peer: &SocketAddr| anyrt_socket::udp::connect(io, *peer)
);

impl UdpSocket {
    /// Takes the only handle's socket out, and another descriptor of it where there are more handles.
    #[cfg(any(unix, windows))]
    pub(super) fn into_std(self) -> io::Result<std::net::UdpSocket> {
        match Arc::try_unwrap(self.0) {
            Ok(shared) => shared.io.into_std(),
            Err(shared) => duplicate(&shared.io),
        }
    }
}

#[cfg(unix)]
fn duplicate(socket: &tokio::net::UdpSocket) -> io::Result<std::net::UdpSocket> {
    let socket = std::os::fd::AsFd::as_fd(socket).try_clone_to_owned()?;
    Ok(socket.into())
}

#[cfg(windows)]
fn duplicate(socket: &tokio::net::UdpSocket) -> io::Result<std::net::UdpSocket> {
    let socket = std::os::windows::io::AsSocket::as_socket(socket).try_clone_to_owned()?;
    Ok(socket.into())
}

impl anyrt_net::UdpSocket for UdpSocket {
    fn options(&self) -> io::Result<UdpOptions> {
        anyrt_socket::udp::options(&self.0.io)
    }

    fn set_options(&self, options: &UdpOptions) -> io::Result<()> {
        anyrt_socket::udp::set_options(RUNTIME, &self.0.io, options)
    }
}
