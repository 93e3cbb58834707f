use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread::{self, ThreadId};

use anyrt_core::AbortHandle;

use super::Fault;
use super::faults::Slot;
use crate::Layer;

/// How many runtimes with a fault were started in this process.
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// One started runtime with a fault, and what its parts must know of each other for it.
#[derive(Clone, Debug)]
pub(super) struct Run(Arc<State>);

struct State {
    fault: &'static dyn Fault,
    layer: Option<Arc<dyn Layer>>,
    home: ThreadId,
    is_first: bool,
    is_gone: AtomicBool,
    spawned: AtomicUsize,
    polls: AtomicUsize,
    aborts: Mutex<Vec<AbortHandle>>,
    slots: Mutex<Vec<Slot>>,
    root: Mutex<Option<Waker>>,
}

impl Run {
    /// `layer` is the sound layer, where tasks are `Send`.
    pub(super) fn new(fault: &'static dyn Fault, layer: Option<Arc<dyn Layer>>) -> Self {
        Self(Arc::new(State {
            fault,
            layer,
            home: thread::current().id(),
            is_first: STARTED.fetch_add(1, Ordering::Relaxed) == 0,
            is_gone: AtomicBool::new(false),
            spawned: AtomicUsize::new(0),
            polls: AtomicUsize::new(0),
            aborts: Mutex::default(),
            slots: Mutex::default(),
            root: Mutex::default(),
        }))
    }

    /// What is broken.
    pub(super) fn fault(&self) -> &'static dyn Fault {
        self.0.fault
    }

    /// The sound layer, for mutants that need a runtime whose tasks are `Send`.
    pub(super) fn layer(&self) -> Arc<dyn Layer> {
        let layer = self.0.layer.clone();
        layer.expect("the mutant needs `Shared`")
    }

    /// The sound layer, where tasks are `Send`.
    pub(super) fn shared_layer(&self) -> Option<Arc<dyn Layer>> {
        self.0.layer.clone()
    }

    /// Whether the caller is on the thread that started the runtime.
    pub(super) fn is_home(&self) -> bool {
        thread::current().id() == self.0.home
    }

    /// Whether it is the first runtime that this process started.
    pub(super) fn is_first(&self) -> bool {
        self.0.is_first
    }

    /// Notes that the shutdown has begun.
    pub(super) fn end(&self) {
        self.0.is_gone.store(true, Ordering::SeqCst);
    }

    /// Whether the shutdown has begun.
    pub(super) fn is_gone(&self) -> bool {
        self.0.is_gone.load(Ordering::SeqCst)
    }

    /// Counts something that is made one after another: how many came before.
    pub(super) fn count(&self) -> usize {
        self.0.spawned.fetch_add(1, Ordering::Relaxed)
    }

    /// How often [`count`](Self::count) was called.
    pub(super) fn counted(&self) -> usize {
        self.0.spawned.load(Ordering::Relaxed)
    }

    /// Counts a poll of a task: how many came before.
    pub(super) fn count_poll(&self) -> usize {
        self.0.polls.fetch_add(1, Ordering::Relaxed)
    }

    /// How the tasks are aborted.
    pub(super) fn aborts(&self) -> MutexGuard<'_, Vec<AbortHandle>> {
        self.0.aborts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the futures of the tasks are, for mutants that reach them from outside.
    pub(super) fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.0.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the future of a `block_on` is woken.
    pub(super) fn root(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.root.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}
