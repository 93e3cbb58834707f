use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// An attempt to connect, which began when it was made; `S` is the stream.
///
/// # Cancellation
///
/// Dropping it gives up, and closes the connection where there is one already (`net::dropped_connect_closes`).
///
/// # Panics
///
/// When it is polled again after it was ready.
///
/// # Cost
///
/// The stream's size.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Connect<S> {
    stream: Option<io::Result<S>>,
}

/// What a stream is asked while it connects.
pub(super) trait Connecting {
    fn poll_connected(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
    fn take_error(&self) -> io::Result<Option<io::Error>>;
}

impl<S> Connect<S> {
    #[inline]
    pub(super) fn new(stream: io::Result<S>) -> Self {
        Self {
            stream: Some(stream),
        }
    }
}

impl<S> Unpin for Connect<S> {}

impl<S: Connecting> Future for Connect<S> {
    type Output = io::Result<S>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(Ok(stream)) = &self.stream {
            ready!(stream.poll_connected(cx))?;
            if let Some(error) = stream.take_error()? {
                self.stream = None;
                return Poll::Ready(Err(error));
            }
        }
        match self.stream.take() {
            Some(stream) => Poll::Ready(stream),
            None => panic!("`Connect` polled after it was ready"),
        }
    }
}
