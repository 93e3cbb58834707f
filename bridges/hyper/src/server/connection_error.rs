use std::error::Error;
use std::fmt;
use std::io;

/// What ended a connection of a server: [`Server::on_error`](crate::Server::on_error) hears it.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The [handshake](crate::Server::handshake) failed, so no HTTP was spoken.
    Handshake(io::Error),
    /// The peer has not spoken HTTP, left in the middle, or was too slow; or a response's body failed. It is a [`hyper::Error`] or an
    /// [`io::Error`].
    Http(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake(_) => "the handshake of a connection failed",
            Self::Http(_) => "a connection failed",
        })
    }
}

impl Error for ConnectionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Handshake(error) => Some(error),
            Self::Http(error) => Some(&**error),
        }
    }
}
