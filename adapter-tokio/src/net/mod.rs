//! Sockets of tokio, each registered with the runtime of the handle that made it: the types behind
//! [`anyrt_net`]'s traits on [`Tokio`](crate::Tokio).
//!
//! # Runtimes
//!
//! A runtime without its I/O driver has no sockets: the first one fails with `Unsupported` and says how to build it. After the
//! runtime's shutdown, operations that would wait fail with the kind `Other`.

mod ambient;
mod connect;
mod context;
mod datagram;
mod handle;
mod local;
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
