//! In the place of a task of async-task's: what a desk needs of one.

use std::task::{Context, Poll, Waker};

use anyrt_core::JoinError;
use shuttle::sync::{Arc, Mutex};

/// A task that ends when it is told to.
#[derive(Clone, Default)]
pub(crate) struct Task(Arc<Mutex<(bool, Option<Waker>)>>);

pub(crate) trait Joinable {
    type Output;
    type Cancel;
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>>;
    fn is_finished(&self) -> bool;
    fn end(&self);
}

impl Task {
    fn with<T>(&self, work: impl FnOnce(&mut (bool, Option<Waker>)) -> T) -> T {
        work(&mut self.0.lock().expect("no panic"))
    }
}

impl Joinable for Task {
    type Output = ();
    type Cancel = ();

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        let waker = Some(cx.waker().clone());
        let (end, last) = self.with(|(has_ended, joiner)| match has_ended {
            true => (Poll::Ready(Ok(())), waker),
            false => (Poll::Pending, std::mem::replace(joiner, waker)),
        });
        drop(last);
        end
    }

    fn is_finished(&self) -> bool {
        self.with(|(has_ended, _)| *has_ended)
    }

    fn end(&self) {
        let joiner = self.with(|(has_ended, joiner)| {
            *has_ended = true;
            joiner.take()
        });
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }
}

pub(crate) enum Slot<J> {
    Running(J),
    Dead,
    Joined,
}

impl<J: Joinable> Slot<J> {
    pub(crate) fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<J::Output, JoinError>> {
        let end = match self {
            Self::Running(task) => task.poll_join(cx),
            Self::Dead => Poll::Ready(Err(JoinError::cancelled())),
            Self::Joined => panic!("polled after it was joined"),
        };
        if end.is_ready() {
            *self = Self::Joined;
        }
        end
    }

    pub(crate) fn abort(&mut self, _: fn(J) -> J::Cancel) {
        if let Self::Running(task) = self {
            task.end();
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        match self {
            Self::Running(task) => task.is_finished(),
            Self::Dead | Self::Joined => true,
        }
    }

    pub(crate) fn is_joined(&self) -> bool {
        matches!(self, Self::Joined)
    }

    pub(crate) fn detach(&mut self) {
        *self = Self::Joined;
    }
}
