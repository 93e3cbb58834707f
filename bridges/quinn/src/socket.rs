use std::fmt::Debug;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use anyrt_net::{Interest, OsSocket, UdpSocket};
use quinn::udp::{RecvMeta, Transmit, UdpSocketState};
use quinn::{AsyncUdpSocket, UdpPoller};

use crate::waiting::{Poller, Receiver};

/// A UDP socket of the system's as quinn's, with the offloads of quinn-udp: GSO, GRO and ECN where the system has them.
///
/// For [`Endpoint::new_with_abstract_socket`](quinn::Endpoint::new_with_abstract_socket) with a socket that was bound with
/// options.
///
/// # Examples
///
/// ```
/// use std::io;
/// use std::sync::Arc;
/// use anyrt_net::{UdpOptions, prelude::*};
/// use anyrt_quinn::{Quinn, Socket};
/// use quinn::{Endpoint, EndpointConfig};
///
/// /// An endpoint with large buffers.
/// fn endpoint<R: NetRuntime + OsNet>(rt: R) -> io::Result<Endpoint> {
///     let options = UdpOptions::new().recv_buffer_size(1 << 20).send_buffer_size(1 << 20);
///     let socket = Socket::new(rt.udp_bind_with(([127, 0, 0, 1], 0).into(), &options)?)?;
///     let runtime = Arc::new(Quinn::new(rt));
///     Endpoint::new_with_abstract_socket(EndpointConfig::default(), None, Arc::new(socket), runtime)
/// }
/// # use anyrt_core::{Config, prelude::*};
/// # let owner = anyrt_smol::Owned::launch(Config::new()).unwrap();
/// # owner.block_on(async { endpoint(owner.handle()).map(drop) }).unwrap();
/// ```
#[derive(Debug)]
pub struct Socket<S: UdpSocket> {
    socket: S,
    state: UdpSocketState,
    receiver: Receiver<S::Waiter>,
}

impl<S: UdpSocket + OsSocket> Socket<S> {
    /// Sets the options that quinn-udp needs.
    ///
    /// # Errors
    ///
    /// Those of the system, which refuses one.
    pub fn new(socket: S) -> io::Result<Self> {
        Ok(Self {
            state: UdpSocketState::new((&socket).into())?,
            socket,
            receiver: Receiver::new(),
        })
    }
}

impl<S> AsyncUdpSocket for Socket<S>
where
    S: UdpSocket<Waiter: Send + Sync + 'static> + OsSocket + Send + Sync + 'static,
{
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Poller::new(self.socket.clone()))
    }

    #[inline]
    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        self.socket.try_io(Interest::Write, || {
            self.state.send((&self.socket).into(), transmit)
        })
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        metas: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut waiter = self.receiver.waiter();
        loop {
            ready!(self.socket.poll_readiness(&mut waiter, cx, Interest::Read))?;
            let received = self.socket.try_io(Interest::Read, || {
                self.state.recv((&self.socket).into(), buffers, metas)
            });
            match received {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return Poll::Ready(received),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.state.gro_segments()
    }

    fn may_fragment(&self) -> bool {
        self.state.may_fragment()
    }
}
