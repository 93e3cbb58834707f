use std::time::Duration;

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file that are there.
    pub received: u64,
    /// Bytes of the whole file, where the server said so.
    pub total: Option<u64>,
    /// Since the download began, on the runtime's clock.
    pub elapsed: Duration,
}
