use std::io;
use std::os::unix::net::SocketAddr;
use std::task::{Context, Poll, ready};

use anyrt_net::{Place, WaitList};

use super::UnixStream;
use super::context::inside;
use crate::Tokio;

/// A Unix listener of tokio's. What it accepts belongs to its own runtime, wherever it is polled.
///
/// # Cost
///
/// One allocation more than tokio's own, for the tasks that wait beside each other.
#[derive(Debug)]
pub struct UnixListener {
    io: tokio::net::UnixListener,
    home: Tokio,
    waiting: WaitList,
}

impl UnixListener {
    /// Registers the listener with the runtime around, which is `home` and must not block.
    pub(super) fn from_std(
        home: &Tokio,
        listener: std::os::unix::net::UnixListener,
    ) -> io::Result<Self> {
        Ok(Self {
            io: tokio::net::UnixListener::from_std(listener)?,
            home: home.clone(),
            waiting: WaitList::new(),
        })
    }
}

impl anyrt_net::Listener for UnixListener {
    type Stream = UnixStream;
    type Addr = SocketAddr;
    type Waiter = Place;

    #[inline]
    fn poll_accept(
        &self,
        waiter: &mut Place,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        let (stream, peer) = ready!(self.waiting.poll(waiter, cx, |cx| {
            // tokio registers what it accepts with the runtime around.
            inside(&self.home, || self.io.poll_accept(cx))
        }))?;
        Poll::Ready(Ok((UnixStream(stream), peer.into())))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr().map(SocketAddr::from)
    }
}

super::registered::os_handle!(UnixListener, |this| this.io);
