use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::report::panics::Panicked;
use crate::report::text;
use crate::schedule::choices::Kept;
use crate::{Divergence, Event, Policy, Shrunk, TaskInfo};

/// Why a simulation could not go on, with all that is needed to understand and replay it.
///
/// Its `Display` is the report: what happened, the seed and the line that replays it, the panics before the last one, the last
/// messages between simulated hosts, a table of the tasks that were left, and the last events. Where nothing can go on, the
/// tasks come before the messages.
///
/// # Examples
///
/// ```
/// use anyrt_sim::{FailureKind, Sim};
///
/// let rt = Sim::builder().seed(7).build();
/// let failure = rt.try_block_on(std::future::pending::<()>()).unwrap_err();
/// assert_eq!(failure.kind(), FailureKind::Deadlock);
/// assert_eq!(failure.seed(), 7);
/// assert_eq!(failure.tasks()[0].name(), Some("root"));
/// assert!(failure.to_string().contains("ANYRT_SIM_SEED=7"));
/// ```
#[derive(Clone)]
pub struct Failure(Box<Report>);

#[derive(Clone)]
pub(crate) struct Report {
    pub(crate) kind: FailureKind,
    pub(crate) message: String,
    pub(crate) seed: u64,
    pub(crate) policy: Policy,
    pub(crate) time: Duration,
    /// When a task ran last.
    pub(crate) last_step: Duration,
    pub(crate) steps: u64,
    pub(crate) hash: u64,
    pub(crate) tasks: Vec<TaskInfo>,
    pub(crate) events: Vec<Event>,
    /// All panics of the run, in a check.
    pub(crate) panics: Vec<Panicked>,
    /// The choices that a shorter run kept, as text: its faults, and all others.
    pub(crate) choices: [Vec<String>; 2],
    pub(crate) kept: Option<Arc<Kept>>,
    pub(crate) shrunk: Option<Shrunk>,
    /// Where two later runs parted, if they did.
    pub(crate) divergence: Option<Divergence>,
    /// The last messages between hosts, as text.
    pub(crate) diagram: String,
    /// The same as an HTML page.
    pub(crate) page: String,
    /// What a second run of the seed has shown, if there was one.
    pub(crate) replay: Option<Replay>,
    pub(crate) replay_line: Option<Arc<str>>,
}

/// What became of a failing seed that a [`Check`](crate::Check) ran once more, alone.
///
/// # Examples
///
/// A counter that the seeds of one process share decides, and no seed:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use anyrt_sim::{Check, Replay};
///
/// static RUNS: AtomicU64 = AtomicU64::new(0);
///
/// let failure = Check::new().find_failure(|_| async {
///     assert_ne!(RUNS.fetch_add(1, Ordering::Relaxed), 3, "the fourth run");
/// });
/// let failure = failure.unwrap();
/// assert_eq!(failure.replay(), Some(Replay::Passed));
/// assert!(failure.to_string().contains("passed when it was run again"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Replay {
    /// It failed in the same manner, after the same events.
    Same,
    /// It failed, in another manner or after other events.
    Differed,
    /// It passed.
    Passed,
}

/// What kind of [`Failure`] it was.
///
/// # Examples
///
/// ```
/// use anyrt_sim::{FailureKind, Sim};
///
/// let rt = Sim::builder().step_limit(1000).build();
/// let long = async { for _ in 0..2000 { anyrt_core::yield_now().await } };
/// let failure = rt.try_block_on(long).unwrap_err();
/// assert_eq!(failure.kind(), FailureKind::StepLimit);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// Nothing is ready, and no timer will change that.
    Deadlock,
    /// More steps than [`Builder::step_limit`](crate::Builder::step_limit) allows, or
    /// [`Builder::steps_per_second`](crate::Builder::steps_per_second) in a second.
    StepLimit,
    /// The clock passed [`Builder::time_limit`](crate::Builder::time_limit).
    TimeLimit,
    /// One task was polled too often at one instant: see [`Builder::spin_limit`](crate::Builder::spin_limit).
    Spinning,
    /// A simulated host tried the same thing too often in a row without success: see
    /// [`Builder::retry_limit`](crate::Builder::retry_limit).
    RetryLimit,
    /// Another thread woke, aborted or spawned a task, which no seed can replay: see
    /// [`Builder::allow_external`](crate::Builder::allow_external).
    ForeignThread,
    /// More nested calls of `block_on` and [`Sim::advance`](crate::Sim::advance) than
    /// [`Builder::nesting_limit`](crate::Builder::nesting_limit) allows.
    Nesting,
    /// The root panicked.
    Panic,
    /// A task panicked, and [`Builder::task_panics_fail`](crate::Builder::task_panics_fail) is set.
    TaskPanic,
    /// The test returned an error: see [`Outcome`](crate::Outcome).
    Error,
}

