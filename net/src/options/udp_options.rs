use std::io;

use crate::SocketOption;

/// What a program asks of a UDP socket.
///
/// Every option is unset at first. A backend that cannot honour one fails with `Unsupported` and names it
/// (`net::option_is_refused`); none is ever ignored (`net::udp_option_is_honoured`). For options that are not in here, such as
/// multicast, configure a socket of std's or of socket2's and pass it to
/// [`OsNet::udp_from_std`](crate::OsNet::udp_from_std).
///
/// # Examples
///
/// ```
/// use anyrt_net::{UdpOptions, prelude::*};
///
/// # use anyrt_core::{Config, prelude::*};
/// # let owner = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # let rt = owner.handle();
/// let options = UdpOptions::new().recv_buffer_size(64 * 1024);
/// let socket = rt.udp_bind_with(([127, 0, 0, 1], 0).into(), &options)?;
/// assert!(socket.options()?.recv_buffer_size >= Some(64 * 1024));
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UdpOptions {
    /// Whether a port in its closing time may be bound. See [`reuse_addr()`](Self::reuse_addr()).
    pub reuse_addr: Option<bool>,
    /// Whether several sockets may be bound to one port. See [`reuse_port()`](Self::reuse_port()).
    pub reuse_port: Option<bool>,
    /// Whether an IPv6 socket refuses IPv4. See [`only_v6()`](Self::only_v6()).
    pub only_v6: Option<bool>,
    /// Whether messages to a broadcast address may be sent. See [`broadcast()`](Self::broadcast()).
    pub broadcast: Option<bool>,
    /// The system's send buffer, in bytes. See [`send_buffer_size()`](Self::send_buffer_size()).
    pub send_buffer_size: Option<usize>,
    /// The system's receive buffer, in bytes. See [`recv_buffer_size()`](Self::recv_buffer_size()).
    pub recv_buffer_size: Option<usize>,
}

impl UdpOptions {
    /// Leaves every choice to the system.
    pub const fn new() -> Self {
        Self {
            reuse_addr: None,
            reuse_port: None,
            only_v6: None,
            broadcast: None,
            send_buffer_size: None,
            recv_buffer_size: None,
        }
    }

    /// Says whether an address that is bound already may be bound again. Unset, it may not.
    pub fn reuse_addr(mut self, reuse: bool) -> Self {
        self.reuse_addr = Some(reuse);
        self
    }

    /// Says whether several sockets, also of other processes of the same user, may be bound to one port.
    ///
    /// The system spreads connections and messages over them. Every one of them must ask for it. Unix only: on Windows it is
    /// refused by name.
    ///
    /// With it, a program that is started twice by mistake gets no `AddrInUse`: both run, and each is given a part of the connections
    /// and messages. So set it where sockets are meant to share a port, and not to start again sooner.
    pub fn reuse_port(mut self, reuse: bool) -> Self {
        self.reuse_port = Some(reuse);
        self
    }

    /// Says whether an IPv6 socket refuses IPv4. Unset, the system decides, and systems differ.
    pub fn only_v6(mut self, only: bool) -> Self {
        self.only_v6 = Some(only);
        self
    }

    /// Says whether messages to a broadcast address may be sent.
    pub fn broadcast(mut self, broadcast: bool) -> Self {
        self.broadcast = Some(broadcast);
        self
    }

    /// Sets the system's send buffer, in bytes. The system may round it up, and limits it.
    pub fn send_buffer_size(mut self, bytes: usize) -> Self {
        self.send_buffer_size = Some(bytes);
        self
    }

    /// Sets the system's receive buffer, in bytes. The system may round it up, and limits it.
    pub fn recv_buffer_size(mut self, bytes: usize) -> Self {
        self.recv_buffer_size = Some(bytes);
        self
    }

    /// Refuses an option that is set and not in `honoured`; for adapters.
    ///
    /// # Errors
    ///
    /// `Unsupported`, naming the first such option and `runtime`.
    pub fn check(&self, runtime: &str, honoured: &[SocketOption]) -> io::Result<()> {
        // Exhaustive, so that a new field cannot be forgotten here.
        let Self {
            reuse_addr,
            reuse_port,
            only_v6,
            broadcast,
            send_buffer_size,
            recv_buffer_size,
        } = self;
        let set = [
            (SocketOption::ReuseAddr, reuse_addr.is_some()),
            (SocketOption::ReusePort, reuse_port.is_some()),
            (SocketOption::OnlyV6, only_v6.is_some()),
            (SocketOption::Broadcast, broadcast.is_some()),
            (SocketOption::SendBufferSize, send_buffer_size.is_some()),
            (SocketOption::RecvBufferSize, recv_buffer_size.is_some()),
        ];
        SocketOption::check(&set, runtime, honoured)
    }
}
