use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file was not hashed, or a folder not read: the path and the cause.
///
/// The cause is an [`io::Error`], whatever went wrong: a time limit that passed has the kind
/// [`TimedOut`](io::ErrorKind::TimedOut), and a panic of the [`Source`](super::Source) has the panic's message. Both come
/// from `anyrt-core`'s conversions.
#[derive(Debug)]
pub struct FileError {
    path: PathBuf,
    attempts: usize,
    cause: io::Error,
}

impl FileError {
    pub(super) fn new(path: PathBuf, attempts: usize, cause: io::Error) -> Self {
        Self {
            path,
            attempts,
            cause,
        }
    }

    /// The file or folder: relative to the tree's root, or the root itself as the caller named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How often it was tried.
    pub fn attempts(&self) -> usize {
        self.attempts
    }

    /// The cause of the last attempt.
    pub fn cause(&self) -> &io::Error {
        &self.cause
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            attempts,
            cause,
        } = self;
        write!(f, "cannot hash {}: {cause}", path.display())?;
        match attempts {
            0 | 1 => Ok(()),
            _ => write!(f, " (tried {attempts} times)"),
        }
    }
}

impl Error for FileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}
