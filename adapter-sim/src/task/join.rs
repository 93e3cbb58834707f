//! The place where a task leaves its output and its joiner finds it.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use anyrt_core::JoinError;

use crate::report::panics::caught;

pub(crate) type Outcome<T> = Result<T, JoinError>;

enum Stage<T> {
    /// Nothing yet; the waker of the last poll.
    Pending(Option<Waker>),
    Done(Outcome<T>),
    Joined,
    /// Nobody will ask; `true` once the task has ended.
    Detached(bool),
}

pub(crate) struct Slot<T> {
    stage: Stage<T>,
    /// Set when the task has ended, for abort handles: they must not keep the output. Made for the first of them.
    ended: Option<Arc<AtomicBool>>,
}

impl<T> Slot<T> {
    pub(crate) fn new() -> Self {
        Self {
            stage: Stage::Pending(None),
            ended: None,
        }
    }

    /// Polls for the outcome. The old waker is to be dropped outside the lock.
    #[track_caller]
    fn poll(&mut self, cx: &Context<'_>) -> (Poll<Outcome<T>>, Option<Waker>) {
        match &mut self.stage {
            Stage::Pending(Some(waker)) if waker.will_wake(cx.waker()) => (Poll::Pending, None),
            Stage::Pending(waker) => (Poll::Pending, waker.replace(cx.waker().clone())),
            stage => match std::mem::replace(stage, Stage::Joined) {
                Stage::Done(outcome) => (Poll::Ready(outcome), None),
                _ => panic!("a task was polled after it was joined"),
            },
        }
    }

    fn is_finished(&self) -> bool {
        matches!(
            self.stage,
            Stage::Done(_) | Stage::Joined | Stage::Detached(true)
        )
    }

    fn ended(&mut self) -> Arc<AtomicBool> {
        let is_finished = self.is_finished();
        let ended = self
            .ended
            .get_or_insert_with(|| Arc::new(AtomicBool::new(is_finished)));
        Arc::clone(ended)
    }

    fn detach(&mut self) -> Stage<T> {
        let ended = self.is_finished();
        match self.stage {
            Stage::Joined => Stage::Joined,
            _ => std::mem::replace(&mut self.stage, Stage::Detached(ended)),
        }
    }

    /// Stores the outcome, and returns whom to wake and what to drop, outside the lock.
    fn publish(&mut self, outcome: Outcome<T>) -> (Option<Waker>, Option<Outcome<T>>) {
        if let Some(ended) = &self.ended {
            ended.store(true, Ordering::Release);
        }
        match &mut self.stage {
            Stage::Pending(waker) => {
                let waker = waker.take();
                self.stage = Stage::Done(outcome);
                (waker, None)
            }
            Stage::Detached(ended) => {
                *ended = true;
                (None, Some(outcome))
            }
            Stage::Done(_) | Stage::Joined => (None, Some(outcome)),
        }
    }
}

/// A slot that a task and its joiner share.
pub(crate) trait Join<T>: Clone + Unpin {
    fn new(slot: Slot<T>) -> Self;

    fn with<R>(&self, change: impl FnOnce(&mut Slot<T>) -> R) -> R;

    #[track_caller]
    fn poll(&self, cx: &Context<'_>) -> Poll<Outcome<T>> {
        let (poll, _waker) = self.with(|slot| slot.poll(cx));
        poll
    }

    fn is_finished(&self) -> bool {
        self.with(|slot| slot.is_finished())
    }

    /// What tells that the task has ended, and keeps nothing of it.
    fn ended(&self) -> Arc<AtomicBool> {
        self.with(Slot::ended)
    }

    /// Tells the task that nobody will ask. The output of one that has ended is dropped here, and a panic of it is contained.
    fn detach(&self) {
        let unwanted = self.with(Slot::detach);
        quietly(|| drop(unwanted));
    }

    /// Leaves the outcome. A joiner's waker or an unwanted output that panics is contained.
    fn publish(&self, outcome: Outcome<T>) {
        let (waker, unwanted) = self.with(|slot| slot.publish(outcome));
        quietly(|| drop(unwanted));
        if let Some(waker) = waker {
            quietly(|| waker.wake());
        }
    }
}

impl<T: Send> Join<T> for Arc<Mutex<Slot<T>>> {
    fn new(slot: Slot<T>) -> Self {
        Self::new(Mutex::new(slot))
    }

    fn with<R>(&self, change: impl FnOnce(&mut Slot<T>) -> R) -> R {
        change(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> Join<T> for Rc<RefCell<Slot<T>>> {
    fn new(slot: Slot<T>) -> Self {
        Self::new(RefCell::new(slot))
    }

    fn with<R>(&self, change: impl FnOnce(&mut Slot<T>) -> R) -> R {
        change(&mut self.borrow_mut())
    }
}

/// Runs what must not unwind; tells whether it panicked.
pub(crate) fn quietly(work: impl FnOnce()) -> bool {
    match payload_of(work) {
        None => false,
        Some(payload) => {
            let _ = caught(payload.as_ref());
            // The payload may have a destructor that panics as well; there is an end to it.
            if let Some(another) = payload_of(|| drop(payload)) {
                std::mem::forget(another);
            }
            true
        }
    }
}

/// Runs what must not unwind; returns the payload of its panic.
pub(crate) fn payload_of(work: impl FnOnce()) -> Option<Box<dyn std::any::Any + Send>> {
    // Nothing is looked at again that a panic could have left half done.
    catch_unwind(AssertUnwindSafe(work)).err()
}
