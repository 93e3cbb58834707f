use std::io;
use std::net::SocketAddr;

use crate::{Datagram, UdpOptions};

/// A UDP socket: a [`Datagram`] socket whose options can be read and changed.
///
/// # Contract
///
/// Options read back as they are in force (`net::udp_option_is_honoured`); one that cannot be set on a bound socket is refused
/// by name (`net::option_is_refused`).
///
/// # Examples
///
/// ```
/// use anyrt_net::{UdpOptions, UdpSocket};
///
/// fn allow_broadcast<S: UdpSocket>(socket: &S) -> std::io::Result<()> {
///     socket.set_options(&UdpOptions::new().broadcast(true))
/// }
/// ```
pub trait UdpSocket: Datagram<Addr = SocketAddr> {
    /// The options in force. One that is off, or that the backend does not have, is `None`.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn options(&self) -> io::Result<UdpOptions>;

    /// Changes the options that are set in `options`, and leaves the others as they are.
    ///
    /// # Errors
    ///
    /// `Unsupported`, naming the option, for one that the backend does not have, and `InvalidInput` for those that only a bind
    /// can set: `reuse_addr`, `reuse_port` and `only_v6`.
    fn set_options(&self, options: &UdpOptions) -> io::Result<()>;
}
