use std::fmt;
use std::time::Duration;

use crate::TaskId;
use crate::rng::mix;

/// One thing that happened in a simulation: when, to which task, and what.
///
/// The order of all events is what a seed decides; [`Sim::hash`](crate::Sim::hash) sums them up.
///
/// # Examples
///
/// ```
/// use anyrt_core::BlockOn;
/// use anyrt_sim::{EventKind, Sim};
///
/// let rt = Sim::builder().build();
/// rt.block_on(async {});
/// let events = rt.events();
/// assert_eq!(events[0].kind(), EventKind::Spawned);
/// assert_eq!(events[0].to_string(), "0ns #0 spawned");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    time: u64,
    task: TaskId,
    kind: EventKind,
}

impl Event {
    pub(crate) fn new(time: u64, task: TaskId, kind: EventKind) -> Self {
        Self { time, task, kind }
    }

    /// The virtual time since the start.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.time)
    }

    /// The task to which it happened. A clock that moves belongs to none, and says task 0.
    pub fn task(&self) -> TaskId {
        self.task
    }

    /// What happened.
    pub fn kind(&self) -> EventKind {
        self.kind
    }

    pub(crate) fn hash(&self, hash: u64) -> u64 {
        let what = (self.task.number() << 8) | self.kind as u64;
        mix(hash.rotate_left(5) ^ mix(self.time.wrapping_add(what.rotate_left(32))))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            EventKind::Advanced => write!(f, "{:?} the clock moved here", self.time()),
            kind => write!(f, "{:?} {} {kind}", self.time(), self.task),
        }
    }
}

/// What an [`Event`] is about.
///
/// # Examples
///
/// ```
/// assert_eq!(anyrt_sim::EventKind::Polled.to_string(), "polled");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// The task was made.
    Spawned = 1,
    /// The task was drawn and is polled.
    Polled = 2,
    /// The task was woken and is ready from now on.
    Woken = 3,
    /// The task was asked to stop.
    Aborted = 4,
    /// The task ended, with a value.
    Ended = 5,
    /// The task was dropped before its end.
    Dropped = 6,
    /// The clock moved.
    Advanced = 7,
    /// The task ended, with a panic.
    Panicked = 8,
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spawned => "spawned",
            Self::Polled => "polled",
            Self::Woken => "woken",
            Self::Aborted => "aborted",
            Self::Ended => "ended",
            Self::Dropped => "dropped",
            Self::Advanced => "advanced",
            Self::Panicked => "panicked",
        })
    }
}
