//! The list of the tasks that run.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use anyrt_core::AbortHandle;

use super::TaskPanic;
use crate::slab::Slab;
use crate::sync::lock;
use crate::wait_queue::{Removed, WaitQueue};
use crate::{CancellationToken, TaskInfo};

/// The number of panics kept, so that a server that runs for years does not fill its memory with them.
pub(super) const KEPT_PANICS: usize = 64;

pub(super) type PanicHook = Arc<dyn Fn(&TaskPanic) + Send + Sync>;

#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    token: CancellationToken,
}

struct State {
    tasks: Slab<Entry>,
    serial: u64,
    closed: bool,
    /// Whether tasks whose abort handle comes late are to be aborted.
    aborting: bool,
    waiters: WaitQueue,
    /// The first `KEPT_PANICS`.
    panics: Vec<TaskPanic>,
    hook: Option<PanicHook>,
}

struct Entry {
    info: TaskInfo,
    serial: u64,
    /// `None` until the spawn has returned, and for what cannot be aborted.
    abort: Option<AbortHandle>,
}

/// A task's place in the list. Keys are reused, serials are not.
#[derive(Clone, Copy)]
pub(super) struct Id {
    key: usize,
    serial: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            tasks: Slab::new(),
            serial: 0,
            closed: false,
            aborting: false,
            waiters: WaitQueue::new(),
            panics: Vec::new(),
            hook: None,
        }
    }
}

impl State {
    fn is_drained(&self) -> bool {
        self.closed && self.tasks.len() == 0
    }

    /// The waiters to wake now, whose keys stay valid and say that they were woken.
    fn drained(&mut self) -> Vec<std::task::Waker> {
        if self.is_drained() {
            std::iter::from_fn(|| self.waiters.pop()).collect()
        } else {
            Vec::new()
        }
    }
}

impl Shared {
    pub(super) fn new(token: CancellationToken) -> Self {
        Self {
            state: Mutex::default(),
            token,
        }
    }

    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Keeps what aborts a task, if it has not ended already.
    pub(super) fn arm(&self, id: Id, abort: AbortHandle) {
        let mut state = lock(&self.state);
        let aborting = state.aborting;
        match state.tasks.get_mut(id.key) {
            Some(entry) if entry.serial == id.serial => {
                entry.abort = Some(abort.clone());
                drop(state);
                if aborting {
                    abort.abort();
                }
            }
            _ => drop(state),
        }
    }

    pub(super) fn abort_all(&self) {
        let mut state = lock(&self.state);
        state.aborting = true;
        let aborts: Vec<_> = state
            .tasks
            .iter()
            .filter_map(|entry| entry.abort.clone())
            .collect();
        drop(state);
        for abort in aborts {
            abort.abort();
        }
    }

    pub(super) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let woken = state.drained();
        drop(state);
        for waker in woken {
            waker.wake();
        }
    }

    pub(super) fn reopen(&self) -> bool {
        let mut state = lock(&self.state);
        state.aborting = false;
        std::mem::replace(&mut state.closed, false)
    }

    pub(super) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.state).tasks.len()
    }

    pub(super) fn running(&self) -> Vec<TaskInfo> {
        let state = lock(&self.state);
        state.tasks.iter().map(|entry| entry.info.clone()).collect()
    }

    pub(super) fn panics(&self) -> Vec<TaskPanic> {
        lock(&self.state).panics.clone()
    }

    pub(super) fn set_hook(&self, hook: PanicHook) {
        let old = lock(&self.state).hook.replace(hook);
        drop(old);
    }

    /// Polls for the moment at which the tracker is closed and empty; `key` is the waiter's.
    pub(super) fn poll_drained(&self, key: &mut Option<usize>, cx: &mut Context<'_>) -> Poll<()> {
        // Cloned and dropped without the lock: both run code that is not ours.
        let waker = cx.waker().clone();
        let mut state = lock(&self.state);
        if state.is_drained() || key.is_some_and(|key| state.waiters.is_popped(key)) {
            let removed = key.take().map(|key| state.waiters.remove(key));
            drop(state);
            drop(removed);
            return Poll::Ready(());
        }
        let old = match *key {
            Some(key) => Some(state.waiters.replace(key, waker)),
            None => {
                *key = Some(state.waiters.push(waker));
                None
            }
        };
        drop(state);
        drop(old);
        Poll::Pending
    }

    pub(super) fn stop_waiting(&self, key: usize) {
        let removed = lock(&self.state).waiters.remove(key);
        if let Removed::Waiting(waker) = removed {
            drop(waker);
        }
    }
}

/// Keeps a task in the list until it is dropped.
pub(super) struct Registration {
    shared: Arc<Shared>,
    id: Id,
}

impl Registration {
    pub(super) fn new(shared: Arc<Shared>, info: TaskInfo) -> Self {
        let mut state = lock(&shared.state);
        let serial = state.serial;
        state.serial += 1;
        let key = state.tasks.insert(Entry {
            info,
            serial,
            abort: None,
        });
        drop(state);
        Self {
            shared,
            id: Id { key, serial },
        }
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    /// Runs a part of the task. Records a panic of it and resumes it.
    #[inline]
    pub(super) fn watch<T>(&self, run: impl FnOnce() -> T) -> T {
        // Nothing is looked at after a panic: it goes on, and ends the task.
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(output) => output,
            Err(payload) => {
                self.note(&*payload);
                resume_unwind(payload)
            }
        }
    }

    #[cold]
    fn note(&self, payload: &(dyn Any + Send)) {
        let mut state = lock(&self.shared.state);
        let Some(entry) = state.tasks.get_mut(self.id.key) else {
            return;
        };
        let panic = TaskPanic::new(entry.info.clone(), payload);
        if state.panics.len() < KEPT_PANICS {
            state.panics.push(panic.clone());
        }
        let hook = state.hook.clone();
        drop(state);
        if let Some(hook) = hook {
            // A hook that panics must not replace the panic of the task.
            drop(catch_unwind(AssertUnwindSafe(|| hook(&panic))));
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        let entry = state.tasks.remove(self.id.key);
        let woken = state.drained();
        drop(state);
        drop(entry);
        for waker in woken {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use anyrt_core::SpawnMeta;

    use super::*;

    #[test]
    fn a_task_that_has_ended_leaves_its_place_to_the_next() {
        let shared = Arc::new(Shared::default());
        let register = || Registration::new(shared.clone(), TaskInfo::new(SpawnMeta::unnamed()));
        let abort = |aborts: &Arc<AtomicUsize>| {
            let count = |aborts: &Arc<AtomicUsize>| {
                aborts.fetch_add(1, Ordering::Relaxed);
            };
            AbortHandle::new(aborts.clone(), count, |_| false)
        };
        let (old, new) = (Arc::default(), Arc::default());
        let ended = register();
        let id = ended.id();
        drop(ended);
        let next = register();
        assert_eq!(next.id().key, id.key);
        shared.arm(next.id(), abort(&new));
        // Its spawn returns only now.
        shared.arm(id, abort(&old));
        shared.abort_all();
        assert_eq!(
            (old.load(Ordering::Relaxed), new.load(Ordering::Relaxed)),
            (0, 1)
        );
    }
}
