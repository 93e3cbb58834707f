use std::fmt::Debug;
use std::io;
use std::task::{Context, Poll, ready};

use crate::{AsOsSocket, Interest, Ready};

/// A socket of the system's, for operations that this crate has none for, such as those of `quinn-udp` and `zbus`.
///
/// It lends its descriptor: `AsFd` on Unix, `AsSocket` on Windows.
///
/// # Contract
///
/// - Operations of one's own work on the descriptor (`net::try_io_on_the_descriptor`).
/// - An operation that finds nothing clears the readiness, so that the wait for it does not spin
///   (`net::readiness_forgotten`).
///
/// # Examples
///
/// ```
/// use std::io::Read;
/// use anyrt_net::{Interest, prelude::*};
///
/// /// Reads from a pipe that the runtime waits for.
/// async fn read_pipe<R: OsNet>(rt: &R, mut pipe: std::io::PipeReader) -> std::io::Result<usize> {
///     let registered = rt.register(pipe.try_clone()?.into())?;
///     let mut buf = [0; 64];
///     std::future::poll_fn(|cx| registered.poll_io(cx, Interest::Read, || pipe.read(&mut buf))).await
/// }
/// ```
pub trait OsSocket: AsOsSocket + Debug + Unpin {
    /// Calls `op`, and clears the readiness where that returns `WouldBlock`.
    ///
    /// `op` works on the descriptor, which is non-blocking. It may be left out where the runtime knows that there is nothing.
    ///
    /// # Errors
    ///
    /// Those of `op`.
    fn try_io<T>(&self, interest: Interest, op: impl FnOnce() -> io::Result<T>) -> io::Result<T>;

    /// Calls `op` until it returns anything but `WouldBlock`, and waits in between. Shares its waker with
    /// [`poll_ready`](Ready::poll_ready).
    ///
    /// # Errors
    ///
    /// Those of `op`, and of the wait.
    #[inline]
    fn poll_io<T>(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        mut op: impl FnMut() -> io::Result<T>,
    ) -> Poll<io::Result<T>>
    where
        Self: Ready,
    {
        loop {
            ready!(self.poll_ready(cx, interest))?;
            match self.try_io(interest, &mut op) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
    }
}
