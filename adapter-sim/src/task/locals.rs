//! The futures of local tasks: they stay on the home thread, so a table of that thread keeps them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::TaskId;
use crate::schedule::shared::Shared;
use crate::task::job::End;

pub(crate) type LocalFuture = Pin<Box<dyn Future<Output = End>>>;

thread_local! {
    static LOCALS: RefCell<Vec<Rc<Locals>>> = const { RefCell::new(Vec::new()) };
}

pub(crate) struct Locals {
    /// The address of the simulation, which outlives this: [`close`] comes first.
    owner: usize,
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

fn address(shared: &Shared) -> usize {
    std::ptr::from_ref(shared).addr()
}

/// Makes the calling thread the home of `shared`'s local tasks.
pub(crate) fn open(shared: &Shared) {
    LOCALS.with_borrow_mut(|all| {
        all.push(Rc::new(Locals {
            owner: address(shared),
            futures: RefCell::default(),
        }));
    });
}

pub(crate) fn of(shared: &Shared) -> Option<Rc<Locals>> {
    let owner = address(shared);
    LOCALS
        .try_with(|all| {
            let all = all.borrow();
            all.iter().find(|locals| locals.owner == owner).cloned()
        })
        .ok()
        .flatten()
}

pub(crate) fn take(shared: &Shared, task: TaskId) -> Option<LocalFuture> {
    of(shared).and_then(|locals| locals.take(task))
}

/// Forgets the table of `shared`, and drops what is still in it.
pub(crate) fn close(shared: &Shared) {
    let owner = address(shared);
    let mine = LOCALS.try_with(|all| {
        let mut all = all.borrow_mut();
        let at = all.iter().position(|locals| locals.owner == owner)?;
        Some(all.swap_remove(at))
    });
    drop(mine);
}
