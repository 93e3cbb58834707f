use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use pin_project_lite::pin_project;
use slab::Slab;

use crate::executor::home;

/// The tasks that were pending on one worker first, so that a shutdown reaches those whose wakers are elsewhere.
///
/// A task that is ready at its first poll never comes here: until then it is in a queue, where a shutdown finds it.
#[derive(Default)]
pub(crate) struct Registry {
    parked: Mutex<Parked>,
    emptied: Condvar,
}

#[derive(Default)]
struct Parked {
    wakers: Slab<Waker>,
    /// Takes no more.
    closed: bool,
}

impl Registry {
    /// Closes it, and makes every task in it runnable, which is how its executor gets hold of it.
    pub(crate) fn close(&self) {
        let mut parked = self.lock();
        parked.closed = true;
        let wakers: Vec<Waker> = parked
            .wakers
            .iter()
            .map(|(_, waker)| waker.clone())
            .collect();
        // To wake is to come back here: the future may be dropped at once.
        drop(parked);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Waits until the futures of all its tasks were dropped, and tells whether they were.
    pub(crate) fn wait(&self, until: Option<Instant>) -> bool {
        let mut parked = self.lock();
        while !parked.wakers.is_empty() {
            let Some(until) = until else {
                let woken = self.emptied.wait(parked);
                parked = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let woken = self.emptied.wait_timeout(parked, left);
            parked = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Parked> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pin_project! {
    /// A task's future, which is entered into a registry once it was pending.
    pub(crate) struct Registered<F> {
        // Dropped before the entry goes, so that an empty registry says that its futures are gone.
        #[pin]
        future: F,
        entry: Option<Entry>,
    }
}

impl<F> Registered<F> {
    #[inline]
    pub(crate) fn new(future: F) -> Self {
        Self {
            future,
            entry: None,
        }
    }
}

impl<F: Future> Future for Registered<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(output);
        }
        if this.entry.is_none() {
            *this.entry = Entry::new(cx.waker());
        }
        Poll::Pending
    }
}

/// A place in a registry, given back when it is dropped.
struct Entry {
    registry: Arc<Registry>,
    key: usize,
}

impl Entry {
    fn new(waker: &Waker) -> Option<Self> {
        let registry = home();
        let mut parked = registry.lock();
        if parked.closed {
            drop(parked);
            // Back to the executor, which drops it.
            waker.wake_by_ref();
            return None;
        }
        let key = parked.wakers.insert(waker.clone());
        drop(parked);
        Some(Self { registry, key })
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut parked = self.registry.lock();
        let waker = parked.wakers.try_remove(self.key);
        if parked.closed && parked.wakers.is_empty() {
            self.registry.emptied.notify_all();
        }
        drop(parked);
        drop(waker);
    }
}
