//! Sockets of compio: the types behind [`anyrt_net`]'s traits on [`LocalHandle`](crate::LocalHandle).
//!
//! Two shapes of the same socket. [`TcpStream`] waits until the system is ready and copies what there is, as
//! [`anyrt_net::Stream`] asks: what is written for any runtime runs on it. [`CompletionStream`] gives the system a buffer and gets it
//! back filled, which is what io_uring is made for.
//!
//! # Runtimes
//!
//! A socket belongs to the [`Local`](crate::Local) that made it. When that is gone, whatever would wait fails.

mod completion;
mod connect;
mod datagram;
mod handle;
mod listener;
mod native;
#[cfg(unix)]
mod registered;
#[cfg(all(unix, feature = "signal"))]
mod signals;
mod source;
mod stream;
mod waiter;

pub use completion::{CompletionReadHalf, CompletionStream, CompletionWriteHalf};
pub use connect::Connect;
pub use datagram::{Datagram, UdpSocket};
pub use handle::Net;
pub use listener::{Listener, TcpListener};
pub use native::{NativeDatagram, NativeListener, NativeStream};
#[cfg(unix)]
pub use registered::Registered;
#[cfg(all(unix, feature = "signal"))]
pub use signals::Signals;
pub use stream::{ReadHalf, Stream, TcpStream, WriteHalf};
pub use waiter::Waiter;
#[cfg(unix)]
pub use {datagram::UnixDatagram, listener::UnixListener, stream::UnixStream};
