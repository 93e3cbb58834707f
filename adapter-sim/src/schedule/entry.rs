//! One task, as the scheduler keeps it.

use std::backtrace::Backtrace;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::Waker;

use crate::TaskId;
use crate::report::fault::Named;
use crate::report::label::Label;
use crate::schedule::wait::{Wait, Waits, Waking};
use crate::task::job::End;

pub(crate) type SendFuture = Pin<Box<dyn Future<Output = End> + Send>>;

pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) label: Label,
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
    /// Polls since the clock was moved last, and sleeps that were ready at once in them.
    pub(crate) burst: u64,
    /// The polls among them.
    pub(crate) burst_polls: u64,
    /// The jump of the clock that they follow.
    jump: u64,
    /// Sleeps and operations of sockets that were ready in this poll.
    ready_sleeps: u32,
    /// What its last poll was seen to wait for.
    pub(crate) waits: Waits,
    /// Who woke it last, and when.
    pub(crate) woken_by: Option<Waking>,
    pub(crate) woken_at: u64,
    /// Its symbols are looked up only where it is shown.
    pub(crate) backtrace: Option<Box<Backtrace>>,
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

/// How many sleeps may be ready in one poll of a task, as many as tokio's budget.
const BUDGET: u32 = 128;

impl Entry {
    pub(crate) fn new(
        kind: Kind,
        label: Label,
        location: &'static Location<'static>,
        future: Option<SendFuture>,
        waker: Waker,
    ) -> Self {
        Self {
            kind,
            label,
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
            burst_polls: 0,
            jump: 0,
            ready_sleeps: 0,
            waits: Waits::default(),
            woken_by: None,
            woken_at: 0,
            backtrace: None,
        }
    }

    /// Begins a poll at `now`, after so many jumps of the clock.
    pub(crate) fn begin(&mut self, now: u64, jumps: u64) {
        if self.jump != jumps {
            (self.burst, self.burst_polls, self.jump) = (0, 0, jumps);
        }
        self.burst += 1;
        self.burst_polls += 1;
        self.ready_sleeps = 0;
        self.phase = Phase::Running;
        self.woken = false;
        self.yielded = false;
        self.polls += 1;
        self.last_poll = now;
        self.waits.clear();
    }

    /// Counts a sleep that is ready, and tells whether it has to be pending: when so many others were ready in the same poll.
    ///
    /// It stays so until the task is polled anew, because a combinator polls again at once. An executor of somebody else's
    /// inside the task would do that for ever, so there is an end to it.
    pub(crate) fn must_give_way(&mut self) -> bool {
        self.ready_sleeps += 1;
        self.waits.settle();
        match self.ready_sleeps {
            ..=BUDGET => false,
            refused if refused <= 2 * BUDGET => {
                if refused == BUDGET + 1 {
                    self.burst += u64::from(BUDGET);
                }
                true
            }
            _ => {
                self.ready_sleeps = 1;
                false
            }
        }
    }

    /// Gives back what was counted for an operation that was not ready, and notes it.
    pub(crate) fn take_charge_back(&mut self, wait: Wait) {
        self.ready_sleeps = self.ready_sleeps.saturating_sub(1);
        self.waits.unsettle();
        self.waits.push(wait);
    }

    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// What reports call it.
    pub(crate) fn label(&self) -> Label {
        let mut label = self.label.clone();
        let default = match self.kind {
            Kind::Root(_) => "root",
            Kind::Blocking => "blocking",
            Kind::Task | Kind::Local => return label,
        };
        label.name.get_or_insert_with(|| default.into());
        label
    }

    pub(crate) fn named(&self, task: TaskId) -> Named {
        Named {
            task,
            label: self.label(),
            location: self.location,
        }
    }
}
