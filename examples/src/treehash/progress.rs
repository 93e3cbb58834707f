use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// How far the hashing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Files found so far; all of them, once the first is done.
    pub files_found: usize,
    /// Files that are hashed, or were given up.
    pub files_done: usize,
    /// Bytes read so far, those of attempts that failed included.
    pub bytes_read: u64,
    /// The time since the start, on the runtime's clock.
    pub elapsed: Duration,
}

/// The counts that the blocking closures keep up to date while they run.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) files_found: AtomicUsize,
    pub(super) files_done: AtomicUsize,
    pub(super) bytes_read: AtomicU64,
}

impl Counters {
    /// The counts as they are now. They need not fit together exactly: they are for a progress line.
    pub(super) fn progress(&self, elapsed: Duration) -> Progress {
        Progress {
            files_found: self.files_found.load(Ordering::Relaxed),
            files_done: self.files_done.load(Ordering::Relaxed),
            bytes_read: self.bytes_read.load(Ordering::Relaxed),
            elapsed,
        }
    }
}
