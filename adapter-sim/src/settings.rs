//! What a simulation was built with.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::Policy;
use crate::net::Payloads;
use crate::schedule::choices::Kept;

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    /// Unset, a check takes turns with several.
    pub(crate) policy: Option<Policy>,
    pub(crate) auto_advance: bool,
    /// Virtual nanoseconds since the start.
    pub(crate) time_limit: Option<u64>,
    pub(crate) step_limit: u64,
    /// How many steps may take less than a virtual second.
    pub(crate) steps_per_second: Option<u64>,
    pub(crate) spin_limit: u64,
    /// How often a host tries the same in a row without success.
    pub(crate) retry_limit: u64,
    pub(crate) start: SystemTime,
    /// Nanoseconds by which a sleep may be late.
    pub(crate) lateness: Option<u64>,
    /// Virtual nanoseconds from a poll of a task to its next.
    pub(crate) poll_cost: u64,
    /// No two readings of the clock are equal.
    pub(crate) strict_now: bool,
    /// How many loops may be nested on one stack.
    pub(crate) nesting_limit: usize,
    pub(crate) external: bool,
    /// The clock runs at most this many times as fast as the real one.
    pub(crate) pace: Option<u32>,
    /// Real time after which a blocking closure is reported.
    pub(crate) blocking_limit: Duration,
    pub(crate) task_panics_fail: bool,
    pub(crate) print_reports: bool,
    pub(crate) wake_backtraces: bool,
    /// Keep every event, to compare two runs.
    pub(crate) keep_log: bool,
    /// Note the choices of the seed that differ from the plainest course.
    pub(crate) record_choices: bool,
    /// The choices of the seed that the run keeps; without this, all.
    pub(crate) kept: Option<Arc<Kept>>,
    /// How the payloads of messages are kept and shown.
    pub(crate) payloads: Payloads,
    /// How a report says to replay the seed, with `{seed}` in its place.
    pub(crate) replay_line: Option<Arc<str>>,
}

impl Settings {
    pub(crate) fn policy(&self) -> Policy {
        self.policy.unwrap_or_default()
    }
}

/// Nanoseconds, at most as many as the virtual clock can hold: 584 years.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
