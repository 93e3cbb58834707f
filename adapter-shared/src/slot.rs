use std::mem::replace;
use std::task::{Context, Poll};

use anyrt_core::JoinError;

use crate::{Joinable, Watched};

/// What is known of a task once its handle was asked for more than its end.
pub(crate) enum Slot<J: Joinable> {
    Running(J),
    /// Cancelled, and perhaps not yet gone: the join waits until the task's future was dropped. `Watched` makes
    /// `is_finished(&self)` tell the truth; async-task says "closed" before the future is dropped.
    Stopping(Watched<J::Cancel, J::Output>),
    /// Was dead before it began: spawned on a runtime that is gone.
    Dead,
    Joined,
}

impl<J: Joinable> Slot<J> {
    /// The slot of a task that ran when it was spawned; without the runtime's handle, of one that was joined.
    #[inline]
    pub(crate) fn running(task: Option<J>) -> Self {
        task.map_or(Self::Joined, Self::Running)
    }

    #[inline]
    pub(crate) fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<J::Output, JoinError>> {
        let end = match self {
            Self::Running(task) => task.poll_join(cx),
            Self::Stopping(task) => task.poll_join(cx),
            Self::Dead => Poll::Ready(Err(JoinError::cancelled())),
            Self::Joined => panic!("`JoinHandle` polled after it was joined"),
        };
        if end.is_ready() {
            *self = Self::Joined;
        }
        end
    }

    /// Aborts the task by `cancel`, which is [`Joinable::cancel`] where the task was spawned.
    #[inline]
    pub(crate) fn abort(&mut self, cancel: fn(J) -> J::Cancel) {
        match replace(self, Self::Joined) {
            Self::Running(task) if !task.is_finished() => {
                let task = Watched::new(cancel(task));
                // The first poll makes the request and wakes a waiting joiner, who then polls with a waker of its own. If
                // the task was faster after all, its end is kept.
                task.advance();
                *self = Self::Stopping(task);
            }
            other => *self = other,
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        match self {
            Self::Running(task) => task.is_finished(),
            Self::Stopping(task) => task.is_finished(),
            Self::Dead | Self::Joined => true,
        }
    }

    #[inline]
    pub(crate) fn detach(&mut self) {
        match replace(self, Self::Joined) {
            Self::Running(task) => task.detach(),
            // The request was made; dropping the future that waits takes nothing back.
            Self::Stopping(task) => drop(task),
            Self::Dead | Self::Joined => {}
        }
    }

    /// Tells whether there is nothing left to wait for.
    #[inline]
    pub(crate) fn is_joined(&self) -> bool {
        matches!(self, Self::Joined)
    }
}
