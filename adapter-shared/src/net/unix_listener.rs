use std::io;
use std::os::unix::net::{SocketAddr, UnixListener as Std};
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use anyrt_net::{Interest, ListenOptions};
use async_io::Async;

use super::{UnixStream, Waiter};

/// A Unix listener on async-io.
///
/// # Cost
///
/// One allocation more than async-io's own, for the tasks that wait beside each other.
#[derive(Debug)]
pub struct UnixListener(Arc<Async<Std>>);

impl UnixListener {
    /// Binds and listens, for the runtime of this name.
    ///
    /// # Errors
    ///
    /// What the system reports.
    pub fn bind(runtime: &str, path: &Path, options: &ListenOptions) -> io::Result<Self> {
        let listener = anyrt_socket::unix::listen(runtime, path, options)?;
        Ok(Self(Arc::new(Async::new_nonblocking(listener)?)))
    }

    /// Takes over a listener of std's, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// What the system reports.
    pub fn from_std(listener: Std) -> io::Result<Self> {
        Ok(Self(Arc::new(Async::new(listener)?)))
    }

    /// Gives the listener of std's back, non-blocking.
    ///
    /// # Errors
    ///
    /// What the system reports.
    pub fn into_std(self) -> io::Result<Std> {
        match Arc::try_unwrap(self.0) {
            Ok(io) => io.into_inner(),
            // A waiter still holds it.
            Err(io) => io.get_ref().try_clone(),
        }
    }
}

impl anyrt_net::Listener for UnixListener {
    type Stream = UnixStream;
    type Addr = SocketAddr;
    type Waiter = Waiter<Std>;

    #[inline]
    fn poll_accept(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        let accepted = waiter.poll_io(&self.0, cx, Interest::Read, |socket| socket.accept());
        let (stream, peer) = ready!(accepted)?;
        Poll::Ready(UnixStream::from_std(stream).map(|stream| (stream, peer)))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().local_addr()
    }
}

super::registered::os_handle!(UnixListener);