impl Failure {
    pub(crate) fn new(report: Report) -> Self {
        Self(Box::new(report))
    }

    pub(crate) fn with_replay(mut self, replay: Replay) -> Self {
        self.0.replay = Some(replay);
        self
    }

    pub(crate) fn with_panics(mut self, panics: Vec<Panicked>) -> Self {
        self.0.panics = panics;
        self
    }

    pub(crate) fn with_divergence(mut self, divergence: Option<Divergence>) -> Self {
        self.0.divergence = divergence;
        self
    }

    pub(crate) fn with_shrunk(mut self, shrunk: Shrunk) -> Self {
        self.0.shrunk = Some(shrunk);
        self
    }

    /// With what the second run of another failure has shown.
    pub(crate) fn with_replay_of(mut self, other: &Self) -> Self {
        self.0.replay = other.0.replay;
        self
    }

    /// What two failures have in common that are likely of one cause: their kind, and where they panicked or what they say.
    pub(crate) fn manner(&self) -> String {
        let message = self.message();
        let what = match message.split_once(" panicked at ") {
            // The place is up to the first colon and blank.
            Some((_, after)) => after.split(": ").next().unwrap_or(after).to_owned(),
            None => {
                let first = message.lines().next().unwrap_or_default();
                first.chars().filter(|c| !c.is_ascii_digit()).collect()
            }
        };
        match self.kind() {
            FailureKind::Panic | FailureKind::TaskPanic | FailureKind::Error => {
                format!("{:?} {what}", self.kind())
            }
            kind => format!("{kind:?}"),
        }
    }

    /// Tells whether two failures are the same one, at the end of the same course.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.kind(), self.message(), self.0.hash) == (other.kind(), other.message(), other.0.hash)
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> FailureKind {
        self.0.kind
    }

    /// What happened. The text of an assertion may have several lines.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The seed that replays it.
    pub fn seed(&self) -> u64 {
        self.0.seed
    }

    /// The virtual time of the failure, since the start.
    pub fn time(&self) -> Duration {
        self.0.time
    }

    /// The virtual time at which a task ran last, since the start.
    ///
    /// It is earlier than [`time`](Self::time) where the clock went on and woke nobody: for the limit of an attempt to connect that had
    /// long succeeded, say. So it is when a system stopped that is found in a deadlock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let second = rt.handle().sleep(Duration::from_secs(1));
    /// let stuck = async { second.await; std::future::pending::<()>().await };
    /// let failure = rt.try_block_on(stuck).unwrap_err();
    /// assert_eq!(failure.last_step(), Duration::from_secs(1));
    /// ```
    pub fn last_step(&self) -> Duration {
        self.0.last_step
    }

    /// What became of the seed when it was run once more, alone, or `None` where it was not: outside a
    /// [`Check`](crate::Check), and in a check of one seed, which is alone anyway.
    pub fn replay(&self) -> Option<Replay> {
        self.0.replay
    }

    /// How much shorter it became, where [`Check::shrink`](crate::Check::shrink) looked for a shorter run.
    pub fn shrunk(&self) -> Option<Shrunk> {
        self.0.shrunk
    }

    /// Where two more runs of the seed parted that a check made because the second run had differed from the first; `None` where they took one
    /// course, or there were none.
    pub fn divergence(&self) -> Option<&Divergence> {
        self.0.divergence.as_ref()
    }

    /// How many steps it took.
    pub fn steps(&self) -> u64 {
        self.0.steps
    }

    /// The tasks that had not ended.
    pub fn tasks(&self) -> &[TaskInfo] {
        &self.0.tasks
    }

    /// The last events, the newest last.
    pub fn events(&self) -> &[Event] {
        &self.0.events
    }

    /// The last messages between simulated hosts as an HTML page that needs nothing else: hosts are columns, messages are arrows,
    /// and faults are bars. `None` where there were none.
    ///
    /// [`Check::run`](crate::Check::run) writes it to the file that `ANYRT_SIM_PAGE` names.
    pub fn page(&self) -> Option<&str> {
        Some(self.0.page.as_str()).filter(|page| !page.is_empty())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(f, &self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({})", self.message())
    }
}

impl Error for Failure {}
