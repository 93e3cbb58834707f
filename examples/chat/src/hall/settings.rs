use std::time::Duration;

/// What a server does with users who are slow, silent or many.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a user may be silent.
    pub idle: Duration,
    /// How long others wait for a user who does not read.
    pub patience: Duration,
    /// How many lines wait for a user at most.
    pub outbox: usize,
    /// What happens when that many do.
    pub slow_reader: SlowReader,
    /// How long users have to leave when the server ends.
    pub grace: Duration,
}

/// What happens when a user does not read as fast as others speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlowReader {
    /// The speaker waits, and nothing more is read from him: back-pressure. After [`Settings::patience`] the slow user is
    /// disconnected.
    Wait,
    /// The line is left out, and the user is told how many were: `missed N`.
    Skip,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(300),
            patience: Duration::from_secs(10),
            outbox: 32,
            slow_reader: SlowReader::Wait,
            grace: Duration::from_secs(5),
        }
    }
}
