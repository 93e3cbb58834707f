//! Wakers that use a task's handles while they are woken or dropped.

use std::cell::RefCell;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::thread::{self, ThreadId};

use anyrt_core::AbortHandle;

use super::acting::When;
use crate::kit::Count;

/// Polls a join handle with the waker, and tells whether that was the last time.
type PollsJoin = Box<dyn FnMut(&mut Context<'_>) -> bool>;

thread_local! {
    /// The join handle that wakers poll on this thread.
    static JOINS: RefCell<Option<PollsJoin>> = const { RefCell::new(None) };
}

/// Has wakers that are woken on this thread poll `handle` in place, until it says that it is through.
pub(super) fn polled_in_place(handle: impl FnMut(&mut Context<'_>) -> bool + 'static) {
    let before = JOINS.replace(Some(Box::new(handle)));
    assert!(before.is_none(), "the handle before is not through");
}

/// Polls the handle that wakers poll on this thread, unless one of them does.
pub(super) fn poll_in_place(cx: &mut Context<'_>) {
    if let Some(mut polls) = JOINS.take() {
        if !polls(cx) {
            JOINS.set(Some(polls));
        }
    }
}

/// A joiner's waker that uses the handles of the task.
pub(super) struct Using {
    when: When,
    abort: AbortHandle,
    uses: Count,
    home: ThreadId,
    elsewhere: Count,
}

impl Using {
    /// Counts its uses, and how often it was woken on another thread than this, where it polls nothing.
    pub(super) fn waker(when: When, abort: &AbortHandle, uses: &Count, elsewhere: &Count) -> Waker {
        Waker::from(Arc::new(Self {
            when,
            abort: abort.clone(),
            uses: uses.clone(),
            home: thread::current().id(),
            elsewhere: elsewhere.clone(),
        }))
    }

    fn use_handles(&self) {
        let others = self.abort.clone();
        // Which of the two it says depends on when it is asked.
        let _ = others.is_finished();
        others.abort();
    }
}

impl Wake for Using {
    fn wake(self: Arc<Self>) {
        if self.when == When::Woken {
            self.use_handles();
            if thread::current().id() == self.home {
                poll_in_place(&mut Context::from_waker(&Waker::from(self.clone())));
            } else {
                self.elsewhere.add();
            }
            self.uses.add();
        }
    }
}

impl Drop for Using {
    fn drop(&mut self) {
        if self.when == When::Dropped {
            self.use_handles();
            self.uses.add();
        }
    }
}
