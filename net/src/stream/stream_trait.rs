use std::fmt::Debug;
use std::io;
use std::net::Shutdown;

use futures_io::{AsyncRead, AsyncWrite};

use crate::Ready;

/// A byte stream in both directions: what TCP and Unix streams have in common.
///
/// Reading and writing are those of [`AsyncRead`] and [`AsyncWrite`] of futures-io, so that the extension traits of
/// `futures` and `futures-lite`, codecs and TLS work on it as it is.
///
/// # Contract
///
/// - Bytes arrive whole, once and in order (`net::echo`, `net::split_on_two_tasks`).
/// - `poll_close` flushes and shuts the write side down. The peer reads the end, and the other direction stays open
///   (`net::half_close`). To close again, and to close after the peer is gone, succeeds (`net::close_repeats`).
/// - A write after `poll_close` fails with `BrokenPipe` (`net::write_after_close`).
/// - The end of the stream stays: every later read returns 0 (`net::end_is_sticky`).
/// - A read or write of no bytes returns 0 at once, whatever the state of the connection (`net::zero_length`).
/// - To flush succeeds at once: what was written is on its way (`net::flush_is_done`).
/// - A writer waits while its peer does not read (`net::backpressure`).
/// - A peer that is gone is seen by writes within a bounded number of them, as `BrokenPipe` or `ConnectionReset`
///   (`net::write_to_gone_peer`). A reset is told once, by the read that meets it, as `ConnectionReset`; later reads return 0
///   and later writes fail with `BrokenPipe` (`net::after_reset`).
/// - Dropping a stream with unread bytes in it resets the connection (`net::reset_by_unread`).
/// - Many slices are written with one call, in order (`net::vectored_write`), and read into many (`net::vectored_read`).
/// - A stream that always has something gives way to its neighbours (`net::hot_stream_gives_way`), also where
///   its task looks at an idle one beside it (`net::idle_socket_hides_no_hot_one`). One that has nothing costs no processor time
///   (`net::idle_does_not_spin`).
/// - It belongs to the runtime of the handle that made it and works wherever it is polled (`net::polled_elsewhere`,
///   `net::moves_between_runtimes`). A task that is cancelled closes its streams (`net::cancelled_task_closes`).
///
/// # Cancellation
///
/// Dropping a pending read loses no byte (`net::dropped_read_keeps_bytes`). A `write_all` that is dropped has written a prefix
/// (`net::dropped_write_all_is_prefix`).
///
/// # Errors
///
/// After the runtime's shutdown, operations fail, with the kind `Other`, or go on; none hangs
/// (`net::shutdown_never_hangs`). See the adapter.
///
/// # Cost
///
/// Reads and writes cost what they cost on the runtime's own streams and allocate nothing more, and a connection keeps no more bytes.
/// After 128 operations in a row that were ready at once, a task gives way once.
///
/// # Examples
///
/// ```
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use anyrt_net::Stream;
///
/// /// Asks, says that this was all, and reads the answer to its end.
/// async fn ask<S: Stream>(stream: &mut S, question: &str) -> std::io::Result<String> {
///     stream.write_all(question.as_bytes()).await?;
///     stream.close().await?;
///     let mut answer = String::new();
///     stream.read_to_string(&mut answer).await?;
///     Ok(answer)
/// }
/// ```
pub trait Stream: AsyncRead + AsyncWrite + Ready + Debug + Unpin {
    /// The address of an end: `std::net::SocketAddr`, or `std::os::unix::net::SocketAddr`.
    type Addr;
    /// The half that reads.
    type ReadHalf: AsyncRead + Ready + Debug + Unpin;
    /// The half that writes.
    type WriteHalf: AsyncWrite + Ready + Debug + Unpin;

    /// Reads what is there (`net::try_would_block`).
    ///
    /// # Errors
    ///
    /// `WouldBlock` when there is nothing.
    fn try_read(&self, buf: &mut [u8]) -> io::Result<usize>;

    /// Writes what there is room for (`net::try_would_block`).
    ///
    /// # Errors
    ///
    /// `WouldBlock` when there is no room.
    fn try_write(&self, buf: &[u8]) -> io::Result<usize>;

    /// Splits the stream into two halves, for two tasks.
    ///
    /// Dropping the write half shuts the write side down, so that the peer reads the end (`net::write_half_drop_is_fin`).
    /// Dropping the read half tells the peer nothing (`net::read_half_drop_is_silent`). The connection closes with the last
    /// half.
    ///
    /// # Cost
    ///
    /// One allocation.
    fn into_split(self) -> (Self::ReadHalf, Self::WriteHalf)
    where
        Self: Sized;

    /// Tells whether `poll_write_vectored` takes more than the first slice.
    #[inline]
    fn is_write_vectored(&self) -> bool {
        true
    }

    /// The address of this end (`net::addresses_agree`).
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn local_addr(&self) -> io::Result<Self::Addr>;

    /// The address of the other end (`net::addresses_agree`).
    ///
    /// # Errors
    ///
    /// `NotConnected` when the connection is gone (`net::gone_peer_has_no_address`).
    fn peer_addr(&self) -> io::Result<Self::Addr>;

    /// Shuts one side or both down, at once. A connection that is gone already is no error (`net::shutdown_ends_both`).
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
}
