use std::io;
use std::net::Shutdown;

use socket2::SockRef;

/// Leaves errors alone, but for a connection that is gone already: there is nothing left to shut down.
///
/// # Errors
///
/// Those of `result`, without `NotConnected`.
///
/// # Examples
///
/// ```
/// use std::io::ErrorKind;
///
/// assert!(anyrt_socket::gone_is_fine(Err(ErrorKind::NotConnected.into())).is_ok());
/// assert!(anyrt_socket::gone_is_fine(Err(ErrorKind::InvalidInput.into())).is_err());
/// ```
#[inline]
pub fn gone_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        result => result,
    }
}

/// Shuts a stream down; one that is gone already is no error.
///
/// # Errors
///
/// What the system reports.
///
/// # Examples
///
/// ```
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
/// anyrt_socket::shutdown(&stream, std::net::Shutdown::Both)?;
/// # std::io::Result::Ok(())
/// ```
pub fn shutdown<S>(socket: &S, how: Shutdown) -> io::Result<()>
where
    for<'a> SockRef<'a>: From<&'a S>,
{
    gone_is_fine(SockRef::from(socket).shutdown(how))
}
