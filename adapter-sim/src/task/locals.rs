//! The futures of local tasks: they stay on the home thread, so a table of that thread keeps them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::TaskId;
use crate::task::job::End;

pub(crate) type LocalFuture = Pin<Box<dyn Future<Output = End>>>;

thread_local! {
    static LOCALS: RefCell<Vec<Rc<Locals>>> = const { RefCell::new(Vec::new()) };
}

pub(crate) struct Locals {
    /// The number of the simulation.
    owner: u64,
    futures: RefCell<BTreeMap<TaskId, LocalFuture>>,
}

impl Locals {
    pub(crate) fn put(&self, task: TaskId, future: LocalFuture) {
        self.futures.borrow_mut().insert(task, future);
    }

    pub(crate) fn take(&self, task: TaskId) -> Option<LocalFuture> {
        self.futures.borrow_mut().remove(&task)
    }
}

/// Makes the calling thread the home of `owner`'s local tasks.
pub(crate) fn open(owner: u64) {
    LOCALS.with_borrow_mut(|all| {
        all.push(Rc::new(Locals {
            owner,
            futures: RefCell::default(),
        }));
    });
}

pub(crate) fn of(owner: u64) -> Option<Rc<Locals>> {
    LOCALS
        .try_with(|all| {
            let all = all.borrow();
            all.iter().find(|locals| locals.owner == owner).cloned()
        })
        .ok()
        .flatten()
}

pub(crate) fn take(owner: u64, task: TaskId) -> Option<LocalFuture> {
    of(owner).and_then(|locals| locals.take(task))
}

/// Forgets the table of `owner`, and drops what is still in it.
pub(crate) fn close(owner: u64) {
    let mine = LOCALS.try_with(|all| {
        let mut all = all.borrow_mut();
        let at = all.iter().position(|locals| locals.owner == owner)?;
        Some(all.swap_remove(at))
    });
    drop(mine);
}
