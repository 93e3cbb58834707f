use std::future::Future;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::CompletionWrite;

/// A write from a buffer that is given away; made by [`CompletionWrite::write_owned`].
///
/// # Cancellation
///
/// Dropping it loses the buffer. All of it, a part or nothing is written.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct WriteOwned<'a, S> {
    stream: &'a mut S,
    buf: Vec<u8>,
    is_empty: bool,
}

impl<'a, S> WriteOwned<'a, S> {
    #[inline]
    pub(super) fn new(stream: &'a mut S, buf: Vec<u8>) -> Self {
        Self {
            stream,
            is_empty: buf.is_empty(),
            buf,
        }
    }
}

impl<S: CompletionWrite> Future for WriteOwned<'_, S> {
    type Output = (io::Result<usize>, Vec<u8>);

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let written = match this.is_empty {
            true => Ok(0),
            false => ready!(this.stream.poll_write_owned(cx, &mut this.buf, 0)),
        };
        Poll::Ready((written, mem::take(&mut this.buf)))
    }
}
