//! One task, as the scheduler keeps it.

use std::backtrace::Backtrace;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crate::task::job::End;
use crate::{TaskId, TaskInfo, TaskState};

pub(crate) type SendFuture = Pin<Box<dyn Future<Output = End> + Send>>;

pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) phase: Phase,
    /// Woken while it runs.
    pub(crate) woken: bool,
    /// The wake came from its own poll.
    pub(crate) yielded: bool,
    pub(crate) aborted: bool,
    pub(crate) future: Option<SendFuture>,
    pub(crate) waker: Waker,
    pub(crate) polls: u64,
    pub(crate) last_poll: u64,
    /// Polls in a row at one instant.
    pub(crate) burst: u64,
    /// What its last poll was seen to wait for.
    pub(crate) until: Option<u64>,
    pub(crate) joining: Option<TaskId>,
    /// Its symbols are looked up only where it is shown.
    pub(crate) backtrace: Option<Backtrace>,
}

/// Who keeps and polls the task's future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The future of a `block_on`, on the stack of this thread.
    Root(u64),
    Task,
    /// On the home thread.
    Local,
    Blocking,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Ready,
    Running,
    Waiting,
}

impl Entry {
    pub(crate) fn new(
        kind: Kind,
        name: Option<Arc<str>>,
        location: &'static Location<'static>,
        future: Option<SendFuture>,
        waker: Waker,
    ) -> Self {
        Self {
            kind,
            name,
            location,
            phase: Phase::Ready,
            woken: false,
            yielded: false,
            aborted: false,
            future,
            waker,
            polls: 0,
            last_poll: 0,
            burst: 0,
            until: None,
            joining: None,
            backtrace: None,
        }
    }

    /// Begins a poll at `now`, and tells how many in a row there were at that instant.
    pub(crate) fn begin(&mut self, now: u64) -> u64 {
        self.burst = if self.polls > 0 && self.last_poll == now {
            self.burst + 1
        } else {
            1
        };
        self.phase = Phase::Running;
        self.woken = false;
        self.yielded = false;
        self.polls += 1;
        self.last_poll = now;
        self.until = None;
        self.joining = None;
        self.burst
    }

    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    pub(crate) fn info(&self, id: TaskId) -> TaskInfo {
        let state = match (self.phase, self.until, self.joining) {
            (Phase::Ready, ..) => TaskState::Ready,
            (Phase::Running, ..) => TaskState::Running,
            (Phase::Waiting, Some(until), _) => TaskState::Sleeping {
                until: Duration::from_nanos(until),
            },
            (Phase::Waiting, None, Some(task)) => TaskState::Joining { task },
            (Phase::Waiting, None, None) => TaskState::Waiting,
        };
        TaskInfo {
            id,
            name: self.name.clone().or_else(|| match self.kind {
                Kind::Root(_) => Some(Arc::from("root")),
                Kind::Blocking => Some(Arc::from("blocking")),
                Kind::Task | Kind::Local => None,
            }),
            location: self.location,
            state,
            polls: self.polls,
            last_poll: (self.polls > 0).then(|| Duration::from_nanos(self.last_poll)),
            backtrace: self
                .backtrace
                .as_ref()
                .map(|backtrace| backtrace.to_string().into()),
        }
    }
}
