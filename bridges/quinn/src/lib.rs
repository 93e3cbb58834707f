#![doc = include_str!("../README.md")]

mod plain;
mod plain_socket;
#[cfg(any(unix, windows))]
mod quinn;
#[cfg(any(unix, windows))]
mod socket;
mod timer;
mod waiting;

#[cfg(any(unix, windows))]
pub use self::quinn::Quinn;
#[cfg(any(unix, windows))]
pub use self::socket::Socket;
pub use plain::PlainQuinn;
pub use plain_socket::PlainSocket;
