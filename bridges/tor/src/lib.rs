#![doc = include_str!("../README.md")]

mod coarse_clock;
mod listener;
mod no_unix;
mod stream;
mod tor;
mod udp_socket;
#[cfg(unix)]
mod unix;

pub use listener::{TorIncoming, TorListener};
pub use no_unix::NoUnix;
pub use stream::TorStream;
pub use tor::{Tor, TorRuntime};
pub use udp_socket::TorUdpSocket;
