use std::fmt::Debug;
use std::io;
use std::task::{Context, Poll};

use crate::{HalfClose, WriteAllOwned, WriteOwned};

/// Writes from a buffer that is given away and comes back.
///
/// See [`CompletionRead`](crate::CompletionRead) for the shape.
///
/// # Contract
///
/// - A buffer that is lent to a write comes back unchanged, with the number of bytes that were taken
///   (`net::completion_write_gives_back`).
/// - A write may take a part; what follows is written after it (`net::completion_partial_write`).
/// - What is written after a dropped write comes after what was written of that one
///   (`net::completion_dropped_write_keeps_order`).
/// - A half-close ends the peer's reads and not its writes (`net::completion_half_close`). It comes after what a
///   dropped write was given (`net::completion_half_close_comes_last`).
///
/// # For library authors
///
/// As [`CompletionRead`](crate::CompletionRead).
///
/// # For runtime authors
///
/// Keep the operation and its buffer in the stream, not in the future, and begin no write before the last one has completed.
///
/// # Examples
///
/// ```
/// use anyrt_net::{Completion, CompletionWrite};
///
/// # futures::executor::block_on(async {
/// let mut sink = futures::io::Cursor::new(Vec::new());
/// let mut stream = Completion::new(&mut sink);
/// let (written, buf) = stream.write_all_owned(b"moin".to_vec()).await;
/// written?;
/// assert_eq!(buf, b"moin");
/// assert_eq!(sink.into_inner(), b"moin");
/// # std::io::Result::Ok(())
/// # })?;
/// # std::io::Result::Ok(())
/// ```
pub trait CompletionWrite: Debug + Unpin {
    /// Writes `buf` from the byte `from` on, and returns how many bytes were taken.
    ///
    /// While it is pending the buffer may be away: then `buf` is empty. Pass the same variable again until it is ready; then the
    /// buffer is back in it. A write that begins with an empty buffer has no meaning: [`write_owned`](Self::write_owned) returns 0
    /// at once.
    ///
    /// # Cancellation
    ///
    /// A write whose caller went away goes on in the stream: all of it, a part or nothing is written. The next one waits for it.
    ///
    /// # Errors
    ///
    /// Those of [`AsyncWrite`](crate::AsyncWrite).
    fn poll_write_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
        from: usize,
    ) -> Poll<io::Result<usize>>;

    /// Shuts the write side down, after what was written: the peer reads the end, and may go on writing.
    ///
    /// # Errors
    ///
    /// Those of [`AsyncWrite::poll_close`](crate::AsyncWrite::poll_close).
    fn poll_half_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Gives `buf` away to be written; resolves to the number of bytes that were taken, and the buffer.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses the buffer. All of it, a part or nothing is written.
    ///
    /// # Errors
    ///
    /// The first element has those of [`AsyncWrite`](crate::AsyncWrite). The buffer comes back in any case.
    ///
    /// # Examples
    ///
    /// See [`CompletionWrite`].
    #[inline]
    fn write_owned(&mut self, buf: Vec<u8>) -> WriteOwned<'_, Self>
    where
        Self: Sized,
    {
        WriteOwned::new(self, buf)
    }

    /// Gives `buf` away to be written as a whole; resolves to the buffer.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses the buffer. A prefix of it is written.
    ///
    /// # Errors
    ///
    /// The first element has those of [`AsyncWrite`](crate::AsyncWrite), and
    /// [`WriteZero`](io::ErrorKind::WriteZero) where nothing more is taken.
    ///
    /// # Examples
    ///
    /// See [`CompletionWrite`].
    #[inline]
    fn write_all_owned(&mut self, buf: Vec<u8>) -> WriteAllOwned<'_, Self>
    where
        Self: Sized,
    {
        WriteAllOwned::new(self, buf)
    }

    /// Shuts the write side down, after what was written.
    ///
    /// # Errors
    ///
    /// Those of [`poll_half_close`](Self::poll_half_close).
    ///
    /// # Examples
    ///
    /// See [`CompletionRead`](crate::CompletionRead).
    #[inline]
    fn half_close(&mut self) -> HalfClose<'_, Self>
    where
        Self: Sized,
    {
        HalfClose::new(self)
    }
}

impl<S: CompletionWrite + ?Sized> CompletionWrite for &mut S {
    #[inline]
    fn poll_write_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
        from: usize,
    ) -> Poll<io::Result<usize>> {
        (**self).poll_write_owned(cx, buf, from)
    }

    #[inline]
    fn poll_half_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        (**self).poll_half_close(cx)
    }
}
