use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_net::{Listener, Stream};
use tor_rtcompat::NetStreamListener;

use crate::TorStream;

/// A listener of the runtime's: [`NetStreamListener`].
#[derive(Debug)]
pub struct TorListener<L> {
    inner: L,
}

impl<L> TorListener<L> {
    pub(crate) fn new(inner: L) -> Self {
        Self { inner }
    }
}

impl<L> NetStreamListener<L::Addr> for TorListener<L>
where
    L: Listener<Stream: Stream + Send + Sync + 'static, Waiter: Send + Sync + 'static>,
    L: Send + Sync + 'static,
{
    type Stream = TorStream<L::Stream>;
    type Incoming = TorIncoming<L>;

    fn incoming(self) -> TorIncoming<L> {
        TorIncoming {
            waiter: L::Waiter::default(),
            listener: self.inner,
        }
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.inner.local_addr()
    }
}

/// The connections of a [`TorListener`], without an end.
#[derive(Debug)]
pub struct TorIncoming<L: Listener> {
    listener: L,
    waiter: L::Waiter,
}

impl<L: Listener> futures::Stream for TorIncoming<L> {
    type Item = io::Result<(TorStream<L::Stream>, L::Addr)>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { listener, waiter } = self.get_mut();
        let accepted = ready!(listener.poll_accept(waiter, cx));
        Poll::Ready(Some(
            accepted.map(|(stream, addr)| (TorStream::new(stream), addr)),
        ))
    }
}
