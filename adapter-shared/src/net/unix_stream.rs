use std::io;
use std::os::unix::net::{SocketAddr, UnixStream as Std};
use std::path::Path;

use async_io::Async;

use super::Connect;
use super::stream::stream;

stream!(
    UnixStream,
    UnixReadHalf,
    UnixWriteHalf,
    Std,
    SocketAddr,
    "Unix"
);

impl UnixStream {
    /// Begins to connect.
    pub fn connect(path: &Path) -> Connect<Std, Self> {
        Connect::new(anyrt_socket::unix::connect(path).and_then(Async::new_nonblocking))
    }

    /// Makes two streams that are connected with each other.
    ///
    /// # Errors
    ///
    /// What the system reports.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = Std::pair()?;
        Ok((Self::from_std(one)?, Self::from_std(other)?))
    }
}
