use std::fmt::Debug;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use anyrt_net::Datagram;
use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, UdpPoller};

use crate::waiting::{Poller, Receiver};

/// Any UDP socket as quinn's, one datagram at a time and without ECN.
///
/// For [`Endpoint::new_with_abstract_socket`](quinn::Endpoint::new_with_abstract_socket) with a socket that was bound with
/// options.
///
/// # Examples
///
/// ```
/// use std::io;
/// use std::sync::Arc;
/// use anyrt_net::{AnyNet, prelude::*};
/// use anyrt_quinn::{PlainQuinn, PlainSocket};
/// use quinn::{Endpoint, EndpointConfig};
///
/// fn endpoint(net: AnyNet) -> io::Result<Endpoint> {
///     let socket = PlainSocket::new(net.udp_bind(([127, 0, 0, 1], 0).into())?);
///     let runtime = Arc::new(PlainQuinn::new(net));
///     Endpoint::new_with_abstract_socket(EndpointConfig::default(), None, Arc::new(socket), runtime)
/// }
/// # use anyrt_core::{Config, prelude::*};
/// # let owner = anyrt_smol::Owned::launch(Config::new()).unwrap();
/// # owner.block_on(async { endpoint(AnyNet::new(owner.handle())).map(drop) }).unwrap();
/// ```
#[derive(Debug)]
pub struct PlainSocket<S: Datagram> {
    socket: S,
    receiver: Receiver<S::Waiter>,
}

impl<S: Datagram> PlainSocket<S> {
    /// Takes over a socket that is bound.
    pub fn new(socket: S) -> Self {
        Self {
            socket,
            receiver: Receiver::new(),
        }
    }
}

impl<S> AsyncUdpSocket for PlainSocket<S>
where
    S: Datagram<Addr = SocketAddr, Waiter: Send + Sync + 'static> + Send + Sync + 'static,
{
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Poller::new(self.socket.clone()))
    }

    #[inline]
    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        // One segment, as `max_transmit_segments` says.
        let sent = self
            .socket
            .try_send_to(transmit.contents, &transmit.destination);
        match sent {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(error),
            // A datagram that cannot be sent is a lost one, as with quinn-udp. QUIC sends it again, or smaller.
            _ => Ok(()),
        }
    }

    /// Receives the datagrams that are there, as many as there are buffers.
    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        metas: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut places = buffers.iter_mut().zip(metas);
        let Some((buffer, meta)) = places.next() else {
            return Poll::Ready(Ok(0));
        };
        let mut waiter = self.receiver.waiter();
        *meta = received(ready!(self.socket.poll_recv_from(&mut waiter, cx, buffer))?);
        let mut count = 1;
        for (buffer, meta) in places {
            // An error comes again when it is the first.
            let Ok(next) = self.socket.try_recv_from(buffer) else {
                break;
            };
            *meta = received(next);
            count += 1;
        }
        Poll::Ready(Ok(count))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

fn received((len, addr): (usize, SocketAddr)) -> RecvMeta {
    RecvMeta {
        addr,
        len,
        stride: len,
        ecn: None,
        dst_ip: None,
    }
}
