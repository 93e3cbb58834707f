use std::fmt;
use std::io;
use std::task::{Context, Poll, ready};

use anyrt_net::Interest;
use compio_driver::AsFd;

use super::source::Source;

/// The place of one among many that wait for a socket: empty at first, given back when it is dropped.
pub struct Waiter<S: AsFd>(Option<Source<S>>);

impl<S: AsFd + 'static> Waiter<S> {
    #[inline]
    pub(super) fn poll_ready(
        &mut self,
        source: &Source<S>,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        let place = match &mut self.0 {
            Some(place) => place,
            empty => empty.insert(source.beside()?),
        };
        let result = ready!(place.poll_ready(cx, interest));
        self.0 = None;
        Poll::Ready(result)
    }

    #[inline]
    pub(super) fn poll_io<T>(
        &mut self,
        source: &Source<S>,
        cx: &mut Context<'_>,
        interest: Interest,
        op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let result =
            ready!(source.poll_with(cx, interest, op, |cx| self.poll_ready(source, cx, interest)));
        self.0 = None;
        Poll::Ready(result)
    }
}

impl<S: AsFd> Default for Waiter<S> {
    #[inline]
    fn default() -> Self {
        Self(None)
    }
}

impl<S: AsFd> fmt::Debug for Waiter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("waits", &self.0.is_some())
            .finish()
    }
}
