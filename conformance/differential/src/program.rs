use serde::{Deserialize, Serialize};

/// A program: what its root does, with everything that this starts.
///
/// It is built so that what may come out of it is known beforehand, whatever the schedule: see
/// [`Expected`](super::Expected).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The steps of the root, which never ends otherwise than by having taken them all.
    pub root: Vec<Step>,
}

/// A task, or a closure on the blocking pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its number, from 1, in the order of the text; it is its output, and the payload of its panic.
    pub id: u32,
    /// What it does first.
    pub steps: Vec<Step>,
    /// How it ends then.
    pub end: End,
}

/// How a task ends of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// With its number as the output.
    Value,
    /// By a panic, with its number as the payload.
    Panic,
    /// Not at all.
    Park,
}

/// One thing that a task does. Durations are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Lets others run.
    Yield,
    /// Sleeps.
    Sleep(u8),
    /// Awaits ticks of an interval.
    Interval {
        /// The time between them.
        period: u8,
        /// How many.
        ticks: u8,
    },
    /// Sleeps under a time limit.
    Timeout {
        /// The limit; `None` is one that does not pass.
        limit: Option<u8>,
        /// The sleep; `None` is one that does not end.
        sleep: Option<u8>,
    },
    /// Starts a task, goes on, and then does something with its handle.
    Spawn {
        /// Where it runs.
        on: Place,
        /// The task.
        child: Task,
        /// What its parent does meanwhile.
        between: Vec<Step>,
        /// What its parent then does with the handle.
        fate: Fate,
    },
}

/// Where something runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// As a task.
    Executor,
    /// As a closure on the blocking pool; it only sleeps, and it ends.
    Pool,
}

/// What becomes of a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// It is awaited.
    Join,
    /// It is awaited once it says that the task is finished.
    JoinFinished,
    /// It is awaited under a time limit, and dropped with it; `None` is a limit that does not pass.
    JoinWithin(Option<u8>),
    /// The task is aborted and the handle awaited.
    Abort,
    /// Once it says that the task is finished, the task is aborted in vain and the handle awaited.
    AbortFinished,
    /// As `Abort`, by an abort handle.
    AbortByHandle,
    /// `cancel` is awaited.
    Cancel,
    /// The handle aborts on drop, from the start, and is dropped.
    AbortOnDrop,
    /// It is detached at once.
    Detach,
    /// It is dropped.
    Drop,
    /// There is none: the task is started by `spawn_detached`.
    SpawnDetached,
}

impl Fate {
    /// Whether the task may be stopped before its end.
    pub fn aborts(self) -> bool {
        matches!(
            self,
            Self::Abort | Self::AbortByHandle | Self::Cancel | Self::AbortOnDrop
        )
    }

    /// Whether the handle is awaited.
    pub fn joins(self) -> bool {
        !matches!(
            self,
            Self::AbortOnDrop | Self::Detach | Self::Drop | Self::SpawnDetached
        )
    }

    /// Whether awaiting the handle needs a task that ends by itself.
    pub fn needs_an_end(self) -> bool {
        matches!(
            self,
            Self::Join | Self::JoinFinished | Self::AbortFinished | Self::JoinWithin(None)
        )
    }
}

impl Program {
    /// Numbers the tasks anew, in the order of the text.
    pub(crate) fn numbered(mut self) -> Self {
        number(&mut self.root, &mut 0);
        self
    }

    /// The same program for a runtime without a blocking pool: closures become tasks.
    pub fn without_pool(mut self) -> Self {
        move_from_pool(&mut self.root);
        self
    }

    /// How many steps it has, those of its tasks included.
    pub fn len(&self) -> usize {
        count(&self.root)
    }

    /// Whether it does nothing.
    pub fn is_empty(&self) -> bool {
        self.root.is_empty()
    }

    /// Whether what comes out is known: nobody awaits without limit what never ends, and closures of the pool only sleep.
    pub fn is_valid(&self) -> bool {
        valid(&self.root)
    }
}

fn number(steps: &mut [Step], last: &mut u32) {
    for step in steps {
        if let Step::Spawn { child, between, .. } = step {
            *last += 1;
            child.id = *last;
            number(&mut child.steps, last);
            number(between, last);
        }
    }
}

fn move_from_pool(steps: &mut [Step]) {
    for step in steps {
        if let Step::Spawn {
            on, child, between, ..
        } = step
        {
            *on = Place::Executor;
            move_from_pool(&mut child.steps);
            move_from_pool(between);
        }
    }
}

fn count(steps: &[Step]) -> usize {
    let each = |step: &Step| match step {
        Step::Spawn { child, between, .. } => 1 + count(&child.steps) + count(between),
        _ => 1,
    };
    steps.iter().map(each).sum()
}

fn valid(steps: &[Step]) -> bool {
    steps.iter().all(|step| match step {
        Step::Yield | Step::Sleep(_) => true,
        Step::Interval { period, ticks } => *period > 0 && *ticks > 0,
        Step::Timeout { limit, sleep } => limit.is_some() || sleep.is_some(),
        Step::Spawn {
            on,
            child,
            between,
            fate,
        } => {
            let ends = child.end != End::Park;
            let simple = child.steps.iter().all(|it| matches!(it, Step::Sleep(_)));
            let pool = ends && simple && *fate != Fate::SpawnDetached;
            (ends || !fate.needs_an_end())
                && (*on == Place::Executor || pool)
                && valid(&child.steps)
                && valid(between)
        }
    })
}
