use std::io;
use std::net::SocketAddr;

use super::{AnyConnect, AnyLookup, AnyTcpListener, AnyTcpStream, AnyUdpSocket};
use crate::{ListenOptions, Net, TcpOptions, UdpOptions};

/// What is left of a runtime's sockets once their types are gone.
pub(super) trait DynNet: Send + Sync {
    fn connect(&self, addr: SocketAddr, options: &TcpOptions) -> AnyConnect;
    fn listen(&self, addr: SocketAddr, options: &ListenOptions) -> io::Result<AnyTcpListener>;
    fn bind(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<AnyUdpSocket>;
    fn lookup(&self, host: &str, port: u16) -> AnyLookup;
}

impl<N: Net + Send + Sync> DynNet for N {
    fn connect(&self, addr: SocketAddr, options: &TcpOptions) -> AnyConnect {
        let connect = self.tcp_connect_with(addr, options);
        AnyConnect::new(Box::pin(
            async move { connect.await.map(AnyTcpStream::new) },
        ))
    }

    fn listen(&self, addr: SocketAddr, options: &ListenOptions) -> io::Result<AnyTcpListener> {
        self.tcp_listen_with(addr, options).map(AnyTcpListener::new)
    }

    fn bind(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<AnyUdpSocket> {
        self.udp_bind_with(addr, options).map(AnyUdpSocket::new)
    }

    fn lookup(&self, host: &str, port: u16) -> AnyLookup {
        AnyLookup::new(Box::pin(self.resolve(host, port)))
    }
}
