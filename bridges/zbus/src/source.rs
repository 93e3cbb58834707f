use std::io;
use std::task::{Context, Poll};

use anyrt_net::{OsSocket, Ready};
use zbus::runtime::traits::PollIo;
use zbus::runtime::{Interest, IoSource};

/// A descriptor of zbus' that the runtime waits for by a duplicate.
///
/// It is what `register_io_source` of a [`Zbus`](crate::Zbus) returns.
#[derive(Debug)]
pub struct Source<S> {
    // Dropped first: the runtime stops waiting before the descriptor goes.
    registered: S,
    _source: IoSource,
}

impl<S> Source<S> {
    pub(crate) fn new(registered: S, source: IoSource) -> Self {
        Self {
            registered,
            _source: source,
        }
    }
}

impl<S: OsSocket + Ready + Send + Sync + 'static> PollIo for Source<S> {
    #[inline]
    fn poll_io<T>(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        operation: impl FnMut() -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let interest = match interest {
            Interest::Readable => anyrt_net::Interest::Read,
            _ => anyrt_net::Interest::Write,
        };
        OsSocket::poll_io(&self.registered, cx, interest, operation)
    }
}
