use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use anyrt_net::Interest;
use async_io::{Async, ReadableOwned, WritableOwned};

use super::poll::poll_with;

/// The place of one among many that wait for a socket of async-io's: empty at first, given back when it is dropped.
pub struct Waiter<S>(Wait<S>);

enum Wait<S> {
    Empty,
    Read(ReadableOwned<S>),
    Write(WritableOwned<S>),
}

impl<S> Waiter<S> {
    #[inline]
    pub(super) fn poll_ready(
        &mut self,
        io: &Arc<Async<S>>,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        let result = loop {
            match (&mut self.0, interest) {
                (Wait::Read(wait), Interest::Read) => break ready!(Pin::new(wait).poll(cx)),
                (Wait::Write(wait), Interest::Write) => break ready!(Pin::new(wait).poll(cx)),
                (_, Interest::Read) => self.0 = Wait::Read(Arc::clone(io).readable_owned()),
                (_, Interest::Write) => self.0 = Wait::Write(Arc::clone(io).writable_owned()),
            }
        };
        self.0 = Wait::Empty;
        Poll::Ready(result)
    }

    #[inline]
    pub(super) fn poll_io<T>(
        &mut self,
        io: &Arc<Async<S>>,
        cx: &mut Context<'_>,
        interest: Interest,
        op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let result =
            ready!(poll_with(io, cx, interest, op, |cx| self.poll_ready(io, cx, interest)));
        self.0 = Wait::Empty;
        Poll::Ready(result)
    }
}

impl<S> Default for Waiter<S> {
    #[inline]
    fn default() -> Self {
        Self(Wait::Empty)
    }
}

impl<S> fmt::Debug for Waiter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("waits", &!matches!(self.0, Wait::Empty))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::task::Waker;

    use super::*;

    #[test]
    fn a_place_shows_whether_it_waits() -> io::Result<()> {
        let io = Arc::new(Async::<TcpListener>::bind(([127, 0, 0, 1], 0))?);
        let mut waiter = Waiter::default();
        assert_eq!(format!("{waiter:?}"), "Waiter { waits: false }");
        let mut cx = Context::from_waker(Waker::noop());
        assert!(waiter.poll_ready(&io, &mut cx, Interest::Read).is_pending());
        assert_eq!(format!("{waiter:?}"), "Waiter { waits: true }");
        Ok(())
    }
}
