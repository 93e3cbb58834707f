use std::future::Future;
use std::io;
use std::net::SocketAddr;

use anyrt_core::Timer;

use crate::{ConnectHost, ListenOptions, Listener, Resolve, TcpOptions, TcpStream};

/// The TCP of a runtime.
///
/// A socket belongs to the runtime of the handle that made it, wherever it is polled (`net::polled_elsewhere`), also when it
/// was made inside another runtime (`net::made_inside_another_belongs_home`), and outlives the handle
/// (`net::outlives_the_handle`). References and pointers to a handle have its sockets (`net::pointers_pass_sockets_on`).
///
/// # Contract
///
/// - An attempt to connect begins with the call, not with the first poll (`net::connect_begins_at_the_call`).
/// - Nobody listens: `ConnectionRefused` (`net::refused`). The address is taken: `AddrInUse` (`net::in_use`). It is none of this
///   machine: `AddrNotAvailable` (`net::not_ours`).
/// - Options are honoured (`net::option_is_honoured`, `net::listen_option_is_honoured`) or refused by name
///   (`net::option_is_refused`).
/// - Every descriptor is given back (`net::fds_return`), also those of a runtime that goes down
///   (`net::shutdown_drops_sockets`).
///
/// # Cost
///
/// To connect and to listen make the system calls that std makes. `docs/cost.md` in the repository has the figures of each runtime.
///
/// # Examples
///
/// ```
/// use futures::io::AsyncWriteExt;
/// use anyrt_net::prelude::*;
///
/// async fn greet<R: NetRuntime>(rt: &R, addr: std::net::SocketAddr) -> std::io::Result<()> {
///     let mut stream = rt.tcp_connect(addr).await?;
///     stream.write_all(b"moin\n").await?;
///     stream.close().await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no TCP",
    label = "`Tcp` is not implemented for `{Self}`",
    note = "take `R: NetRuntime` (or `R: Tcp`) as a parameter and pass a handle in; the adapters have sockets behind their feature `net`, the facade `anyrt` behind `tokio-net` and its siblings",
    note = "an `AnyRuntime` has no sockets: take an `AnyNet`, which `#[anyrt::main] async fn main(rt: AnyNet)` is given"
)]
pub trait Tcp {
    /// The runtime's connections.
    type TcpStream: TcpStream;
    /// The runtime's listeners.
    type TcpListener: Listener<Stream = Self::TcpStream, Addr = SocketAddr>;
    /// An attempt to connect.
    type TcpConnect: Future<Output = io::Result<Self::TcpStream>> + Unpin;

    /// Begins to connect to `addr`, with options.
    ///
    /// # Cancellation
    ///
    /// Dropping the future gives up, and closes the connection where there is one already (`net::dropped_connect_closes`).
    ///
    /// # Errors
    ///
    /// The future tells them all, also what the call found: see the contract above, and `TimedOut` from a host that does not
    /// answer, after the system's own patience, which is minutes. For a shorter one, put
    /// [`timeout`](Timer::timeout) around it.
    #[track_caller]
    fn tcp_connect_with(&self, addr: SocketAddr, options: &TcpOptions) -> Self::TcpConnect;

    /// Binds and listens, with options.
    ///
    /// # Errors
    ///
    /// See the contract above.
    #[track_caller]
    fn tcp_listen_with(
        &self,
        addr: SocketAddr,
        options: &ListenOptions,
    ) -> io::Result<Self::TcpListener>;

    /// Begins to connect to `addr`.
    ///
    /// # Cancellation
    ///
    /// As for [`tcp_connect_with`](Self::tcp_connect_with).
    #[inline]
    #[track_caller]
    fn tcp_connect(&self, addr: SocketAddr) -> Self::TcpConnect {
        self.tcp_connect_with(addr, &TcpOptions::new())
    }

    /// Binds and listens.
    ///
    /// # Errors
    ///
    /// See the contract above.
    #[inline]
    #[track_caller]
    fn tcp_listen(&self, addr: SocketAddr) -> io::Result<Self::TcpListener> {
        self.tcp_listen_with(addr, &ListenOptions::new())
    }

    /// Resolves `host` and connects to the first of its addresses that answers; see [`ConnectHost`].
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_net::prelude::*;
    ///
    /// async fn dial<R: NetRuntime>(rt: &R) -> std::io::Result<R::TcpStream> {
    ///     rt.connect_host("localhost", 5432).await
    /// }
    /// ```
    #[inline]
    #[track_caller]
    fn connect_host(&self, host: &str, port: u16) -> ConnectHost<Self>
    where
        Self: Resolve + Timer + Clone,
    {
        self.connect_host_with(host, port, &TcpOptions::new())
    }

    /// Resolves `host` and connects, with options; see [`ConnectHost`].
    #[inline]
    #[track_caller]
    fn connect_host_with(&self, host: &str, port: u16, options: &TcpOptions) -> ConnectHost<Self>
    where
        Self: Resolve + Timer + Clone,
    {
        ConnectHost::new(self, host, port, options)
    }
}
