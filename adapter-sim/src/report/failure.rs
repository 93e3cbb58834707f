use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::schedule::state::State;
use crate::settings::Settings;
use crate::{Event, Policy, TaskId, TaskInfo};

/// Why a simulation could not go on, with all that is needed to understand and replay it.
///
/// Its `Display` is the report: what happened, the seed and the line that replays it, a table of the tasks that were left, and
/// the last events.
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
struct Report {
    kind: FailureKind,
    message: String,
    seed: u64,
    policy: Policy,
    time: Duration,
    steps: u64,
    hash: u64,
    tasks: Vec<TaskInfo>,
    events: Vec<Event>,
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
    /// More steps than [`Builder::step_limit`](crate::Builder::step_limit) allows.
    StepLimit,
    /// The clock passed [`Builder::time_limit`](crate::Builder::time_limit).
    TimeLimit,
    /// One task was polled a million times at one instant: see [`Builder::spin_limit`](crate::Builder::spin_limit).
    Spinning,
    /// Another thread woke, aborted or spawned a task, which no seed can replay: see
    /// [`Builder::allow_external`](crate::Builder::allow_external).
    ForeignThread,
    /// The root panicked.
    Panic,
    /// A task panicked, and [`Builder::task_panics_fail`](crate::Builder::task_panics_fail) is set.
    TaskPanic,
    /// The test returned an error: see [`Outcome`](crate::Outcome).
    Error,
}

/// The failure before it is written up.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Deadlock,
    Steps(u64),
    Time(u64),
    Spinning(TaskId, u64),
    Foreign { what: &'static str, thread: String },
    Panic(&'static Location<'static>, String),
    TaskPanic(TaskId, &'static Location<'static>, String),
    Error(String),
}

impl Failure {
    pub(crate) fn new(fault: Fault, state: &State, settings: &Settings) -> Self {
        Self(Box::new(Report {
            kind: fault.kind(),
            message: fault.message(state, settings),
            seed: settings.seed,
            policy: settings.policy,
            time: Duration::from_nanos(state.now),
            steps: state.steps,
            hash: state.trace.hash(),
            tasks: state.infos(),
            events: state.trace.last(),
        }))
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> FailureKind {
        self.0.kind
    }

    /// What happened, in one sentence.
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
}

impl Fault {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Deadlock => FailureKind::Deadlock,
            Self::Steps(_) => FailureKind::StepLimit,
            Self::Time(_) => FailureKind::TimeLimit,
            Self::Spinning(..) => FailureKind::Spinning,
            Self::Foreign { .. } => FailureKind::ForeignThread,
            Self::Panic(..) => FailureKind::Panic,
            Self::TaskPanic(..) => FailureKind::TaskPanic,
            Self::Error(_) => FailureKind::Error,
        }
    }

    fn message(&self, state: &State, settings: &Settings) -> String {
        match self {
            Self::Deadlock if state.closed => {
                "deadlock: the runtime was shut down, and nothing is ready".to_owned()
            }
            Self::Deadlock if state.is_holding() => {
                "deadlock: a `block_on` inside a task waits, and what is ready is a `block_on` further out, which cannot go on \
                 before the inner one returns; await instead of blocking"
                    .to_owned()
            }
            Self::Deadlock if state.timers.next().is_some() => format!(
                "deadlock: nothing is ready, and `auto_advance` is off, so that none of the {} armed timers can fire; \
                 `Sim::advance` moves the clock",
                state.timers.count()
            ),
            Self::Deadlock => "deadlock: nothing is ready, and no timer is armed; if another thread was to wake a task, \
                               see `Builder::allow_external`"
                .to_owned(),
            Self::Steps(limit) => format!("the limit of {limit} steps was reached"),
            Self::Time(at) => format!(
                "the time limit was reached: the clock is to show {:?}, and the limit is {:?}",
                Duration::from_nanos(*at),
                Duration::from_nanos(settings.time_limit.unwrap_or(u64::MAX))
            ),
            Self::Spinning(task, polls) => format!(
                "task {task} is spinning: it was polled {polls} times at one instant; if it waits by yielding, \
                 `Builder::poll_cost` lets time pass meanwhile"
            ),
            Self::Foreign { what, thread } => format!(
                "the thread {thread} {what}, and no seed can replay what another thread does; \
                 `Builder::allow_external` permits it"
            ),
            Self::Panic(location, message) => format!("the root of {location} panicked: {message}"),
            Self::TaskPanic(task, location, message) => {
                format!("task {task}, spawned at {location}, panicked: {message}")
            }
            Self::Error(error) => format!("the test returned an error: {error}"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report {
            kind: _,
            message,
            seed,
            policy,
            time,
            steps,
            hash,
            tasks,
            events,
        } = &*self.0;
        writeln!(f, "{message}")?;
        writeln!(
            f,
            "  seed {seed}, policy {policy}, virtual time {time:?}, step {steps}, hash {hash:016x}"
        )?;
        writeln!(f, "  replay: {}", replay_line(*seed))?;
        write_tasks(f, tasks)?;
        writeln!(f, "  the last events:")?;
        for event in events {
            writeln!(f, "    {event}")?;
        }
        Ok(())
    }
}

fn write_tasks(f: &mut fmt::Formatter<'_>, tasks: &[TaskInfo]) -> fmt::Result {
    if tasks.is_empty() {
        return writeln!(f, "  no task was left");
    }
    let mut rows =
        vec![["task", "name", "spawned at", "state", "polls", "last poll"].map(str::to_owned)];
    rows.extend(tasks.iter().map(|task| {
        [
            task.id().to_string(),
            task.name().unwrap_or("-").to_owned(),
            task.location().to_string(),
            task.state().to_string(),
            task.polls().to_string(),
            task.last_poll()
                .map_or_else(|| "-".to_owned(), |at| format!("{at:?}")),
        ]
    }));
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in rows {
        let mut line = String::from("  ");
        for (width, cell) in widths.iter().zip(&row) {
            line.push_str(&format!("  {cell:<width$}"));
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    for task in tasks {
        if let Some(backtrace) = task.woken_at() {
            writeln!(f, "  task {} was woken last at:\n{backtrace}", task.id())?;
        }
    }
    Ok(())
}

/// The command that runs the current test once more under `seed`, as far as cargo and libtest tell.
fn replay_line(seed: u64) -> String {
    let seed = format!("ANYRT_SIM_SEED={seed}");
    match (std::env::var("CARGO_PKG_NAME"), test_name()) {
        (Ok(package), Some(test)) => format!("{seed} cargo test -p {package} -- --exact {test}"),
        _ => format!("{seed} in front of the same command"),
    }
}

fn test_name() -> Option<String> {
    // libtest names a test's thread after the test, unless it runs it on the main thread, as nextest makes it do.
    match std::thread::current().name() {
        Some("main") | None => {
            let mut args: Vec<String> = std::env::args().skip(1).collect();
            let exact = args.iter().any(|arg| arg == "--exact");
            args.retain(|arg| !arg.starts_with('-'));
            args.pop().filter(|_| exact)
        }
        Some(test) => Some(test.to_owned()),
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({})", self.message())
    }
}

impl Error for Failure {}
