#![doc = include_str!("../README.md")]

#[cfg(feature = "client")]
mod client;
mod executor;
mod io;
#[cfg(feature = "server")]
mod server;
mod timer;

#[cfg(feature = "client")]
pub use client::{Connecting, Connector, client};
pub use executor::{Executor, LocalExecutor};
pub use io::Io;
#[cfg(feature = "server")]
pub use server::{
    ConnectionError, ConnectionErrorKind, Handshake, LocalHandshake, LocalServer, Plain, Server,
};
pub use timer::{Sleep, Timer};
