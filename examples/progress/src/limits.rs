use std::time::Duration;

/// How long a download may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long the source may be silent.
    pub silence: Duration,
    /// How long all of it may take, where that is limited.
    pub whole: Option<Duration>,
}

impl Limits {
    /// Returns 30 s of silence, and no limit for the whole.
    pub const fn new() -> Self {
        Self {
            silence: Duration::from_secs(30),
            whole: None,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
