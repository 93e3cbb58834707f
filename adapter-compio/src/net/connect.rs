use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_net::Interest;

use super::Stream;
use super::native::NativeStream;

/// An attempt to connect, which began when it was made.
///
/// # Cancellation
///
/// Dropping it gives up, and closes the connection where there is one already (`net::dropped_connect_closes`).
///
/// # Panics
///
/// When it is polled again after it was ready.
#[must_use = "futures do nothing unless polled"]
pub struct Connect<S: NativeStream>(Option<io::Result<Stream<S>>>);

impl<S: NativeStream> Connect<S> {
    pub(super) fn new(stream: io::Result<Stream<S>>) -> Self {
        Self(Some(stream))
    }
}

impl<S: NativeStream> Unpin for Connect<S> {}

impl<S: NativeStream> Future for Connect<S> {
    type Output = io::Result<Stream<S>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(Ok(stream)) = &self.0 {
            let ready = ready!(stream.0.poll_ready(cx, Interest::Write));
            let failed = ready.and_then(|()| stream.0.get().error());
            if let Some(error) = failed.unwrap_or_else(Some) {
                self.0 = None;
                return Poll::Ready(Err(error));
            }
        }
        match self.0.take() {
            Some(stream) => Poll::Ready(stream),
            None => panic!("`Connect` polled after it was ready"),
        }
    }
}

impl<S: NativeStream> fmt::Debug for Connect<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}
