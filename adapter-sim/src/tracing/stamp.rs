use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::report::label::Label;
use crate::{TaskId, context};

/// When, where and in which task of a simulation something happened.
///
/// [`Recorder`](super::Recorder) puts one into the extensions of each span, where other layers find when it began. Its `Display` is
/// that of an [`Event`](crate::Event) without its kind.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
/// use anyrt_sim::Sim;
/// use anyrt_sim::tracing::Stamp;
///
/// assert!(Stamp::here().is_none());
/// let rt = Sim::builder().build();
/// let sim = rt.handle();
/// let task = sim.host("db").restart(|rt| async move {
///     rt.sleep(Duration::from_secs(2)).await;
///     Stamp::here().unwrap()
/// });
/// let stamp = rt.block_on(task)?;
/// assert_eq!((stamp.time(), stamp.host()), (Duration::from_secs(2), Some("db")));
/// assert_eq!(stamp.to_string(), "2s #0 db/main");
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    time: Duration,
    host: Option<Arc<str>>,
    task: Option<(TaskId, Label)>,
}

impl Stamp {
    /// The stamp of this moment, for the task that the calling thread polls; `None` outside a simulation.
    pub fn here() -> Option<Self> {
        let shared = context::current()?;
        let (time, host, task) = shared.moment();
        Some(Self { time, host, task })
    }

    /// The virtual time since the start.
    pub fn time(&self) -> Duration {
        self.time
    }

    /// The simulated host, where the simulation has hosts.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The task, or `None` between two polls: in a waker, or while another thread calls.
    pub fn task(&self) -> Option<TaskId> {
        self.task.as_ref().map(|(task, _)| *task)
    }

    /// The name of the task: see [`TaskInfo::name`](crate::TaskInfo::name).
    pub fn name(&self) -> Option<&str> {
        self.task.as_ref()?.1.name.as_deref()
    }

    /// The group of the task: see [`TaskInfo::group`](crate::TaskInfo::group).
    pub fn group(&self) -> Option<&str> {
        self.task.as_ref()?.1.group.as_deref()
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.time)?;
        match &self.task {
            Some((task, label)) => write!(f, " {task}{label}"),
            None => Ok(()),
        }
    }
}
