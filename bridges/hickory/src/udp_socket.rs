use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use anyrt_core::{Current, Runtime};
use anyrt_net::Datagram;
use hickory_net::runtime::DnsUdpSocket;

use crate::Clock;

/// A UDP socket with hickory's trait, which passes no waiter: the last task to poll in a direction is woken, as on tokio.
///
/// # Cost
///
/// An uncontended lock per poll.
///
/// # Examples
///
/// ```
/// use anyrt_core::Current;
/// use anyrt_hickory::UdpSocket;
/// use anyrt_net::prelude::*;
/// use hickory_net::runtime::DnsUdpSocket;
///
/// async fn ask<R: NetRuntime + Current>(rt: &R, server: std::net::SocketAddr) -> std::io::Result<usize> {
///     let socket: UdpSocket<_, R> = UdpSocket::new(rt.udp_bind(([127, 0, 0, 1], 0).into())?);
///     DnsUdpSocket::send_to(&socket, b"?", server).await
/// }
/// ```
pub struct UdpSocket<S: Datagram, C> {
    socket: S,
    receiver: Mutex<S::Waiter>,
    sender: Mutex<S::Waiter>,
    clock: PhantomData<fn() -> C>,
}

impl<S: Datagram, C> UdpSocket<S, C> {
    /// Takes over a socket that is bound.
    pub fn new(socket: S) -> Self {
        Self {
            socket,
            receiver: Mutex::default(),
            sender: Mutex::default(),
            clock: PhantomData,
        }
    }
}

impl<S, C> DnsUdpSocket for UdpSocket<S, C>
where
    S: Datagram<Addr = SocketAddr, Waiter: Send> + Send + Sync,
    C: Runtime + Current,
{
    type Time = Clock<C>;

    fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.socket
            .poll_recv_from(&mut lock(&self.receiver), cx, buf)
    }

    fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        self.socket
            .poll_send_to(&mut lock(&self.sender), cx, buf, &target)
    }
}

fn lock<W>(waiter: &Mutex<W>) -> MutexGuard<'_, W> {
    waiter.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Datagram, C> fmt::Debug for UdpSocket<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UdpSocket").field(&self.socket).finish()
    }
}
