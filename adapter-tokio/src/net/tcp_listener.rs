use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use anyrt_net::{Place, WaitList};

use super::TcpStream;
use super::context::inside;
use crate::Tokio;

/// A TCP listener of tokio's. What it accepts belongs to its own runtime, wherever it is polled.
///
/// # Cost
///
/// One allocation more than tokio's own, for the tasks that wait beside each other.
#[derive(Debug)]
pub struct TcpListener {
    io: tokio::net::TcpListener,
    home: Tokio,
    waiting: WaitList,
}

impl TcpListener {
    /// Registers the listener with the runtime around, which is `home` and must not block.
    pub(super) fn from_std(home: &Tokio, listener: std::net::TcpListener) -> io::Result<Self> {
        Ok(Self {
            io: tokio::net::TcpListener::from_std(listener)?,
            home: home.clone(),
            waiting: WaitList::new(),
        })
    }

    pub(super) fn into_std(self) -> io::Result<std::net::TcpListener> {
        self.io.into_std()
    }
}

impl anyrt_net::Listener for TcpListener {
    type Stream = TcpStream;
    type Addr = SocketAddr;
    type Waiter = Place;

    #[inline]
    fn poll_accept(
        &self,
        waiter: &mut Place,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let (stream, peer) = ready!(self.waiting.poll(waiter, cx, |cx| {
            // tokio registers what it accepts with the runtime around.
            inside(&self.home, || self.io.poll_accept(cx))
        }))?;
        Poll::Ready(Ok((TcpStream(stream), peer)))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }
}

super::registered::os_handle!(TcpListener, |this| this.io);
