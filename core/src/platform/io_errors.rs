use std::io;

use crate::{Elapsed, JoinError, LaunchError};

impl From<Elapsed> for io::Error {
    /// Wraps the error, with the kind [`TimedOut`](io::ErrorKind::TimedOut).
    fn from(elapsed: Elapsed) -> Self {
        Self::new(io::ErrorKind::TimedOut, elapsed)
    }
}

impl From<JoinError> for io::Error {
    /// Wraps the error, with the kind [`Other`](io::ErrorKind::Other).
    ///
    /// A caller that must tell a panic from a failure of the system, so as not to retry it, finds the error inside:
    ///
    /// ```
    /// use anyrt_core::JoinError;
    ///
    /// fn may_be_retried(error: &std::io::Error) -> bool {
    ///     !error.get_ref().is_some_and(|inner| inner.is::<JoinError>())
    /// }
    /// assert!(!may_be_retried(&JoinError::cancelled().into()));
    /// ```
    fn from(error: JoinError) -> Self {
        Self::other(error)
    }
}

impl From<LaunchError> for io::Error {
    /// Wraps the error. Its kind is the system's, [`Unsupported`](io::ErrorKind::Unsupported), or
    /// [`InvalidInput`](io::ErrorKind::InvalidInput).
    fn from(error: LaunchError) -> Self {
        let kind = match error.system_error() {
            Some(source) => source.kind(),
            None if error.is_unsupported() => io::ErrorKind::Unsupported,
            None => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}
