use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Wake;
use std::time::{Duration, Instant};

use crate::Stop;

/// A task as its wakers and abort handles know it: without its future.
pub struct Entry {
    pub(super) id: u64,
    /// A poll is due. While it is, the entry is in the queue, or about to be.
    pub(super) woken: AtomicBool,
    pub(super) stopped: AtomicBool,
    /// It was taken out of the queue while it was being polled: by a `block_on` inside that poll.
    pub(super) passed_over: AtomicBool,
    pub(super) queue: Arc<Queue>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").finish_non_exhaustive()
    }
}

impl Wake for Entry {
    fn wake(self: Arc<Self>) {
        if !self.woken.swap(true, Ordering::SeqCst) {
            let queue = self.queue.clone();
            queue.push(self);
        }
    }
}

impl Stop for Weak<Entry> {
    fn stop(&self) {
        if let Some(entry) = self.upgrade() {
            entry.stopped.store(true, Ordering::SeqCst);
            entry.wake();
        }
    }
}

/// The entries that are due, for one thread that waits and any that push.
#[derive(Default)]
pub(super) struct Queue {
    due: Mutex<Due>,
    pushed: Condvar,
}

#[derive(Default)]
struct Due {
    entries: VecDeque<Arc<Entry>>,
    /// The runtime is gone, and with it whoever would take an entry out.
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether the queue is open.
    pub(super) fn push(&self, entry: Arc<Entry>) -> bool {
        let mut due = self.lock();
        if !due.closed {
            due.entries.push_back(entry);
            self.pushed.notify_one();
        }
        !due.closed
    }

    pub(super) fn pop(&self) -> Option<Arc<Entry>> {
        self.lock().entries.pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    pub(super) fn close(&self) {
        let mut due = self.lock();
        due.closed = true;
        let entries = std::mem::take(&mut due.entries);
        drop(due);
        drop(entries);
    }

    /// Parks until an entry is due, `root` was woken, or `deadline` has passed.
    pub(super) fn park(&self, root: &Entry, deadline: Option<Instant>) {
        let mut due = self.lock();
        while due.entries.is_empty() && !root.woken.load(Ordering::SeqCst) {
            let left = deadline.map(|it| it.saturating_duration_since(Instant::now()));
            let left = left.unwrap_or(Duration::MAX);
            if left.is_zero() {
                return;
            }
            let woken = self.pushed.wait_timeout(due, left);
            due = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        // A queue that was long once is not kept so.
        due.entries.shrink_to(64);
    }
}
