use crate::{Datagram, Listener, Resolve, Stream, Tcp, Udp};

/// TCP, UDP and names, for code that spawns: everything is `Send`. There is nothing to implement.
///
/// # For library authors
///
/// Take [`NetRuntime`](crate::NetRuntime), which is a runtime besides. `Net` alone is for code that neither spawns nor sleeps.
///
/// # Examples
///
/// ```
/// use anyrt_net::prelude::*;
///
/// async fn is_open<N: Net>(net: &N, addr: std::net::SocketAddr) -> bool {
///     net.tcp_connect(addr).await.is_ok()
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no sockets",
    label = "`{Self}` lacks a part of `Net`",
    note = "a `Net` is `Tcp + Udp + Resolve`, with types that are `Send + Sync + 'static`",
    note = "turn on the adapter's feature `net`, or the facade's `tokio-net` or one of its siblings, and pass one of its handles; sockets of local runtimes are those of `LocalNet`"
)]
pub trait Net:
    Tcp<
        TcpStream: Stream<ReadHalf: Send + Sync + 'static, WriteHalf: Send + Sync + 'static>
                       + Send
                       + Sync
                       + 'static,
        TcpListener: Listener<Waiter: Send + Sync + 'static> + Send + Sync + 'static,
        TcpConnect: Send + 'static,
    > + Udp<UdpSocket: Datagram<Waiter: Send + Sync + 'static> + Send + Sync + 'static>
    + Resolve<Lookup: Send + 'static>
{
}

#[diagnostic::do_not_recommend]
impl<N> Net for N where
    N: Tcp<
            TcpStream: Stream<ReadHalf: Send + Sync + 'static, WriteHalf: Send + Sync + 'static>
                           + Send
                           + Sync
                           + 'static,
            TcpListener: Listener<Waiter: Send + Sync + 'static> + Send + Sync + 'static,
            TcpConnect: Send + 'static,
        > + Udp<UdpSocket: Datagram<Waiter: Send + Sync + 'static> + Send + Sync + 'static>
        + Resolve<Lookup: Send + 'static>
{
}
