//! Which simulation the calling thread runs in.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use crate::TaskId;
use crate::report::label::Label;
use crate::schedule::shared::Shared;

thread_local! {
    static CONTEXT: RefCell<Vec<Arc<Shared>>> = const { RefCell::new(Vec::new()) };
}

/// Makes `simulation` the current one until the guard is dropped.
pub(crate) fn enter(simulation: Arc<Shared>) -> Entered {
    // In a destructor of a thread-local there may be no table left; nothing is current there then.
    let entered = CONTEXT
        .try_with(|all| all.borrow_mut().push(simulation))
        .is_ok();
    Entered(entered)
}

pub(crate) fn current() -> Option<Arc<Shared>> {
    CONTEXT
        .try_with(|all| all.borrow().last().cloned())
        .ok()
        .flatten()
}

/// The task that the calling thread polls, and the virtual time; for a panic hook, which may be called at any time.
pub(crate) fn running() -> Option<((TaskId, Label), Duration)> {
    let shared = CONTEXT
        .try_with(|all| all.try_borrow().ok()?.last().cloned())
        .ok()
        .flatten()?;
    shared.try_running()
}

pub(crate) struct Entered(bool);

impl Drop for Entered {
    fn drop(&mut self) {
        if self.0 {
            // Dropped after the table was let go of.
            let left = CONTEXT.try_with(|all| all.borrow_mut().pop());
            drop(left);
        }
    }
}
