use std::mem::replace;
use std::task::{Context, Poll};

use anyrt_core::JoinError;

use crate::{Joinable, Watched};

/// What a task handle knows about its task.
pub(crate) enum Slot<J: Joinable> {
    Running(J),
    /// Cancelled, and perhaps not yet gone: the join waits until the task's future was dropped. The lock inside is what makes
    /// `is_finished(&self)` tell the truth; async-task says "closed" before the future is dropped.
    Stopping(Box<Watched<J::Cancel, J::Output>>),
    /// Was dead before it began: spawned on a runtime that is gone.
    Dead,
    Joined,
}

impl<J: Joinable> Slot<J> {
    #[inline(always)]
    pub(crate) fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<J::Output, JoinError>> {
        let Self::Running(task) = self else {
            return self.poll_stopped(cx);
        };
        match task.poll_join(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(end) => {
                *self = Self::Joined;
                Poll::Ready(end)
            }
        }
    }

    /// Apart, so that the join of a task that nobody aborted stays short.
    #[cold]
    #[inline(never)]
    fn poll_stopped(&mut self, cx: &mut Context<'_>) -> Poll<Result<J::Output, JoinError>> {
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

    pub(crate) fn abort(&mut self)
    where
        J::Output: 'static,
    {
        match replace(self, Self::Joined) {
            Self::Running(task) if !task.is_finished() => {
                let task = Box::new(Watched::new(task.cancel()));
                // The first poll makes the request and wakes a waiting joiner, who then polls with a waker of its own. If
                // the task was faster after all, its end is kept.
                task.advance();
                *self = Self::Stopping(task);
            }
            other => *self = other,
        }
    }

    #[inline]
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

    pub(crate) fn abandon(&mut self)
    where
        J::Output: 'static,
    {
        match replace(self, Self::Joined) {
            Self::Running(task) => task.abandon(),
            Self::Stopping(task) => drop(task),
            Self::Dead | Self::Joined => {}
        }
    }

    /// Tells whether there is nothing left to wait for.
    pub(crate) fn is_joined(&self) -> bool {
        matches!(self, Self::Joined)
    }
}
