//! UDP: bound sockets and their options.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use anyrt_net::{SocketOption, UdpOptions};
use socket2::{Domain, Protocol, SockRef, Type};

use crate::make::nonblocking;
use crate::tcp::set_reuse_port;

/// A bound socket.
///
/// # Errors
///
/// `Unsupported` for an option that the system does not have, and what the system reports.
pub fn bind(runtime: &str, addr: SocketAddr, options: &UdpOptions) -> io::Result<UdpSocket> {
    let socket = nonblocking(Domain::for_address(addr), Type::DGRAM, Some(Protocol::UDP))?;
    if let Some(reuse) = options.reuse_addr {
        socket.set_reuse_address(reuse)?;
    }
    if let Some(reuse) = options.reuse_port {
        set_reuse_port(runtime, &socket, reuse)?;
    }
    if let Some(only) = options.only_v6 {
        socket.set_only_v6(only)?;
    }
    apply(&SockRef::from(&socket), options)?;
    socket.bind(&addr.into())?;
    Ok(socket.into())
}

/// The options of a socket that are in force, without those that only a bind can set.
///
/// # Errors
///
/// What the system reports.
pub fn options<S>(socket: &S) -> io::Result<UdpOptions>
where
    for<'a> SockRef<'a>: From<&'a S>,
{
    let socket = SockRef::from(socket);
    Ok(UdpOptions::new()
        .broadcast(socket.broadcast()?)
        .send_buffer_size(socket.send_buffer_size()?)
        .recv_buffer_size(socket.recv_buffer_size()?))
}

/// Sets the options of a socket that are set in `options`.
///
/// # Errors
///
/// `InvalidInput` for those that only a bind can set, and what the system reports.
pub fn set_options<S>(runtime: &str, socket: &S, options: &UdpOptions) -> io::Result<()>
where
    for<'a> SockRef<'a>: From<&'a S>,
{
    for (option, value) in [
        (SocketOption::ReuseAddr, options.reuse_addr),
        (SocketOption::ReusePort, options.reuse_port),
        (SocketOption::OnlyV6, options.only_v6),
    ] {
        if value.is_some() {
            return Err(option.settled(runtime));
        }
    }
    apply(&SockRef::from(socket), options)
}

/// Connects a socket to its peer.
///
/// # Errors
///
/// What the system reports.
pub fn connect<S>(socket: &S, peer: SocketAddr) -> io::Result<()>
where
    for<'a> SockRef<'a>: From<&'a S>,
{
    SockRef::from(socket).connect(&peer.into())
}

fn apply(socket: &SockRef<'_>, options: &UdpOptions) -> io::Result<()> {
    if let Some(broadcast) = options.broadcast {
        socket.set_broadcast(broadcast)?;
    }
    if let Some(bytes) = options.send_buffer_size {
        socket.set_send_buffer_size(bytes)?;
    }
    if let Some(bytes) = options.recv_buffer_size {
        socket.set_recv_buffer_size(bytes)?;
    }
    Ok(())
}
