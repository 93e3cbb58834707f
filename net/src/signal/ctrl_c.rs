use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

/// Waits for ctrl-c; made by [`Signals::ctrl_c`](crate::Signals::ctrl_c).
///
/// # Cancellation
///
/// Dropping it ends the subscription; ctrl-c still ends nothing by itself.
///
/// # Panics
///
/// When it is polled again after it returned an error of the call that made it.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct CtrlC<S> {
    signals: Option<io::Result<S>>,
}

impl<S> CtrlC<S> {
    pub(super) fn new(signals: io::Result<S>) -> Self {
        Self {
            signals: Some(signals),
        }
    }
}

impl<S: Stream<Item = io::Result<()>> + Unpin> Future for CtrlC<S> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.signals {
            Some(Ok(signals)) => match ready!(Pin::new(signals).poll_next(cx)) {
                Some(result) => Poll::Ready(result),
                None => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            },
            failed => match failed.take() {
                Some(Err(error)) => Poll::Ready(Err(error)),
                _ => panic!("`CtrlC` polled after it was ready"),
            },
        }
    }
}
