use std::io;

use socket2::{Domain, Protocol, Socket, Type};

/// A socket that does not block.
pub(crate) fn nonblocking(
    domain: Domain,
    kind: Type,
    protocol: Option<Protocol>,
) -> io::Result<Socket> {
    let socket = Socket::new(domain, kind, protocol)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Takes an attempt to connect that goes on in the background for a success.
pub(crate) fn begun(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if is_in_progress(&error) => Ok(()),
        result => result,
    }
}

#[cfg(unix)]
fn is_in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINPROGRESS)
}

#[cfg(not(unix))]
fn is_in_progress(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}
