use std::io;
use std::net::{SocketAddr, UdpSocket as Std};
use std::sync::Arc;

use anyrt_net::UdpOptions;
use async_io::Async;

use super::RUNTIME;
use super::datagram::datagram;

datagram!(
    UdpSocket, Std, SocketAddr, "UDP",
    send_to: |io: &Std, buf: &[u8], to: &SocketAddr| io.send_to(buf, to),
    connect: |io: &Std, peer: &SocketAddr| anyrt_socket::udp::connect(io, *peer)
);

impl UdpSocket {
    /// Binds a socket, for the runtime of this name.
    ///
    /// # Errors
    ///
    /// What the system reports.
    pub fn bind(runtime: &str, addr: SocketAddr, options: &UdpOptions) -> io::Result<Self> {
        let socket = anyrt_socket::udp::bind(runtime, addr, options)?;
        Ok(Self(Arc::new(Async::new_nonblocking(socket)?)))
    }
}

impl anyrt_net::UdpSocket for UdpSocket {
    fn options(&self) -> io::Result<UdpOptions> {
        anyrt_socket::udp::options(self.0.get_ref())
    }

    fn set_options(&self, options: &UdpOptions) -> io::Result<()> {
        anyrt_socket::udp::set_options(RUNTIME, self.0.get_ref(), options)
    }
}

super::registered::os_handle!(UdpSocket);

impl anyrt_net::OsSocket for UdpSocket {
    #[inline]
    fn try_io<T>(
        &self,
        _: anyrt_net::Interest,
        op: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        op()
    }
}
