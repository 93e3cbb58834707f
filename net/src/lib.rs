#![doc = include_str!("../README.md")]

mod any;
mod completion;
mod connect;
mod datagram;
mod forward;
mod interest;
mod listener;
mod options;
mod pointers;
pub mod prelude;
mod ready;
mod runtime;
mod signal;
mod stream;
mod wait;

#[doc(no_inline)]
pub use futures_io::{AsyncRead, AsyncWrite};

/// What lends the descriptor of a socket: `AsFd` on Unix, `AsSocket` on Windows.
#[cfg(unix)]
#[doc(no_inline)]
pub use std::os::fd::AsFd as AsOsSocket;
/// The descriptor of a socket, owned: `OwnedFd` on Unix, `OwnedSocket` on Windows.
#[cfg(unix)]
#[doc(no_inline)]
pub use std::os::fd::OwnedFd as OwnedOsSocket;
/// What lends the descriptor of a socket: `AsFd` on Unix, `AsSocket` on Windows.
#[cfg(windows)]
#[doc(no_inline)]
pub use std::os::windows::io::AsSocket as AsOsSocket;
/// The descriptor of a socket, owned: `OwnedFd` on Unix, `OwnedSocket` on Windows.
#[cfg(windows)]
#[doc(no_inline)]
pub use std::os::windows::io::OwnedSocket as OwnedOsSocket;

pub use any::{
    AnyConnect, AnyLookup, AnyNet, AnyReadHalf, AnyTcpListener, AnyTcpStream, AnyUdpSocket,
    AnyWaiter, AnyWriteHalf,
};
pub use completion::{
    Completion, CompletionRead, CompletionWrite, HalfClose, ReadOwned, WriteAllOwned, WriteOwned,
};
pub use connect::ConnectHost;
pub use datagram::{Datagram, Readiness, Recv, RecvFrom, Send, SendTo, UdpSocket};
pub use interest::Interest;
pub use listener::{Accept, Incoming, Listener};
pub use options::{ListenOptions, SocketOption, TcpOptions, UdpOptions};
pub use ready::{Ready, WaitReady};
#[cfg(unix)]
pub use runtime::Unix;
pub use runtime::{LocalNet, Lookup, Net, NetRuntime, Resolve, Tcp, Udp, lookup};
#[cfg(any(unix, windows))]
pub use runtime::{OsNet, OsSocket};
pub use signal::{CtrlC, SignalKind, Signals};
pub use stream::{
    Copy, CopyBidirectional, Peek, Stream, TcpStream, copy, copy_bidirectional, poll_read_lent,
};
pub use wait::{Place, WaitList};
