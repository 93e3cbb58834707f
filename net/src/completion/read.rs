use std::fmt::Debug;
use std::io;
use std::task::{Context, Poll};

use crate::ReadOwned;

/// Reads into a buffer that is given away and comes back.
///
/// It is the shape of a system that fills the buffer itself and reports when it is done, as io_uring does. Readiness
/// ([`AsyncRead`](crate::AsyncRead)) lends the buffer for the length of one poll; here it is away until the read completes.
///
/// # Contract
///
/// - A buffer that is lent to a read comes back, with what came at its beginning (`net::completion_read_gives_back`).
/// - A read that is dropped loses no bytes (`net::completion_dropped_read_loses_nothing`).
///
/// # For library authors
///
/// Take `S: CompletionRead + CompletionWrite` and the same code runs on both kinds of runtimes: the program passes
/// [`Completion`](crate::Completion) around any stream, or compio's `CompletionStream`.
///
/// # For runtime authors
///
/// Implement [`poll_read_owned`](Self::poll_read_owned). Keep the operation and its buffer in the stream, not in the future.
///
/// # Examples
///
/// ```
/// use std::io;
/// use anyrt_net::{CompletionRead, CompletionWrite};
///
/// /// Sends everything back, in one buffer that goes to and fro.
/// async fn echo<S: CompletionRead + CompletionWrite>(mut stream: S) -> io::Result<()> {
///     let mut buf = vec![0; 4096];
///     loop {
///         let (read, mut came) = stream.read_owned(buf).await;
///         let room = came.len();
///         match read? {
///             0 => return stream.half_close().await,
///             count => came.truncate(count),
///         }
///         let (written, back) = stream.write_all_owned(came).await;
///         written?;
///         buf = back;
///         buf.resize(room, 0);
///     }
/// }
/// # futures::executor::block_on(async {
/// let mut stream = anyrt_net::Completion::new(futures::io::Cursor::new(b"moin".to_vec()));
/// let (read, buf) = stream.read_owned(vec![0; 8]).await;
/// assert_eq!(&buf[..read?], b"moin");
/// # echo(anyrt_net::Completion::new(futures::io::Cursor::new(Vec::new()))).await
/// # })?;
/// # io::Result::Ok(())
/// ```
pub trait CompletionRead: Debug + Unpin {
    /// Reads at most `buf.len()` bytes to the beginning of `buf`, and returns their number; 0 is the end of the stream.
    ///
    /// While it is pending the buffer may be away: then `buf` is empty. Pass the same variable again until it is ready; then the
    /// buffer is back in it, as long as before. A read that begins with an empty buffer has no meaning:
    /// [`read_owned`](Self::read_owned) returns 0 at once.
    ///
    /// # Cancellation
    ///
    /// A read whose caller went away goes on in the stream. Who reads next gets what came for it, in the buffer of the one before.
    ///
    /// # Errors
    ///
    /// Those of [`AsyncRead`](crate::AsyncRead).
    fn poll_read_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>>;

    /// Gives `buf` away to be filled; resolves to the number of bytes and the buffer, which is as long as before.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses the buffer, and no bytes (`net::completion_dropped_read_loses_nothing`). The next read may get
    /// the lost buffer back instead of its own, and then at most as many bytes as that one had room for.
    ///
    /// # Errors
    ///
    /// The first element has those of [`AsyncRead`](crate::AsyncRead). The buffer comes back in any case.
    ///
    /// # Examples
    ///
    /// See [`CompletionRead`].
    #[inline]
    fn read_owned(&mut self, buf: Vec<u8>) -> ReadOwned<'_, Self>
    where
        Self: Sized,
    {
        ReadOwned::new(self, buf)
    }
}

impl<S: CompletionRead + ?Sized> CompletionRead for &mut S {
    #[inline]
    fn poll_read_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        (**self).poll_read_owned(cx, buf)
    }
}
