//! Sockets of async-std: the types behind [`anyrt_net`]'s traits on [`AsyncStd`](crate::AsyncStd).
//!
//! # Runtimes
//!
//! They run on async-io's reactor, which belongs to the process: they go on after their executor has shut down.

mod ambient;
mod handle;

#[cfg(any(unix, windows))]
pub use anyrt_shared::net::Registered;
#[cfg(feature = "signal")]
pub use anyrt_shared::net::Signals;
pub use anyrt_shared::net::{
    Connect, ReadHalf, TcpListener, TcpStream, UdpSocket, Waiter, WriteHalf,
};
#[cfg(unix)]
pub use anyrt_shared::net::{UnixDatagram, UnixListener, UnixReadHalf, UnixStream, UnixWriteHalf};
