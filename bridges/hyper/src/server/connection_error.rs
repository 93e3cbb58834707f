use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

use super::definition::BoxError;

/// What ended a connection of a server: [`Server::on_error`](crate::Server::on_error) hears it.
///
/// Its [`source`](Error::source) is what hyper, the stream or the handshake reported, if they reported anything.
#[derive(Debug)]
pub struct ConnectionError {
    kind: ConnectionErrorKind,
    peer: Option<SocketAddr>,
    source: Option<BoxError>,
}

/// Why a connection of a server ended: [`ConnectionError::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionErrorKind {
    /// The [handshake](crate::Server::handshake) failed, so no HTTP was spoken.
    Handshake,
    /// The peer was too slow: with its handshake, its first bytes or the head of a request that it had begun, or it answered no ping.
    Timeout,
    /// No further request came in time, and the server closed the connection. This is the usual end of a connection that a client
    /// keeps open.
    Idle,
    /// The peer spoke no HTTP, or broke a limit such as the size of a head.
    Protocol,
    /// The peer left in the middle of a request or of its response, or the network failed.
    Disconnected,
    /// The service failed, or the body of its response did.
    Service,
}

impl ConnectionError {
    pub(super) fn new(kind: ConnectionErrorKind) -> Self {
        Self {
            kind,
            peer: None,
            source: None,
        }
    }

    pub(super) fn handshake(error: io::Error) -> Self {
        Self::new(ConnectionErrorKind::Handshake).because(error.into())
    }

    /// What hyper made of a connection. `kept` is whether nothing came after the last response.
    pub(super) fn http(error: BoxError, kept: bool) -> Self {
        use ConnectionErrorKind::*;

        let kind = match error.downcast_ref::<hyper::Error>() {
            // An unanswered ping is its source.
            Some(error) if error.is_timeout() && kept && error.source().is_none() => Idle,
            Some(error) if error.is_timeout() => Timeout,
            Some(error) if error.is_user() => Service,
            Some(error) if error.is_parse() => Protocol,
            Some(error) if error.is_incomplete_message() || error.is_closed() => Disconnected,
            _ => match io_error(&*error) {
                // What TLS says of bytes that are none of its own.
                Some(error) if error.kind() == io::ErrorKind::InvalidData => Protocol,
                Some(_) => Disconnected,
                None => Protocol,
            },
        };
        Self::new(kind).because(error)
    }

    fn because(self, source: BoxError) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }

    pub(super) fn of(self, peer: Option<SocketAddr>) -> Self {
        Self { peer, ..self }
    }

    /// Why the connection ended.
    pub fn kind(&self) -> ConnectionErrorKind {
        self.kind
    }

    /// The address of the peer, if the listener's addresses are [`SocketAddr`]s.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }
}

/// The error of the stream that hyper's error is about.
fn io_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        next = error.source();
    }
    None
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.peer {
            Some(peer) => write!(f, "the connection of {peer} ended: ")?,
            None => f.write_str("a connection ended: ")?,
        }
        f.write_str(match self.kind {
            ConnectionErrorKind::Handshake => "its handshake failed",
            ConnectionErrorKind::Timeout => "the peer was too slow",
            ConnectionErrorKind::Idle => "no further request came in time",
            ConnectionErrorKind::Protocol => "the peer broke the protocol",
            ConnectionErrorKind::Disconnected => "the peer left",
            ConnectionErrorKind::Service => "the service failed",
        })
    }
}

impl Error for ConnectionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| &**error as _)
    }
}
