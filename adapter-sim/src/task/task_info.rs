use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::report::label::Label;

/// The number of a task: the first of a simulation is 0, the second 1, and none is used twice.
///
/// # Examples
///
/// ```
/// use anyrt_core::{BlockOn, Spawn};
/// use anyrt_sim::Sim;
///
/// let rt = Sim::builder().build();
/// rt.block_on(async { rt.handle().spawn(async {}).await })?;
/// // The root of `block_on` is #0.
/// assert_eq!(rt.events()[2].task().to_string(), "#1");
/// # use anyrt_core::Launch;
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

impl TaskId {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number itself.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// What a task that has not ended is doing: a line of a report's table.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
/// use anyrt_sim::{Sim, TaskState};
///
/// let rt = Sim::builder().build();
/// let sim = rt.handle();
/// let minute = sim.sleep(Duration::from_secs(60));
/// sim.named("a minute").spawn_detached(minute);
/// sim.run_until_stalled();
///
/// let tasks = sim.tasks();
/// assert_eq!(tasks[0].name(), Some("a minute"));
/// assert_eq!(tasks[0].polls(), 1);
/// assert_eq!(tasks[0].state(), TaskState::Sleeping { until: Duration::from_secs(60) });
/// ```
#[derive(Clone, Debug)]
pub struct TaskInfo {
    pub(crate) id: TaskId,
    pub(crate) label: Label,
    pub(crate) location: &'static Location<'static>,
    pub(crate) state: TaskState,
    pub(crate) polls: u64,
    pub(crate) last_poll: Option<Duration>,
    pub(crate) waits_for: Option<String>,
    pub(crate) last_wake: Option<(Duration, String)>,
    pub(crate) backtrace: Option<Arc<str>>,
}

impl TaskInfo {
    /// The task's number.
    pub fn id(&self) -> TaskId {
        self.id
    }

    /// The name from [`spawn_named`](anyrt_core::Spawn::spawn_named) or from [`Sim::named`](crate::Sim::named); "root" for the
    /// future of a `block_on`.
    pub fn name(&self) -> Option<&str> {
        self.label.name.as_deref()
    }

    /// The group from [`Sim::group`](crate::Sim::group), which the tasks that a task spawns inherit.
    pub fn group(&self) -> Option<&str> {
        self.label.group.as_deref()
    }

    /// Where the task was spawned.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// What it is doing.
    pub fn state(&self) -> TaskState {
        self.state
    }

    /// How often it has been polled.
    pub fn polls(&self) -> u64 {
        self.polls
    }

    /// The virtual time of its last poll.
    pub fn last_poll(&self) -> Option<Duration> {
        self.last_poll
    }

    /// What it waits for, in words: what its last poll left pending of sleeps, joins and operations of simulated sockets, with the
    /// addresses and the hosts. `None` when it is ready or runs.
    ///
    /// Where the last poll left nothing pending that the simulation knows of, the task waits for a waker of somebody else's, such as
    /// that of a channel, and the words say so. Of one poll, the last four operations are told. Those that were polled before
    /// another operation was ready may have been dropped since, and are named as earlier ones.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let minute = sim.sleep(Duration::from_secs(60));
    /// let first = sim.named("first").spawn(minute);
    /// let (send, receive) = futures::channel::oneshot::channel::<()>();
    /// sim.spawn_detached(async { drop((first.await, receive.await)) });
    /// sim.run_until_stalled();
    ///
    /// let tasks = sim.tasks();
    /// assert_eq!(tasks[0].waits_for(), Some("sleeping until 60s"));
    /// assert_eq!(tasks[1].waits_for(), Some("waiting for #0 first"));
    ///
    /// sim.advance(Duration::from_secs(60));
    /// assert!(sim.tasks()[0].waits_for().unwrap().contains("a channel"));
    /// # drop(send);
    /// ```
    pub fn waits_for(&self) -> Option<&str> {
        self.waits_for.as_deref()
    }

    /// When it was woken last, and by whom: the number and the name of a task, "a timer", "the network" for what arrived from there, or
    /// "outside" for what no task did. `None` before the first wake-up.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let second = sim.sleep(Duration::from_secs(1));
    /// sim.spawn_detached(async { second.await; std::future::pending::<()>().await });
    /// sim.advance(Duration::from_secs(9));
    /// assert_eq!(sim.tasks()[0].last_wake(), Some((Duration::from_secs(1), "a timer")));
    /// ```
    pub fn last_wake(&self) -> Option<(Duration, &str)> {
        let (at, by) = self.last_wake.as_ref()?;
        Some((*at, by))
    }

    /// Where it was woken last, when `ANYRT_SIM_TRACE=1` or
    /// [`Builder::wake_backtraces`](crate::Builder::wake_backtraces) asked for it.
    pub fn woken_at(&self) -> Option<&str> {
        self.backtrace.as_deref()
    }
}

/// The state of a task in a report.
///
/// # Examples
///
/// ```
/// assert_eq!(anyrt_sim::TaskState::Ready.to_string(), "ready");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskState {
    /// It will be polled.
    Ready,
    /// It is being polled.
    Running,
    /// It waits, and the first of its timers fires at this virtual time.
    Sleeping {
        /// Counted from the start.
        until: Duration,
    },
    /// It waits for the end of another task.
    Joining {
        /// The other task.
        task: TaskId,
    },
    /// It waits for a wake-up, from whomever.
    Waiting,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Running => f.write_str("running"),
            Self::Sleeping { until } => write!(f, "sleeping until {until:?}"),
            Self::Joining { task } => write!(f, "waiting for {task}"),
            Self::Waiting => f.write_str("waiting"),
        }
    }
}
