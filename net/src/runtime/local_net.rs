use anyrt_core::LocalRuntime;

use crate::{Datagram, Listener, Resolve, Stream, Tcp, Udp};

/// A local runtime with sockets, none of which need be `Send`. There is nothing to implement.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::prelude::*;
/// use anyrt_net::{copy, prelude::*};
///
/// async fn echo_once<R: LocalNet>(rt: &R, listener: R::TcpListener, log: Rc<str>) {
///     rt.spawn_local_detached(async move {
///         let Ok((stream, peer)) = listener.accept().await else { return };
///         println!("{log}: {peer}");
///         let (mut reader, mut writer) = stream.into_split();
///         copy(&mut reader, &mut writer).await.ok();
///     });
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a local runtime with sockets",
    label = "`{Self}` lacks a part of `LocalNet`",
    note = "a `LocalNet` is `LocalRuntime + Tcp + Udp + Resolve`; turn on the adapter's feature `net`, or the facade's `tokio-net` or one of its siblings, and pass the handle of a local runtime"
)]
pub trait LocalNet:
    LocalRuntime
    + Tcp<
        TcpStream: Stream<ReadHalf: 'static, WriteHalf: 'static> + 'static,
        TcpListener: Listener<Waiter: 'static> + 'static,
        TcpConnect: 'static,
    > + Udp<UdpSocket: Datagram<Waiter: 'static> + 'static>
    + Resolve<Lookup: 'static>
{
}

#[diagnostic::do_not_recommend]
impl<R> LocalNet for R where
    R: LocalRuntime
        + Tcp<
            TcpStream: Stream<ReadHalf: 'static, WriteHalf: 'static> + 'static,
            TcpListener: Listener<Waiter: 'static> + 'static,
            TcpConnect: 'static,
        > + Udp<UdpSocket: Datagram<Waiter: 'static> + 'static>
        + Resolve<Lookup: 'static>
{
}
