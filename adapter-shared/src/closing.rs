use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use crate::{ContainDrop, Contained};

/// What the tasks of one executor share, which ends them.
pub(crate) trait Tasks {
    /// Tells whether the executor was closed.
    fn is_closed(&self) -> bool;

    /// Keeps the waker of a task that was pending once, and returns its key. If the executor was closed meanwhile, wakes it instead.
    fn park(&self, waker: &Waker) -> Option<usize>;

    /// Lets go of the waker with a key.
    fn leave(&self, key: usize);
}

pin_project! {
    /// A task's future, which is dropped at the first poll after the executor was closed. `T` is the way to what the tasks share.
    pub(crate) struct Closing<F, T: Deref<Target: Tasks>> {
        // Dropped before the membership ends, so that the last task's destructor has run when the executor is finished.
        #[pin]
        future: ContainDrop<F>,
        membership: Membership<T>,
    }
}

impl<F, T: Deref<Target: Tasks>> Closing<F, T> {
    #[inline]
    pub(crate) fn new(tasks: T, future: F) -> Self
    where
        F: Future,
    {
        Self {
            future: ContainDrop::new(future),
            membership: Membership {
                tasks,
                key: NOT_PARKED,
            },
        }
    }
}

impl<F: Future, T: Deref<Target: Tasks>> Future for Closing<F, T> {
    type Output = Contained<F::Output>;

    // Always, as `ContainDrop`.
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if this.membership.tasks.is_closed() {
            return Poll::Ready(this.future.cancel());
        }
        let end = this.future.poll(cx);
        if end.is_pending() && this.membership.key == NOT_PARKED {
            this.membership.park(cx.waker());
        }
        end
    }
}

/// The key of a task that was not pending yet.
const NOT_PARKED: usize = usize::MAX;

/// One task's part in what the tasks share.
struct Membership<T: Deref<Target: Tasks>> {
    tasks: T,
    key: usize,
}

impl<T: Deref<Target: Tasks>> Membership<T> {
    /// Apart, as `leave`: the poll of a task that is never pending stays short.
    #[inline(never)]
    fn park(&mut self, waker: &Waker) {
        if let Some(key) = self.tasks.park(waker) {
            self.key = key;
        }
    }

    #[inline(never)]
    fn leave(&mut self) {
        self.tasks.leave(self.key);
    }
}

impl<T: Deref<Target: Tasks>> Drop for Membership<T> {
    #[inline]
    fn drop(&mut self) {
        if self.key != NOT_PARKED {
            self.leave();
        }
    }
}
