use std::io;
use std::path::Path;

use anyrt_net::{Listener, NetRuntime, Stream, Unix};
use async_trait::async_trait;
use tor_general_addr::unix::SocketAddr;
use tor_rtcompat::{NetStreamProvider, UnixConnectOptions, UnixListenOptions};

use crate::{Tor, TorListener, TorStream};

#[async_trait]
impl<R> NetStreamProvider<SocketAddr> for Tor<R>
where
    R: NetRuntime
        + Unix<
            UnixStream: Stream + Send + Sync + 'static,
            UnixListener: Listener<Waiter: Send + Sync + 'static> + Send + Sync + 'static,
            UnixConnect: Send,
        >,
{
    type Stream = TorStream<R::UnixStream>;
    type Listener = TorListener<R::UnixListener>;
    type ConnectOptions = UnixConnectOptions;
    type ListenOptions = UnixListenOptions;

    async fn connect(
        &self,
        addr: &SocketAddr,
        _options: &UnixConnectOptions,
    ) -> io::Result<Self::Stream> {
        let path = path(addr)?;
        Ok(TorStream::new(self.runtime.unix_connect(path).await?))
    }

    async fn listen(
        &self,
        addr: &SocketAddr,
        _options: &UnixListenOptions,
    ) -> io::Result<Self::Listener> {
        let path = path(addr)?;
        Ok(TorListener::new(self.runtime.unix_listen(path)?))
    }
}

fn path(addr: &SocketAddr) -> io::Result<&Path> {
    addr.as_pathname().ok_or_else(|| {
        let message = "a Unix socket has a path here, and no other kind of address";
        io::Error::new(io::ErrorKind::Unsupported, message)
    })
}
