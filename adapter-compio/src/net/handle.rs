use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use anyrt_core::{JoinHandle, SpawnBlocking};
use anyrt_net::{ListenOptions, Lookup, TcpOptions, UdpOptions};
use anyrt_shared::{Closures, NetDriver, Process, unblock};

use super::{Connect, Stream, TcpListener, TcpStream, UdpSocket};
use crate::driver::{RUNTIME, Slot};
use crate::{BlockingTask, Driver};

/// What makes the sockets of one [`Local`](crate::Local); its handles pass on to it.
#[derive(Debug)]
pub struct Net(Rc<Slot>);

impl NetDriver for Driver {
    type Net = Net;

    fn net(&self, _: &'static str) -> Net {
        Net(self.slot().clone())
    }
}

impl anyrt_net::Tcp for Net {
    type TcpStream = TcpStream;
    type TcpListener = TcpListener;
    type TcpConnect = Connect<std::net::TcpStream>;

    fn tcp_connect_with(&self, addr: SocketAddr, options: &TcpOptions) -> Self::TcpConnect {
        let socket = anyrt_socket::tcp::connect(addr, options);
        Connect::new(socket.and_then(|socket| Stream::new(socket, &self.0)))
    }

    fn tcp_listen_with(
        &self,
        addr: SocketAddr,
        options: &ListenOptions,
    ) -> io::Result<TcpListener> {
        TcpListener::new(anyrt_socket::tcp::listen(RUNTIME, addr, options)?, &self.0)
    }
}

impl anyrt_net::Udp for Net {
    type UdpSocket = UdpSocket;

    fn udp_bind_with(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<UdpSocket> {
        UdpSocket::new(anyrt_socket::udp::bind(RUNTIME, addr, options)?, &self.0)
    }
}

impl SpawnBlocking for Net {
    type BlockingTask<T: Send> = BlockingTask<T>;

    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        JoinHandle::new(unblock(Closures::enter(Process), work))
    }
}

impl anyrt_net::Resolve for Net {
    type Lookup = Lookup<BlockingTask<io::Result<Vec<SocketAddr>>>>;

    fn resolve(&self, host: &str, port: u16) -> Self::Lookup {
        anyrt_net::lookup(self, host, port)
    }
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::unix::net::{UnixDatagram as StdDatagram, UnixStream as StdStream};
    use std::path::Path;

    use anyrt_net::ListenOptions;

    use super::Net;
    use crate::driver::RUNTIME;
    use crate::net::{Connect, Stream, UnixDatagram, UnixListener, UnixStream};

    impl anyrt_net::Unix for Net {
        type UnixStream = UnixStream;
        type UnixListener = UnixListener;
        type UnixConnect = Connect<StdStream>;
        type UnixDatagram = UnixDatagram;

        fn unix_connect(&self, path: &Path) -> Self::UnixConnect {
            let socket = anyrt_socket::unix::connect(path);
            Connect::new(socket.and_then(|socket| Stream::new(socket, &self.0)))
        }

        fn unix_listen_with(
            &self,
            path: &Path,
            options: &ListenOptions,
        ) -> io::Result<UnixListener> {
            UnixListener::new(anyrt_socket::unix::listen(RUNTIME, path, options)?, &self.0)
        }

        fn unix_pair(&self) -> io::Result<(UnixStream, UnixStream)> {
            let (one, other) = StdStream::pair()?;
            Ok((Stream::new(one, &self.0)?, Stream::new(other, &self.0)?))
        }

        fn unix_bind(&self, path: &Path) -> io::Result<UnixDatagram> {
            UnixDatagram::new(anyrt_socket::unix::datagram(Some(path))?, &self.0)
        }

        fn unix_unbound(&self) -> io::Result<UnixDatagram> {
            UnixDatagram::new(anyrt_socket::unix::datagram(None)?, &self.0)
        }

        fn unix_datagram_pair(&self) -> io::Result<(UnixDatagram, UnixDatagram)> {
            let (one, other) = StdDatagram::pair()?;
            one.set_nonblocking(true)?;
            other.set_nonblocking(true)?;
            Ok((
                UnixDatagram::new(one, &self.0)?,
                UnixDatagram::new(other, &self.0)?,
            ))
        }
    }
}

#[cfg(unix)]
mod os {
    use std::io;

    use anyrt_net::OwnedOsSocket;

    use super::Net;
    use crate::net::{Registered, Stream, TcpListener, TcpStream, UdpSocket};

    impl anyrt_net::OsNet for Net {
        type Registered = Registered;

        fn tcp_from_std(&self, stream: std::net::TcpStream) -> io::Result<TcpStream> {
            Stream::new(stream, &self.0)
        }

        fn tcp_listener_from_std(
            &self,
            listener: std::net::TcpListener,
        ) -> io::Result<TcpListener> {
            listener.set_nonblocking(true)?;
            TcpListener::new(listener, &self.0)
        }

        fn udp_from_std(&self, socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
            socket.set_nonblocking(true)?;
            UdpSocket::new(socket, &self.0)
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
            Registered::new(socket, &self.0)
        }
    }
}

#[cfg(all(unix, feature = "signal"))]
mod signals {
    use std::io;

    use anyrt_net::SignalKind;

    use super::Net;
    use crate::net::Signals;

    impl anyrt_net::Signals for Net {
        type Signals = Signals;

        fn signals(&self, kind: SignalKind) -> io::Result<Signals> {
            Signals::new(kind, &self.0)
        }
    }
}
