use std::future::Future;
use std::io;
use std::os::unix::net::SocketAddr;
use std::path::Path;

use crate::{Datagram, ListenOptions, Listener, Stream};

/// The Unix sockets of a runtime.
///
/// # Contract
///
/// - A stream is a [`Stream`] as TCP's is (`net::unix_stream`, `net::unix_pair`), and a datagram socket a [`Datagram`]
///   (`net::unix_datagram`).
/// - No file at the path: `NotFound`. A file without a listener: `ConnectionRefused`. A path that is taken: `AddrInUse`
///   (`net::unix_error_kinds`).
/// - A listener whose backlog is full makes `unix_connect` fail at once with `WouldBlock` on Linux and `ConnectionRefused`
///   elsewhere, because the system offers nothing to wait for (`net::unix_full_backlog_is_told`). Try again after a sleep.
/// - A send to a datagram socket that is full waits for room (`net::unix_full_receiver_is_waited_for`). On Linux, connect the sender if
///   that may last: the system calls a sender without a peer writable all the time, so that its task is polled until there is room.
/// - A datagram socket that is connected receives from its peer alone (`net::unix_connected`).
/// - Sockets are made and accepted where no runtime is around, too (`net::unix_made_elsewhere_belongs_home`).
/// - The file stays when its socket is dropped (`net::unix_file_stays`): remove it before you bind.
///
/// # Examples
///
/// ```
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use anyrt_net::prelude::*;
///
/// async fn talk<R: Unix>(rt: &R) -> std::io::Result<()> {
///     let (mut one, mut other) = rt.unix_pair()?;
///     one.write_all(b"moin").await?;
///     drop(one);
///     let mut heard = String::new();
///     other.read_to_string(&mut heard).await?;
///     assert_eq!(heard, "moin");
///     Ok(())
/// }
/// # use anyrt_core::{Config, prelude::*};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(talk(&rt.handle())).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no Unix sockets",
    label = "`Unix` is not implemented for `{Self}`",
    note = "take `R: NetRuntime + Unix` as a parameter and pass a handle in; the adapters have sockets behind their feature `net`, the facade `anyrt` behind `tokio-net` and its siblings"
)]
pub trait Unix {
    /// The runtime's streams.
    type UnixStream: Stream<Addr = SocketAddr>;
    /// The runtime's listeners.
    type UnixListener: Listener<Stream = Self::UnixStream, Addr = SocketAddr>;
    /// An attempt to connect.
    type UnixConnect: Future<Output = io::Result<Self::UnixStream>> + Unpin;
    /// The runtime's datagram sockets.
    type UnixDatagram: Datagram<Addr = SocketAddr>;

    /// Begins to connect to the listener at `path`. Dropping the future gives up.
    ///
    /// # Errors
    ///
    /// The future tells them all; see the contract above.
    #[track_caller]
    fn unix_connect(&self, path: &Path) -> Self::UnixConnect;

    /// Binds to `path` and listens, with options, of which only the backlog means something here.
    ///
    /// # Errors
    ///
    /// See the contract above; `Unsupported` for any other option.
    #[track_caller]
    fn unix_listen_with(
        &self,
        path: &Path,
        options: &ListenOptions,
    ) -> io::Result<Self::UnixListener>;

    /// Binds to `path` and listens.
    ///
    /// # Errors
    ///
    /// See the contract above.
    #[inline]
    #[track_caller]
    fn unix_listen(&self, path: &Path) -> io::Result<Self::UnixListener> {
        self.unix_listen_with(path, &ListenOptions::new())
    }

    /// Makes two streams that are connected with each other.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn unix_pair(&self) -> io::Result<(Self::UnixStream, Self::UnixStream)>;

    /// Binds a datagram socket to `path`.
    ///
    /// # Errors
    ///
    /// See the contract above.
    #[track_caller]
    fn unix_bind(&self, path: &Path) -> io::Result<Self::UnixDatagram>;

    /// Makes a datagram socket without a path: it sends, and nobody can answer.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn unix_unbound(&self) -> io::Result<Self::UnixDatagram>;

    /// Makes two datagram sockets that are connected with each other.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn unix_datagram_pair(&self) -> io::Result<(Self::UnixDatagram, Self::UnixDatagram)>;
}
