use std::future::Future;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::CompletionRead;

/// A read into a buffer that is given away; made by [`CompletionRead::read_owned`].
///
/// # Cancellation
///
/// Dropping it loses the buffer, and no bytes.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadOwned<'a, S> {
    stream: &'a mut S,
    buf: Vec<u8>,
    is_empty: bool,
}

impl<'a, S> ReadOwned<'a, S> {
    #[inline]
    pub(super) fn new(stream: &'a mut S, buf: Vec<u8>) -> Self {
        Self {
            stream,
            is_empty: buf.is_empty(),
            buf,
        }
    }
}

impl<S: CompletionRead> Future for ReadOwned<'_, S> {
    type Output = (io::Result<usize>, Vec<u8>);

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let read = match this.is_empty {
            true => Ok(0),
            false => ready!(this.stream.poll_read_owned(cx, &mut this.buf)),
        };
        Poll::Ready((read, mem::take(&mut this.buf)))
    }
}
