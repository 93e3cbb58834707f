use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::TaskId;
use crate::host_id::HostId;
use crate::report::count::{Count, Times};
use crate::report::failure::FailureKind;
use crate::report::label::Label;

/// A task as a message names it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) task: TaskId,
    pub(crate) label: Label,
    pub(crate) location: &'static Location<'static>,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            task,
            label,
            location,
        } = self;
        write!(f, "task {task}{label}, spawned at {location}")
    }
}

/// Why nothing is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deadlock {
    Closed,
    /// So many timers are armed, and `auto_advance` is off.
    ClockStands(usize),
    /// A `block_on` inside this many others waits.
    Nested(usize),
    Idle,
}

/// A failure before it is written up.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Deadlock(Deadlock),
    Steps {
        limit: u64,
        /// The task that was polled most often, and how often.
        busiest: Option<(Named, u64)>,
    },
    /// So many steps took so many virtual nanoseconds, which is less than a second.
    Busy {
        steps: u64,
        took: u64,
        busiest: Option<(Named, u64)>,
    },
    Time {
        at: u64,
        limit: u64,
    },
    Spinning {
        task: Named,
        polls: u64,
        ready_sleeps: u64,
    },
    #[cfg_attr(
        not(feature = "net"),
        expect(dead_code, reason = "what is tried again are sockets")
    )]
    Retries {
        /// The task that tried last.
        task: Option<Named>,
        host: HostId,
        host_name: Arc<str>,
        what: String,
        limit: u64,
    },
    Nesting(usize),
    Foreign {
        what: &'static str,
        thread: String,
    },
    /// The root of this place, and what comes after "panicked".
    Panic(&'static Location<'static>, String),
    TaskPanic(Named, String),
    Error(String),
}

impl Fault {
    pub(crate) fn kind(&self) -> FailureKind {
        match self {
            Self::Deadlock(_) => FailureKind::Deadlock,
            Self::Steps { .. } | Self::Busy { .. } => FailureKind::StepLimit,
            Self::Time { .. } => FailureKind::TimeLimit,
            Self::Spinning { .. } => FailureKind::Spinning,
            Self::Retries { .. } => FailureKind::RetryLimit,
            Self::Nesting(_) => FailureKind::Nesting,
            Self::Foreign { .. } => FailureKind::ForeignThread,
            Self::Panic(..) => FailureKind::Panic,
            Self::TaskPanic(..) => FailureKind::TaskPanic,
            Self::Error(_) => FailureKind::Error,
        }
    }

    /// The host of the task that it is about.
    pub(crate) fn host(&self) -> Option<HostId> {
        match self {
            Self::Steps {
                busiest: Some((task, _)),
                ..
            }
            | Self::Busy {
                busiest: Some((task, _)),
                ..
            }
            | Self::Spinning { task, .. }
            | Self::TaskPanic(task, _) => task.label.host,
            Self::Retries { host, .. } => Some(*host),
            _ => None,
        }
    }

    pub(crate) fn message(&self) -> String {
        match self {
            Self::Deadlock(Deadlock::Closed) => {
                "deadlock: the runtime was shut down, and nothing is ready".to_owned()
            }
            Self::Deadlock(Deadlock::ClockStands(timers)) => {
                let none = match timers {
                    1 => "the armed timer cannot fire".to_owned(),
                    _ => format!("none of the {timers} armed timers can fire"),
                };
                format!(
                    "deadlock: nothing is ready, and `auto_advance` is off, so that {none}; `Sim::advance` moves the clock"
                )
            }
            Self::Deadlock(Deadlock::Nested(others)) => {
                let (others, they) = match others {
                    1 => ("another".to_owned(), "that was"),
                    _ => (format!("{others} others"), "they were"),
                };
                format!(
                    "deadlock: a `block_on` inside a task waits, nothing is ready, and no timer is armed; it is nested in {others}, \
                     and what {they} called from cannot go on before it returns; await instead of blocking"
                )
            }
            Self::Deadlock(Deadlock::Idle) => {
                "deadlock: nothing is ready, and no timer is armed; if another thread was to wake a task, \
                 see `Builder::allow_external`"
                    .to_owned()
            }
            Self::Steps { limit, busiest } => {
                let busiest = most_often(busiest.as_ref());
                let limit = Count(*limit, "step");
                format!("the limit of {limit} was reached{busiest}; `Builder::step_limit` allows more")
            }
            Self::Busy {
                steps,
                took,
                busiest,
            } => {
                let (steps, took) = (Count(*steps, "step"), Duration::from_nanos(*took));
                let busiest = most_often(busiest.as_ref());
                format!(
                    "{steps} took {took:?} of virtual time, which is less than a second{busiest}; `Builder::steps_per_second` allows \
                     more"
                )
            }
            Self::Time { at, limit } => format!(
                "the time limit was reached: the clock is to show {:?}, and the limit is {:?}",
                Duration::from_nanos(*at),
                Duration::from_nanos(*limit)
            ),
            Self::Spinning {
                task,
                polls,
                ready_sleeps,
            } => {
                let sleeps = match ready_sleeps {
                    0 => String::new(),
                    1 => ", and a sleep in it was ready at once".to_owned(),
                    _ => format!(", and {ready_sleeps} sleeps in it were ready at once"),
                };
                let polls = Times(*polls);
                format!(
                    "{task}, is spinning: it was polled {polls} at one instant{sleeps}; if it waits for another task, \
                     let it await that task or sleep for more than zero; if it waits by yielding, `Builder::poll_cost` lets time \
                     pass meanwhile"
                )
            }
            Self::Retries {
                task,
                host_name,
                what,
                limit,
                ..
            } => {
                let last = match task {
                    Some(task) => format!("; the last time {task}, did"),
                    None => String::new(),
                };
                let limit = Times(*limit);
                format!(
                    "host {host_name} tried more than {limit} in a row to {what}, and never succeeded{last}; let it give up, or \
                     start what it looks for; `Builder::retry_limit` allows more"
                )
            }
            Self::Nesting(limit) => format!(
                "more than {limit} calls of `block_on` or `Sim::advance` are nested on one stack: each was called by a task or a \
                 closure that another one of them polls; await instead of blocking, submit fewer closures that block at a time, \
                 or raise `Builder::nesting_limit` on a thread with a larger stack"
            ),
            Self::Foreign { what, thread } => format!(
                "the thread {thread} {what}, and no seed can replay what another thread does; \
                 `Builder::allow_external` permits it"
            ),
            Self::Panic(location, message) => format!("the root of {location} panicked{message}"),
            Self::TaskPanic(task, message) => format!("{task}, panicked{message}"),
            Self::Error(error) => format!("the test returned an error: {error}"),
        }
    }
}

fn most_often(busiest: Option<&(Named, u64)>) -> String {
    match busiest {
        None => String::new(),
        Some((task, polls)) => {
            let polls = Times(*polls);
            format!("; of the tasks that are left, {task}, was polled most often: {polls}")
        }
    }
}
