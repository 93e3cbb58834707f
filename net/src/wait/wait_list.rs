use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::list::List;
use crate::Place;

/// Many wakers behind one, for adapters whose runtime keeps a single waker per socket and direction.
///
/// # Contract
///
/// An event wakes all that wait, each of which tries again; so one that was dropped takes no wake-up with it
/// (`net::dropped_waiter_passes_on`).
///
/// # For runtime authors
///
/// Keep one list per direction in a socket, take [`Place`] as its waiter, and call [`poll`](Self::poll) around the runtime's own
/// poll. Rules see a list that is missing (`net::many_acceptors`, `net::many_receivers`).
///
/// # Cost
///
/// One allocation when it is made. A poll that is ready reads one atomic number. One that is pending takes a lock, and clones
/// the waker when it is a new one. The second and later tasks that wait at once share an allocation that grows with their
/// number.
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
        let before = self.list.events();
        match poll(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(value) => {
                place.forget();
                Poll::Ready(value)
            }
            Poll::Pending => {
                if !place.keep(&self.list, cx.waker(), before) {
                    cx.waker().wake_by_ref();
                }
                Poll::Pending
            }
        }
    }
}

impl Default for WaitList {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WaitList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitList").finish_non_exhaustive()
    }
}
