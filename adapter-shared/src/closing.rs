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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{poll_fn, ready};
    use std::pin::pin;

    use super::*;

    #[derive(Default)]
    struct Counts {
        parked: Cell<usize>,
        left: Cell<usize>,
    }

    impl Tasks for Counts {
        fn is_closed(&self) -> bool {
            false
        }

        fn park(&self, _: &Waker) -> Option<usize> {
            self.parked.set(self.parked.get() + 1);
            Some(self.parked.get())
        }

        fn leave(&self, key: usize) {
            assert_eq!(key, 1);
            self.left.set(self.left.get() + 1);
        }
    }

    #[test]
    fn a_task_is_parked_at_its_first_wait_only() {
        let counts = Counts::default();
        let mut cx = Context::from_waker(Waker::noop());
        let mut polls = 0;
        {
            let future = poll_fn(|_| {
                polls += 1;
                if polls < 4 {
                    Poll::Pending
                } else {
                    Poll::Ready(())
                }
            });
            let mut task = pin!(Closing::new(&counts, future));
            while task.as_mut().poll(&mut cx).is_pending() {
                assert_eq!((counts.parked.get(), counts.left.get()), (1, 0));
            }
        }
        assert_eq!((counts.parked.get(), counts.left.get()), (1, 1));
    }

    #[test]
    fn a_task_that_never_waits_is_not_parked() {
        let counts = Counts::default();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(
            pin!(Closing::new(&counts, ready(())))
                .poll(&mut cx)
                .is_ready()
        );
        assert_eq!((counts.parked.get(), counts.left.get()), (0, 0));
    }
}
