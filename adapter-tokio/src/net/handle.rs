use std::io;
use std::net::SocketAddr;

use anyrt_net::{ListenOptions, Lookup, TcpOptions, UdpOptions};

use super::context::register;
use super::{Connect, TcpListener, TcpStream, UdpSocket};
use crate::handle::RUNTIME;
use crate::{BlockingTask, Tokio};

impl anyrt_net::Tcp for Tokio {
    type TcpStream = TcpStream;
    type TcpListener = TcpListener;
    type TcpConnect = Connect<TcpStream>;

    #[inline]
    fn tcp_connect_with(&self, addr: SocketAddr, options: &TcpOptions) -> Connect<TcpStream> {
        Connect::new(register(self, "tcp_connect", || {
            TcpStream::from_std(anyrt_socket::tcp::connect(addr, options)?)
        }))
    }

    fn tcp_listen_with(
        &self,
        addr: SocketAddr,
        options: &ListenOptions,
    ) -> io::Result<TcpListener> {
        register(self, "tcp_listen", || {
            TcpListener::from_std(self, anyrt_socket::tcp::listen(RUNTIME, addr, options)?)
        })
    }
}

impl anyrt_net::Udp for Tokio {
    type UdpSocket = UdpSocket;

    fn udp_bind_with(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<UdpSocket> {
        register(self, "udp_bind", || {
            UdpSocket::from_std(anyrt_socket::udp::bind(RUNTIME, addr, options)?)
        })
    }
}

impl anyrt_net::Resolve for Tokio {
    type Lookup = Lookup<BlockingTask<io::Result<Vec<SocketAddr>>>>;

    fn resolve(&self, host: &str, port: u16) -> Self::Lookup {
        anyrt_net::lookup(self, host, port)
    }
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::path::Path;

    use anyrt_net::ListenOptions;

    use super::{Connect, RUNTIME, register};
    use crate::Tokio;
    use crate::net::{UnixDatagram, UnixListener, UnixStream};

    impl anyrt_net::Unix for Tokio {
        type UnixStream = UnixStream;
        type UnixListener = UnixListener;
        type UnixConnect = Connect<UnixStream>;
        type UnixDatagram = UnixDatagram;

        fn unix_connect(&self, path: &Path) -> Connect<UnixStream> {
            Connect::new(register(self, "unix_connect", || {
                UnixStream::from_std(anyrt_socket::unix::connect(path)?)
            }))
        }

        fn unix_listen_with(
            &self,
            path: &Path,
            options: &ListenOptions,
        ) -> io::Result<UnixListener> {
            register(self, "unix_listen", || {
                UnixListener::from_std(self, anyrt_socket::unix::listen(RUNTIME, path, options)?)
            })
        }

        fn unix_pair(&self) -> io::Result<(UnixStream, UnixStream)> {
            register(self, "unix_pair", UnixStream::pair)
        }

        fn unix_bind(&self, path: &Path) -> io::Result<UnixDatagram> {
            register(self, "unix_bind", || {
                UnixDatagram::from_std(anyrt_socket::unix::datagram(Some(path))?)
            })
        }

        fn unix_unbound(&self) -> io::Result<UnixDatagram> {
            register(self, "unix_unbound", || {
                UnixDatagram::from_std(anyrt_socket::unix::datagram(None)?)
            })
        }

        fn unix_datagram_pair(&self) -> io::Result<(UnixDatagram, UnixDatagram)> {
            register(self, "unix_datagram_pair", UnixDatagram::pair)
        }
    }
}

#[cfg(any(unix, windows))]
mod os {
    use std::io;

    use anyrt_net::OwnedOsSocket;

    use super::{TcpListener, TcpStream, UdpSocket, register};
    use crate::Tokio;
    use crate::net::Registered;

    impl anyrt_net::OsNet for Tokio {
        type Registered = Registered;

        fn tcp_from_std(&self, stream: std::net::TcpStream) -> io::Result<TcpStream> {
            stream.set_nonblocking(true)?;
            register(self, "tcp_from_std", || TcpStream::from_std(stream))
        }

        fn tcp_listener_from_std(
            &self,
            listener: std::net::TcpListener,
        ) -> io::Result<TcpListener> {
            listener.set_nonblocking(true)?;
            register(self, "tcp_listener_from_std", || {
                TcpListener::from_std(self, listener)
            })
        }

        fn udp_from_std(&self, socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
            socket.set_nonblocking(true)?;
            register(self, "udp_from_std", || UdpSocket::from_std(socket))
        }

        fn tcp_into_std(&self, stream: TcpStream) -> io::Result<std::net::TcpStream> {
            stream.into_tokio().into_std()
        }

        fn tcp_listener_into_std(
            &self,
            listener: TcpListener,
        ) -> io::Result<std::net::TcpListener> {
            listener.into_std()
        }

        fn udp_into_std(&self, socket: UdpSocket) -> io::Result<std::net::UdpSocket> {
            socket.into_std()
        }

        fn register(&self, socket: OwnedOsSocket) -> io::Result<Registered> {
            register(self, "register", || Registered::new(socket))
        }
    }
}

#[cfg(feature = "signal")]
mod signals {
    use std::io;

    use anyrt_net::SignalKind;

    use super::register;
    use crate::Tokio;
    use crate::net::Signals;

    impl anyrt_net::Signals for Tokio {
        type Signals = Signals;

        fn signals(&self, kind: SignalKind) -> io::Result<Signals> {
            register(self, "signals", || Signals::new(kind))
        }
    }
}
