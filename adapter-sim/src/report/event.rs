use std::fmt;
use std::time::Duration;

use crate::TaskId;
use crate::report::label::Label;
use crate::report::trace::Record;

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
/// assert_eq!(events[0].to_string(), "0ns #0 root spawned");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    record: Record,
    label: Label,
}

impl Event {
    pub(crate) fn new(record: Record, label: Label) -> Self {
        Self { record, label }
    }

    /// The virtual time since the start.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.record.time)
    }

    /// The task to which it happened. What happens to a clock belongs to no task, and says task 0.
    pub fn task(&self) -> TaskId {
        self.record.task
    }

    /// The name of the task: see [`TaskInfo::name`](crate::TaskInfo::name).
    pub fn name(&self) -> Option<&str> {
        self.label.name.as_deref()
    }

    /// The group of the task: see [`TaskInfo::group`](crate::TaskInfo::group).
    pub fn group(&self) -> Option<&str> {
        self.label.group.as_deref()
    }

    /// What happened.
    pub fn kind(&self) -> EventKind {
        self.record.kind
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.time();
        match self.kind() {
            EventKind::Advanced => write!(f, "{time:?} the clock moved here"),
            EventKind::WallClockSet => write!(f, "{time:?} the wall clock was set"),
            kind => write!(f, "{time:?} {}{} {kind}", self.task(), self.label),
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
    /// The wall clock was [set](crate::Sim::set_system_time).
    WallClockSet = 9,
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
            Self::WallClockSet => "wall clock set",
        })
    }
}
