use std::io;

use async_trait::async_trait;
use tor_general_addr::unix;
use tor_rtcompat::unimpl::{FakeListener, FakeStream};
use tor_rtcompat::{NetStreamProvider, UnixConnectOptions, UnixListenOptions};

/// Stands for the Unix sockets of a runtime that has none, such as `AnyNet`.
///
/// # Errors
///
/// All is `Unsupported`.
///
/// # Examples
///
/// See [`Tor::runtime_without_unix`](crate::Tor::runtime_without_unix).
#[derive(Clone, Copy, Debug, Default)]
pub struct NoUnix;

fn unsupported() -> io::Error {
    let message = "this runtime was made without Unix sockets; make it with `Tor::runtime`";
    io::Error::new(io::ErrorKind::Unsupported, message)
}

#[async_trait]
impl NetStreamProvider<unix::SocketAddr> for NoUnix {
    type Stream = FakeStream;
    type Listener = FakeListener<unix::SocketAddr>;
    type ConnectOptions = UnixConnectOptions;
    type ListenOptions = UnixListenOptions;

    async fn connect(
        &self,
        _: &unix::SocketAddr,
        _: &UnixConnectOptions,
    ) -> io::Result<FakeStream> {
        Err(unsupported())
    }

    async fn listen(
        &self,
        _: &unix::SocketAddr,
        _: &UnixListenOptions,
    ) -> io::Result<FakeListener<unix::SocketAddr>> {
        Err(unsupported())
    }
}
