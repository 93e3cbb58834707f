//! What the scheduler tells the loop that drives.

use std::task::Waker;
use std::time::Duration;

use crate::TaskId;
use crate::report::fault::Fault;
use crate::schedule::entry::{Entry, SendFuture};

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// Until the root is ready.
    Root,
    /// Until nothing is ready. The clock stands still.
    Stalled,
    /// Until the clock shows this.
    Until(u64),
}

/// What the driver does next.
pub(crate) enum Step {
    /// Call the wakers in the buffer.
    Fire,
    Poll {
        task: TaskId,
        work: Work,
        waker: Waker,
    },
    /// Drop an aborted task, with what is kept of it.
    Discard {
        task: TaskId,
        entry: Box<Entry>,
    },
    /// A root of another thread was let go.
    Granted,
    /// Wait in real time for something from outside, at most until the virtual clock may show `until`.
    Wait {
        longest: Option<(Duration, u64)>,
    },
    Stop,
    /// The home thread wants to drive.
    Leave,
    Fail(Fault),
}

pub(crate) enum Work {
    Root,
    Task(SendFuture),
    Local,
    Blocking(SendFuture),
}

/// What is to be dropped after a poll, outside the lock.
pub(crate) struct Leftover {
    pub(crate) _entry: Option<Box<Entry>>,
    pub(crate) _future: Option<SendFuture>,
    /// The task is gone, so a future that is kept elsewhere is to be dropped too.
    pub(crate) gone: bool,
}
