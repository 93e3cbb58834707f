//! Sockets on async-io's reactor, which smol and async-std share, as [`anyrt_net`]'s traits.
//!
//! # Runtimes
//!
//! The reactor belongs to the process, so that sockets go on after an executor has shut down.

mod connect;
mod datagram;
mod local;
mod poll;
mod reactor;
#[cfg(any(unix, windows))]
mod registered;
#[cfg(feature = "signal")]
mod signals;
mod stream;
mod tcp_listener;
mod tcp_stream;
mod udp_socket;
#[cfg(unix)]
mod unix_datagram;
#[cfg(unix)]
mod unix_listener;
#[cfg(unix)]
mod unix_stream;
mod waiter;

pub use connect::Connect;
#[cfg(any(unix, windows))]
pub use registered::Registered;
#[cfg(feature = "signal")]
pub use signals::Signals;
pub use tcp_listener::TcpListener;
pub use tcp_stream::{ReadHalf, TcpStream, WriteHalf};
pub use udp_socket::UdpSocket;
#[cfg(unix)]
pub use unix_datagram::UnixDatagram;
#[cfg(unix)]
pub use unix_listener::UnixListener;
#[cfg(unix)]
pub use unix_stream::{UnixReadHalf, UnixStream, UnixWriteHalf};
pub use waiter::Waiter;

/// What errors call the runtime where they do not know which of the two it is.
const RUNTIME: &str = "async-io";
