use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

/// How many bytes are on their way at most.
const SIZE: usize = 8 * 1024;

/// One direction of a copy: a buffer, and how far it has come.
#[derive(Debug)]
pub(super) struct Transfer {
    /// Allocated by the first poll.
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    copied: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Copying,
    /// The reader has ended, and what it gave may still be in the writer.
    Finishing,
    Done,
}

/// What a transfer does with its writer when the reader has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtEnd {
    Flush,
    Close,
}

impl Transfer {
    pub(super) fn new() -> Self {
        Self {
            buffer: Box::default(),
            start: 0,
            end: 0,
            copied: 0,
            state: State::Copying,
        }
    }

    /// Copies until the reader ends, and returns how many bytes that were. Ready for ever afterwards.
    pub(super) fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        writer: &mut W,
        at_end: AtEnd,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + Unpin + ?Sized,
        W: AsyncWrite + Unpin + ?Sized,
    {
        if self.buffer.is_empty() {
            self.buffer = vec![0; SIZE].into_boxed_slice();
        }
        while self.state == State::Copying {
            if self.start == self.end {
                match Pin::new(&mut *reader).poll_read(cx, &mut self.buffer) {
                    Poll::Ready(Ok(0)) => {
                        self.state = State::Finishing;
                        break;
                    }
                    Poll::Ready(Ok(n)) => (self.start, self.end) = (0, n),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => {
                        // Nobody may be waiting for more but for what the writer still holds.
                        ready!(Pin::new(&mut *writer).poll_flush(cx))?;
                        return Poll::Pending;
                    }
                }
            }
            let rest = &self.buffer[self.start..self.end];
            let written = ready!(Pin::new(&mut *writer).poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.start += written;
            self.copied += written as u64;
        }
        if self.state == State::Finishing {
            match at_end {
                AtEnd::Flush => ready!(Pin::new(writer).poll_flush(cx))?,
                AtEnd::Close => ready!(Pin::new(writer).poll_close(cx))?,
            }
            self.state = State::Done;
        }
        Poll::Ready(Ok(self.copied))
    }
}
