use std::io;
use std::net::SocketAddr;

use anyrt_net::{ListenOptions, Lookup, TcpOptions, UdpOptions};
use async_task::FallibleTask;

use super::{Connect, TcpListener, TcpStream, UdpSocket};
use crate::{BlockingTask, Contained, Reactor};

impl anyrt_net::Tcp for Reactor {
    type TcpStream = TcpStream;
    type TcpListener = TcpListener;
    type TcpConnect = Connect<std::net::TcpStream, TcpStream>;

    #[inline]
    fn tcp_connect_with(&self, addr: SocketAddr, options: &TcpOptions) -> Self::TcpConnect {
        TcpStream::connect(addr, options)
    }

    fn tcp_listen_with(
        &self,
        addr: SocketAddr,
        options: &ListenOptions,
    ) -> io::Result<TcpListener> {
        TcpListener::bind(self.runtime, addr, options)
    }
}

impl anyrt_net::Udp for Reactor {
    type UdpSocket = UdpSocket;

    fn udp_bind_with(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<UdpSocket> {
        UdpSocket::bind(self.runtime, addr, options)
    }
}

impl anyrt_net::Resolve for Reactor {
    type Lookup = Lookup<BlockingTask<FallibleTask<Contained<io::Result<Vec<SocketAddr>>>>>>;

    fn resolve(&self, host: &str, port: u16) -> Self::Lookup {
        anyrt_net::lookup(self, host, port)
    }
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::path::Path;

    use anyrt_net::ListenOptions;

    use super::Connect;
    use crate::Reactor;
    use crate::net::{UnixDatagram, UnixListener, UnixStream};

    impl anyrt_net::Unix for Reactor {
        type UnixStream = UnixStream;
        type UnixListener = UnixListener;
        type UnixConnect = Connect<std::os::unix::net::UnixStream, UnixStream>;
        type UnixDatagram = UnixDatagram;

        fn unix_connect(&self, path: &Path) -> Self::UnixConnect {
            UnixStream::connect(path)
        }

        fn unix_listen_with(
            &self,
            path: &Path,
            options: &ListenOptions,
        ) -> io::Result<UnixListener> {
            UnixListener::bind(self.runtime, path, options)
        }

        fn unix_pair(&self) -> io::Result<(UnixStream, UnixStream)> {
            UnixStream::pair()
        }

        fn unix_bind(&self, path: &Path) -> io::Result<UnixDatagram> {
            UnixDatagram::bind(Some(path))
        }

        fn unix_unbound(&self) -> io::Result<UnixDatagram> {
            UnixDatagram::bind(None)
        }

        fn unix_datagram_pair(&self) -> io::Result<(UnixDatagram, UnixDatagram)> {
            UnixDatagram::pair()
        }
    }
}

#[cfg(any(unix, windows))]
mod os {
    use std::io;

    use anyrt_net::OwnedOsSocket;

    use super::{TcpListener, TcpStream, UdpSocket};
    use crate::Reactor;
    use crate::net::Registered;

    impl anyrt_net::OsNet for Reactor {
        type Registered = Registered;

        fn tcp_from_std(&self, stream: std::net::TcpStream) -> io::Result<TcpStream> {
            TcpStream::from_std(stream)
        }

        fn tcp_listener_from_std(
            &self,
            listener: std::net::TcpListener,
        ) -> io::Result<TcpListener> {
            TcpListener::from_std(listener)
        }

        fn udp_from_std(&self, socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
            UdpSocket::from_std(socket)
        }

        fn tcp_into_std(&self, stream: TcpStream) -> io::Result<std::net::TcpStream> {
            stream.into_std()
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
            Registered::new(socket)
        }
    }
}

#[cfg(feature = "signal")]
mod signals {
    use std::io;

    use anyrt_net::SignalKind;

    use crate::Reactor;
    use crate::net::Signals;

    impl anyrt_net::Signals for Reactor {
        type Signals = Signals;

        fn signals(&self, kind: SignalKind) -> io::Result<Signals> {
            Signals::new(self.runtime, kind)
        }
    }
}
