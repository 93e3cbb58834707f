mod connection_error;
mod definition;
mod handshake;
mod local_server;
mod opened;
mod send_server;

pub use connection_error::{ConnectionError, ConnectionErrorKind};
pub use handshake::{Handshake, LocalHandshake, Plain};
pub use local_server::LocalServer;
pub use send_server::Server;
