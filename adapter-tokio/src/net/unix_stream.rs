use std::io;
use std::os::unix::net::SocketAddr;

use super::stream::stream;

stream!(
    UnixStream(tokio::net::UnixStream, std::os::unix::net::UnixStream),
    UnixReadHalf(tokio::net::unix::OwnedReadHalf),
    UnixWriteHalf(tokio::net::unix::OwnedWriteHalf),
    SocketAddr,
    SocketAddr::from,
    "Unix"
);

impl UnixStream {
    /// Makes two streams in the runtime around.
    pub(super) fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = tokio::net::UnixStream::pair()?;
        Ok((Self(one), Self(other)))
    }
}
