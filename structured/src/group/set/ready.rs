//! How a finished task finds its way to whoever joins.
//!
//! Every slot of a set has one waker, which its tasks use one after another. Waking it puts the slot's index into the queue of
//! the set and wakes the joiner, so that the joiner looks at the tasks that have something to say and at no others. A late
//! wake by a task that is gone costs its successor one look.
//!
//! The queue is linked through the wakers, newest first, so that it needs no memory of its own.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

use crate::sync::lock;

/// The end of a list of slots.
pub(super) const NIL: usize = usize::MAX;

#[derive(Debug)]
pub(super) struct Ready {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The slot that was woken last, or `NIL`; each is in here at most once, which `SlotWaker::queued` sees to.
    newest: usize,
    joiner: Option<Waker>,
}

impl Ready {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                newest: NIL,
                joiner: None,
            }),
        }
    }

    /// Takes the queue, and returns the slot that was woken last; where it is empty, leaves the joiner's waker.
    pub(super) fn take(&self, joiner: Option<&Waker>) -> usize {
        let mut state = lock(&self.state);
        if state.newest != NIL {
            return std::mem::replace(&mut state.newest, NIL);
        }
        let Some(joiner) = joiner else { return NIL };
        if matches!(&state.joiner, Some(known) if known.will_wake(joiner)) {
            return NIL;
        }
        drop(state);
        // Cloning a waker and dropping one run code that is not ours: not under the lock.
        let joiner = joiner.clone();
        let mut state = lock(&self.state);
        let known = state.joiner.replace(joiner);
        let newest = std::mem::replace(&mut state.newest, NIL);
        drop(state);
        drop(known);
        newest
    }

    pub(super) fn wake_joiner(&self) {
        let joiner = lock(&self.state).joiner.take();
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }

    /// Lets go of the joiner's waker, which would keep the joiner's task in memory as long as a task of the set.
    pub(super) fn forget_joiner(&self) {
        let joiner = lock(&self.state).joiner.take();
        drop(joiner);
    }
}

#[derive(Debug)]
pub(super) struct SlotWaker {
    ready: Arc<Ready>,
    slot: usize,
    /// Whether the slot is in the queue, or in the batch that the joiner is working on.
    queued: AtomicBool,
    /// The slot that was woken before this one, while this one is in the queue. Written under the lock of the queue.
    older: AtomicUsize,
}

impl SlotWaker {
    pub(super) fn new(ready: &Arc<Ready>, slot: usize) -> Arc<Self> {
        Arc::new(Self {
            ready: ready.clone(),
            slot,
            queued: AtomicBool::new(false),
            older: AtomicUsize::new(NIL),
        })
    }

    /// Marks the slot as queued and tells whether it was not: then the caller queues it.
    pub(super) fn claim(&self) -> bool {
        // Acquire and release with the swap below: whoever does not queue the slot leaves what it has to say to the poll
        // that follows the clearing.
        !self.queued.swap(true, Ordering::AcqRel)
    }

    /// Clears the mark, before the slot is polled.
    pub(super) fn clear(&self) {
        self.queued.swap(false, Ordering::AcqRel);
    }

    /// The slot that was woken before this one, of a queue that was taken.
    pub(super) fn older(&self) -> usize {
        self.older.load(Ordering::Relaxed)
    }

    /// Tells whether the slot was woken since the mark was cleared.
    pub(super) fn is_queued(&self) -> bool {
        self.queued.load(Ordering::Acquire)
    }
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.claim() {
            return;
        }
        let joiner = {
            let mut state = lock(&self.ready.state);
            // Relaxed: whoever reads it has taken the queue under the same lock since.
            self.older.store(state.newest, Ordering::Relaxed);
            state.newest = self.slot;
            state.joiner.take()
        };
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }
}
