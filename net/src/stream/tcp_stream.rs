use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use crate::{Peek, Stream, TcpOptions};

/// A TCP connection: a [`Stream`] whose options can be read and changed.
///
/// # Contract
///
/// - To peek reads without taking (`net::peek_keeps`).
/// - Options read back as they are in force (`net::option_is_honoured`); one that cannot be set on a connection is refused by
///   name (`net::option_is_refused`).
/// - With [`set_zero_linger`](Self::set_zero_linger) the drop of the stream resets the connection (`net::reset_by_linger`).
///
/// # Examples
///
/// ```
/// use anyrt_net::{TcpOptions, TcpStream};
///
/// fn tune<S: TcpStream>(stream: &S) -> std::io::Result<()> {
///     stream.set_options(&TcpOptions::new().nodelay(true))?;
///     assert_eq!(stream.options()?.nodelay, Some(true));
///     Ok(())
/// }
/// ```
pub trait TcpStream: Stream<Addr = SocketAddr> {
    /// Reads without taking; shares its waker with `poll_read`.
    ///
    /// # Errors
    ///
    /// Those of a read.
    fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>>;

    /// Waits for bytes and reads them without taking them.
    #[inline]
    fn peek<'a>(&'a self, buf: &'a mut [u8]) -> Peek<'a, Self>
    where
        Self: Sized,
    {
        Peek::new(self, buf)
    }

    /// The options in force. One that is off, or that the backend does not have, is `None`.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn options(&self) -> io::Result<TcpOptions>;

    /// Changes the options that are set in `options`, and leaves the others as they are.
    ///
    /// # Errors
    ///
    /// `Unsupported`, naming the option, for one that the backend does not have, and `InvalidInput` for `local_addr`, which a
    /// connection has for good.
    fn set_options(&self, options: &TcpOptions) -> io::Result<()>;

    /// Makes the drop of this stream reset the connection instead of closing it.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn set_zero_linger(&self) -> io::Result<()>;
}
