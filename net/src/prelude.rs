//! The traits, to be imported together with those of [`anyrt_core::prelude`].

#[cfg(unix)]
#[doc(no_inline)]
pub use crate::Unix;
#[doc(no_inline)]
pub use crate::{
    AsyncRead, AsyncWrite, CompletionRead, CompletionWrite, Datagram, Listener, LocalNet, Net,
    NetRuntime, Ready, Resolve, Signals, Stream, Tcp, TcpStream, Udp, UdpSocket,
};
#[cfg(any(unix, windows))]
#[doc(no_inline)]
pub use crate::{OsNet, OsSocket};
