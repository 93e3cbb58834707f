use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use super::{AnyTcpStream, AnyWaiter};
use crate::{Listener, TcpStream};

/// The TCP listener of an [`AnyNet`](crate::AnyNet).
///
/// # Cost
///
/// 16 bytes, and a box. A task that waits allocates its waiter.
#[derive(Debug)]
pub struct AnyTcpListener(Box<dyn DynListener>);

/// What is left of a listener once its type is gone.
trait DynListener: Debug + Send + Sync {
    fn dyn_poll_accept(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(AnyTcpStream, SocketAddr)>>;
    fn dyn_local_addr(&self) -> io::Result<SocketAddr>;
}

impl<L> DynListener for L
where
    L: Listener<Addr = SocketAddr, Waiter: Send + Sync + 'static> + Send + Sync,
    L::Stream: TcpStream<ReadHalf: Send + Sync + 'static, WriteHalf: Send + Sync + 'static>
        + Send
        + Sync
        + 'static,
{
    fn dyn_poll_accept(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(AnyTcpStream, SocketAddr)>> {
        waiter
            .lend(|waiter| self.poll_accept(waiter, cx))
            .map_ok(|(stream, peer)| (AnyTcpStream::new(stream), peer))
    }

    fn dyn_local_addr(&self) -> io::Result<SocketAddr> {
        self.local_addr()
    }
}

impl AnyTcpListener {
    pub(super) fn new<L>(listener: L) -> Self
    where
        L: Listener<Addr = SocketAddr, Waiter: Send + Sync + 'static> + Send + Sync + 'static,
        L::Stream: TcpStream<ReadHalf: Send + Sync + 'static, WriteHalf: Send + Sync + 'static>
            + Send
            + Sync
            + 'static,
    {
        Self(Box::new(listener))
    }
}

impl Listener for AnyTcpListener {
    type Stream = AnyTcpStream;
    type Addr = SocketAddr;
    type Waiter = AnyWaiter;

    fn poll_accept(
        &self,
        waiter: &mut AnyWaiter,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(AnyTcpStream, SocketAddr)>> {
        self.0.dyn_poll_accept(waiter, cx)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.dyn_local_addr()
    }
}
