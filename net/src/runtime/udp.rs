use std::io;
use std::net::SocketAddr;

use crate::{UdpOptions, UdpSocket};

/// The UDP of a runtime.
///
/// # Contract
///
/// - An address that is taken is `AddrInUse` (`net::in_use`).
/// - Options are honoured (`net::udp_option_is_honoured`) or refused by name (`net::option_is_refused`).
///
/// # Examples
///
/// ```
/// use anyrt_net::prelude::*;
///
/// async fn announce<R: NetRuntime>(rt: &R, to: std::net::SocketAddr) -> std::io::Result<()> {
///     let socket = rt.udp_bind(([0, 0, 0, 0], 0).into())?;
///     socket.send_to(b"here", to).await.map(drop)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no UDP",
    label = "`Udp` is not implemented for `{Self}`",
    note = "take `R: NetRuntime` (or `R: Udp`) as a parameter and pass a handle in; the adapters have sockets behind their feature `net`, the facade `anyrt` behind `tokio-net` and its siblings",
    note = "an `AnyRuntime` has no sockets: take an `AnyNet`, which `#[anyrt::main] async fn main(rt: AnyNet)` is given"
)]
pub trait Udp {
    /// The runtime's sockets.
    type UdpSocket: UdpSocket;

    /// Binds a socket, with options.
    ///
    /// # Errors
    ///
    /// See the contract above.
    #[track_caller]
    fn udp_bind_with(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<Self::UdpSocket>;

    /// Binds a socket.
    ///
    /// # Errors
    ///
    /// See the contract above.
    #[inline]
    #[track_caller]
    fn udp_bind(&self, addr: SocketAddr) -> io::Result<Self::UdpSocket> {
        self.udp_bind_with(addr, &UdpOptions::new())
    }
}
