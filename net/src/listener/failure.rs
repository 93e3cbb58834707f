use std::io;

/// Whom an error of `accept` is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// One connection, which was gone before it was accepted.
    Connection,
    /// The process or the system, which has run out of something that may come back.
    Exhausted,
    /// The listener.
    Listener,
}

/// "Too many open files", of the process and of the system, and "no buffer space".
#[cfg(not(windows))]
const EXHAUSTED: [i32; 4] = [23, 24, 55, 105];
#[cfg(windows)]
const EXHAUSTED: [i32; 2] = [10024, 10055];

/// Linux reports with an accept what has befallen the network of the connection (accept(2), "Error handling"): "protocol error",
/// "host is down" and "not on the network". The others have kinds.
#[cfg(target_os = "linux")]
const OF_A_CONNECTION: [i32; 3] = [71, 112, 64];
#[cfg(not(target_os = "linux"))]
const OF_A_CONNECTION: [i32; 0] = [];

impl Failure {
    pub(super) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::Interrupted
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::NetworkUnreachable => Self::Connection,
            io::ErrorKind::OutOfMemory => Self::Exhausted,
            _ => match error.raw_os_error() {
                Some(number) if OF_A_CONNECTION.contains(&number) => Self::Connection,
                Some(number) if EXHAUSTED.contains(&number) => Self::Exhausted,
                _ => Self::Listener,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_apart() {
        let of = |kind: io::ErrorKind| Failure::of(&kind.into());
        assert_eq!(of(io::ErrorKind::ConnectionAborted), Failure::Connection);
        assert_eq!(of(io::ErrorKind::NetworkDown), Failure::Connection);
        assert_eq!(of(io::ErrorKind::OutOfMemory), Failure::Exhausted);
        assert_eq!(of(io::ErrorKind::InvalidInput), Failure::Listener);
        let number = |number| Failure::of(&io::Error::from_raw_os_error(number));
        assert_eq!(number(EXHAUSTED[0]), Failure::Exhausted);
        assert!(
            OF_A_CONNECTION
                .iter()
                .all(|it| number(*it) == Failure::Connection)
        );
        // EBADF.
        assert_eq!(number(9), Failure::Listener);
    }
}
