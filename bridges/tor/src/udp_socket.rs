use std::io;
use std::net::SocketAddr;

use anyrt_net::Datagram;
use async_trait::async_trait;
use tor_rtcompat::UdpSocket;

/// A UDP socket of the runtime's: tor-rtcompat's `UdpSocket`.
#[derive(Debug)]
pub struct TorUdpSocket<S> {
    inner: S,
}

impl<S> TorUdpSocket<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self { inner }
    }
}

#[async_trait]
impl<S> UdpSocket for TorUdpSocket<S>
where
    S: Datagram<Addr = SocketAddr, Waiter: Send> + Send + Sync,
{
    async fn recv(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.inner.recv_from(buf).await
    }

    async fn send(&self, buf: &[u8], target: &SocketAddr) -> io::Result<usize> {
        self.inner.send_to(buf, *target).await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}
