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

impl Failure {
    pub(super) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted => Self::Connection,
            io::ErrorKind::OutOfMemory => Self::Exhausted,
            _ => match error.raw_os_error() {
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
        assert_eq!(of(io::ErrorKind::OutOfMemory), Failure::Exhausted);
        assert_eq!(of(io::ErrorKind::InvalidInput), Failure::Listener);
        let number = |number| Failure::of(&io::Error::from_raw_os_error(number));
        assert_eq!(number(EXHAUSTED[0]), Failure::Exhausted);
        // EBADF.
        assert_eq!(number(9), Failure::Listener);
    }
}
