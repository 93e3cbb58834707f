use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Interest;

/// Readiness of a socket that one task per direction waits on: streams, their halves, registered descriptors.
///
/// It shares its wakers with `poll_read` and `poll_write`.
///
/// # Contract
///
/// - The last waker polled for a direction is woken (`net::last_waker_wins`); one before it may be, as it is replaced.
/// - A waker of one direction does not disturb the other (`net::directions_are_apart`).
/// - A poll that nobody woke is harmless (`net::spurious_wake_is_harmless`).
/// - A socket with something to read is ready for [`Interest::Read`] (`net::readiness_tells`). It may be ready for nothing,
///   and may be ready late by one turn of the poller: try the operation and wait again on `WouldBlock`.
/// - An operation that found nothing clears the readiness, so that a loop of both does not spin (`net::readiness_forgotten`).
///
/// # Cost
///
/// A wait is one more system call than a read that is simply awaited: the read that follows it.
///
/// # Examples
///
/// ```
/// use std::io::{Error, ErrorKind};
/// use anyrt_net::{Interest, Ready, Stream};
///
/// /// Reads what is there, without a buffer that waits with the task.
/// async fn read_some<S: Stream>(stream: &S) -> Result<Vec<u8>, Error> {
///     loop {
///         stream.wait_ready(Interest::Read).await?;
///         let mut buf = vec![0; 4096];
///         match stream.try_read(&mut buf) {
///             Ok(n) => return Ok(buf[..n].to_vec()),
///             Err(error) if error.kind() == ErrorKind::WouldBlock => {}
///             Err(error) => return Err(error),
///         }
///     }
/// }
/// ```
pub trait Ready {
    /// Is ready when an operation in this direction may make progress.
    ///
    /// # Errors
    ///
    /// When the runtime that the socket belongs to is gone, on runtimes whose poller goes with them.
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>>;

    /// Waits until an operation in this direction may make progress.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    #[inline]
    fn wait_ready(&self, interest: Interest) -> WaitReady<'_, Self>
    where
        Self: Sized,
    {
        WaitReady {
            socket: self,
            interest,
        }
    }
}

/// Waits for readiness; made by [`Ready::wait_ready`].
///
/// # Cancellation
///
/// Dropping it loses nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct WaitReady<'a, S> {
    socket: &'a S,
    interest: Interest,
}

impl<S: Ready> Future for WaitReady<'_, S> {
    type Output = io::Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.socket.poll_ready(cx, self.interest)
    }
}
