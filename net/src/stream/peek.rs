use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::TcpStream;

/// Waits for bytes and leaves them where they are; made by [`TcpStream::peek`].
///
/// # Cancellation
///
/// Dropping it loses nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Peek<'a, S> {
    stream: &'a S,
    buf: &'a mut [u8],
}

impl<'a, S> Peek<'a, S> {
    #[inline]
    pub(crate) fn new(stream: &'a S, buf: &'a mut [u8]) -> Self {
        Self { stream, buf }
    }
}

impl<S: TcpStream> Future for Peek<'_, S> {
    type Output = io::Result<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.stream.poll_peek(cx, this.buf)
    }
}
