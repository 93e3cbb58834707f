use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::slots::Slots;
use crate::Place;

/// How many wakers are taken out under one lock.
const BATCH: usize = 8;

/// Many wakers behind one, for adapters whose runtime keeps a single waker per socket and direction.
///
/// # For runtime authors
///
/// Keep one list per direction in a socket, take [`Place`] as its waiter, and call [`poll`](Self::poll) around the runtime's own
/// poll. Rules see a list that is missing (`net::many_acceptors`, `net::many_receivers`).
///
/// # Contract
///
/// An event wakes all that wait, each of which tries again; so one that was dropped takes no wake-up with it
/// (`net::dropped_waiter_passes_on`).
///
/// # Cost
///
/// Two allocations when it is made. A poll that is ready reads one atomic number. One that is pending takes a lock, and clones
/// the waker when it is a new one.
///
/// # Examples
///
/// ```
/// use std::task::{Context, Poll, Waker};
/// use anyrt_net::{Place, WaitList};
///
/// let list = WaitList::new();
/// let mut place = Place::default();
/// let mut cx = Context::from_waker(Waker::noop());
/// // A runtime's poll, which would keep the waker that it is passed.
/// let poll = list.poll(&mut place, &mut cx, |_| Poll::<()>::Pending);
/// assert!(poll.is_pending());
/// ```
pub struct WaitList {
    list: Arc<List>,
    /// The one waker that the runtime sees. Kept, so that the runtime finds it unchanged and clones nothing.
    waker: Waker,
}

#[derive(Default)]
pub(super) struct List {
    /// Counts the events, to notice one between a look at the socket and the entry in the list. Changed under the lock.
    events: AtomicU64,
    slots: Mutex<Slots>,
}

impl WaitList {
    /// An empty list.
    pub fn new() -> Self {
        let list = Arc::<List>::default();
        Self {
            waker: Waker::from(Arc::clone(&list)),
            list,
        }
    }

    /// The waker that stands for all of them, for a runtime that is told its waker apart from a poll.
    pub fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Calls `poll` with the shared waker; where that is pending, keeps the caller's in `place`.
    #[inline]
    pub fn poll<T>(
        &self,
        place: &mut Place,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let before = self.list.events.load(Ordering::Acquire);
        match poll(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(value) => {
                place.forget();
                Poll::Ready(value)
            }
            Poll::Pending => {
                self.keep(place, cx.waker(), before);
                Poll::Pending
            }
        }
    }

    fn keep(&self, place: &mut Place, waker: &Waker, before: u64) {
        // Before the lock is taken: to leave a list takes that one's.
        place.leave_others(&self.list);
        let mut slots = self.list.lock();
        if self.list.events.load(Ordering::Relaxed) != before {
            drop(slots);
            waker.wake_by_ref();
            return;
        }
        let index = place.enter(&self.list, &mut slots);
        let old = slots.keep(index, waker);
        // A waker is somebody else's code.
        drop(slots);
        drop(old);
    }
}

impl Default for WaitList {
    fn default() -> Self {
        Self::new()
    }
}

impl List {
    pub(super) fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for List {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut slots = self.lock();
        self.events.fetch_add(1, Ordering::Release);
        let mut from = 0;
        loop {
            let mut batch = [const { None }; BATCH];
            let next = slots.drain(from, &mut batch);
            drop(slots);
            batch.into_iter().flatten().for_each(Waker::wake);
            match next {
                Some(next) => from = next,
                None => return,
            }
            slots = self.lock();
        }
    }
}

impl fmt::Debug for WaitList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitList").finish_non_exhaustive()
    }
}
