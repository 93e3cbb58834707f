//! TCP: connecting streams, listeners and their options.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyrt_net::{ListenOptions, SocketOption, TcpOptions};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use crate::make::{begun, nonblocking};

/// How many connections wait to be accepted unless the program says otherwise.
pub(crate) const BACKLOG: u32 = 1024;

/// A stream that is connecting: connected, or failed, as soon as it is writable.
///
/// # Errors
///
/// What the system reports at once.
pub fn connect(addr: SocketAddr, options: &TcpOptions) -> io::Result<TcpStream> {
    let socket = nonblocking(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    if let Some(local) = options.local_addr {
        socket.bind(&local.into())?;
    }
    apply(&SockRef::from(&socket), options)?;
    begun(socket.connect(&addr.into()))?;
    Ok(socket.into())
}

/// A socket that listens.
///
/// # Errors
///
/// `Unsupported` for an option that the system does not have, and what the system reports.
pub fn listen(runtime: &str, addr: SocketAddr, options: &ListenOptions) -> io::Result<TcpListener> {
    let socket = nonblocking(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // As std does: on Windows the option means something else.
    if options.reuse_addr.unwrap_or(cfg!(unix)) {
        socket.set_reuse_address(true)?;
    }
    if let Some(reuse) = options.reuse_port {
        set_reuse_port(runtime, &socket, reuse)?;
    }
    if let Some(only) = options.only_v6 {
        socket.set_only_v6(only)?;
    }
    socket.bind(&addr.into())?;
    let backlog = options.backlog.unwrap_or(BACKLOG);
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    Ok(socket.into())
}

/// The options of a stream that are in force.
///
/// # Errors
///
/// What the system reports.
pub fn options<S>(stream: &S) -> io::Result<TcpOptions>
where
    for<'a> SockRef<'a>: From<&'a S>,
{
    let socket = SockRef::from(stream);
    let mut options = TcpOptions::new()
        .nodelay(socket.tcp_nodelay()?)
        .send_buffer_size(socket.send_buffer_size()?)
        .recv_buffer_size(socket.recv_buffer_size()?);
    options.local_addr = socket.local_addr()?.as_socket();
    if socket.keepalive()? {
        options.keepalive = Some(keepalive_time(&socket)?);
    }
    Ok(options)
}

/// Sets the options of a stream that are set in `options`.
///
/// # Errors
///
/// `InvalidInput` for the local address, and what the system reports.
pub fn set_options<S>(runtime: &str, stream: &S, options: &TcpOptions) -> io::Result<()>
where
    for<'a> SockRef<'a>: From<&'a S>,
{
    if options.local_addr.is_some() {
        return Err(SocketOption::LocalAddr.settled(runtime));
    }
    apply(&SockRef::from(stream), options)
}

/// Makes the drop of a stream reset its connection.
///
/// # Errors
///
/// What the system reports.
pub fn set_zero_linger<S>(stream: &S) -> io::Result<()>
where
    for<'a> SockRef<'a>: From<&'a S>,
{
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

/// All but the local address.
fn apply(socket: &SockRef<'_>, options: &TcpOptions) -> io::Result<()> {
    if let Some(nodelay) = options.nodelay {
        socket.set_tcp_nodelay(nodelay)?;
    }
    if let Some(idle) = options.keepalive {
        socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle))?;
    }
    if let Some(bytes) = options.send_buffer_size {
        socket.set_send_buffer_size(bytes)?;
    }
    if let Some(bytes) = options.recv_buffer_size {
        socket.set_recv_buffer_size(bytes)?;
    }
    Ok(())
}

#[cfg(not(any(
    windows,
    target_os = "openbsd",
    target_os = "haiku",
    target_os = "vita"
)))]
fn keepalive_time(socket: &SockRef<'_>) -> io::Result<Duration> {
    socket.tcp_keepalive_time()
}

#[cfg(any(
    windows,
    target_os = "openbsd",
    target_os = "haiku",
    target_os = "vita"
))]
fn keepalive_time(_: &SockRef<'_>) -> io::Result<Duration> {
    // The system does not tell it.
    Ok(Duration::ZERO)
}

#[cfg(all(
    unix,
    not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))
))]
pub(crate) fn set_reuse_port(_: &str, socket: &Socket, reuse: bool) -> io::Result<()> {
    socket.set_reuse_port(reuse)
}

#[cfg(not(all(
    unix,
    not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))
)))]
pub(crate) fn set_reuse_port(runtime: &str, _: &Socket, _: bool) -> io::Result<()> {
    Err(SocketOption::ReusePort.unsupported(runtime))
}
