//! Unix sockets: connecting streams, listeners and datagram sockets.

use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use std::path::Path;

use anyrt_net::{ListenOptions, SocketOption};
use socket2::{Domain, SockAddr, SockRef, Type};

use crate::make::{begun, nonblocking};
use crate::tcp::BACKLOG;

/// A stream that is connecting.
///
/// # Errors
///
/// What the system reports at once: on Linux `WouldBlock` for a listener whose backlog is full.
pub fn connect(path: &Path) -> io::Result<UnixStream> {
    let socket = nonblocking(Domain::UNIX, Type::STREAM, None)?;
    begun(socket.connect(&SockAddr::unix(path)?))?;
    Ok(socket.into())
}

/// A socket that listens on a path.
///
/// # Errors
///
/// `Unsupported` for any option but the backlog, and what the system reports.
pub fn listen(runtime: &str, path: &Path, options: &ListenOptions) -> io::Result<UnixListener> {
    options.check(
        &format!("{runtime} (Unix listeners)"),
        &[SocketOption::Backlog],
    )?;
    let socket = nonblocking(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    let backlog = options.backlog.unwrap_or(BACKLOG);
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    Ok(socket.into())
}

/// A datagram socket, bound to a path if there is one.
///
/// # Errors
///
/// What the system reports.
pub fn datagram(path: Option<&Path>) -> io::Result<UnixDatagram> {
    let socket = nonblocking(Domain::UNIX, Type::DGRAM, None)?;
    if let Some(path) = path {
        socket.bind(&SockAddr::unix(path)?)?;
    }
    Ok(socket.into())
}

/// Sends a message to an address.
///
/// # Errors
///
/// `InvalidInput` for an address without a name, and what the system reports.
pub fn send_to<S>(socket: &S, buf: &[u8], to: &SocketAddr) -> io::Result<usize>
where
    for<'a> SockRef<'a>: From<&'a S>,
{
    SockRef::from(socket).send_to(buf, &address(to)?)
}

/// Connects a datagram socket to its peer.
///
/// # Errors
///
/// `InvalidInput` for an address without a name, and what the system reports.
pub fn connect_datagram<S>(socket: &S, peer: &SocketAddr) -> io::Result<()>
where
    for<'a> SockRef<'a>: From<&'a S>,
{
    SockRef::from(socket).connect(&address(peer)?)
}

fn address(addr: &SocketAddr) -> io::Result<SockAddr> {
    match addr.as_pathname() {
        Some(path) => SockAddr::unix(path),
        None => abstract_address(addr),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_address(addr: &SocketAddr) -> io::Result<SockAddr> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;

    let name = addr.as_abstract_name().ok_or_else(unnamed)?;
    // A name that begins with a zero byte is an abstract one.
    SockAddr::unix(OsStr::from_bytes(&[b"\0", name].concat()))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_address(_: &SocketAddr) -> io::Result<SockAddr> {
    Err(unnamed())
}

fn unnamed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "a Unix socket without a name cannot be addressed: bind it to a path first",
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::linux::net::SocketAddrExt;

    use super::*;

    #[test]
    fn a_name_without_a_file_is_reached() {
        let name = format!("anyrt-socket-{}", std::process::id());
        let addr = SocketAddr::from_abstract_name(name).expect("an address");
        let there = UnixDatagram::bind_addr(&addr).expect("binds");
        let here = UnixDatagram::unbound().expect("makes one");
        send_to(&here, b"x", &addr).expect("sends");
        connect_datagram(&here, &addr).expect("connects");
        here.send(b"yz").expect("sends");
        let mut buf = [0; 4];
        assert_eq!(there.recv(&mut buf).expect("receives"), 1);
        assert_eq!(there.recv(&mut buf).expect("receives"), 2);
    }
}
