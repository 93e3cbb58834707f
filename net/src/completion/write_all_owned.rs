use std::future::Future;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::CompletionWrite;

/// Writes a buffer that is given away as a whole; made by [`CompletionWrite::write_all_owned`].
///
/// # Cancellation
///
/// Dropping it loses the buffer. A prefix of it is written.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct WriteAllOwned<'a, S> {
    stream: &'a mut S,
    buf: Vec<u8>,
    from: usize,
    length: usize,
}

impl<'a, S> WriteAllOwned<'a, S> {
    #[inline]
    pub(super) fn new(stream: &'a mut S, buf: Vec<u8>) -> Self {
        Self {
            stream,
            from: 0,
            length: buf.len(),
            buf,
        }
    }
}

impl<S: CompletionWrite> Future for WriteAllOwned<'_, S> {
    type Output = (io::Result<()>, Vec<u8>);

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut written = Ok(());
        while written.is_ok() && this.from < this.length {
            match ready!(this.stream.poll_write_owned(cx, &mut this.buf, this.from)) {
                Ok(0) => written = Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => this.from += count,
                Err(error) => written = Err(error),
            }
        }
        Poll::Ready((written, mem::take(&mut this.buf)))
    }
}
