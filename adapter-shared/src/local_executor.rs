use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};

use async_task::FallibleTask;
use slab::Slab;

use crate::closing::{Closing, Tasks};
use crate::{ContainDrop, Contained};

/// async-executor's `LocalExecutor`, and what it lacks: an end that leaves no task behind.
///
/// Once it is closed, a task drops its future when it is polled, and [`close`](Self::close) runs tasks until none is left.
/// Dropping async-executor's does not suffice: it drops what is in its queue once, and a task that another thread is waking at
/// that moment comes later.
///
/// # Contract
///
/// The destructors of its tasks run on its own thread only.
///
/// # Cost
///
/// Each task keeps a reference to its executor, and when it is pending for the first time its waker enters a list: 16 bytes.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::JoinHandle;
/// use anyrt_shared::{LocalExecutor, LocalTask};
///
/// let executor = Rc::new(LocalExecutor::new());
/// let parked = JoinHandle::new(LocalTask::spawn(&executor, std::future::pending::<()>()));
/// executor.close();
/// assert!(parked.is_finished());
/// ```
pub struct LocalExecutor {
    inner: async_executor::LocalExecutor<'static>,
    is_closed: Cell<bool>,
    /// The wakers of the tasks that were pending once, so that the close reaches those that nobody would wake.
    parked: RefCell<Slab<Waker>>,
}

impl LocalExecutor {
    /// Makes an executor without tasks.
    #[inline]
    pub fn new() -> Self {
        Self {
            inner: async_executor::LocalExecutor::new(),
            is_closed: Cell::new(false),
            parked: RefCell::new(Slab::new()),
        }
    }

    /// Spawns `future`. If the executor was closed, drops it and returns `None`.
    #[inline]
    pub(crate) fn spawn<F>(self: &Rc<Self>, future: F) -> Option<FallibleTask<Contained<F::Output>>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        if self.is_closed() {
            drop(ContainDrop::new(future));
            return None;
        }
        let task = Closing::new(self.clone(), future);
        Some(self.inner.spawn(task).fallible())
    }

    /// Runs tasks until `future` is ready.
    #[inline]
    pub fn run<T>(&self, future: impl Future<Output = T>) -> impl Future<Output = T> {
        self.inner.run(future)
    }

    /// Runs one task that is runnable, and tells whether there was one.
    #[inline]
    pub fn try_tick(&self) -> bool {
        self.inner.try_tick()
    }

    /// Tells whether no task is left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// Tells whether it was closed.
    #[inline]
    pub fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Drops all tasks, on this thread and before it returns. A later spawn drops its future.
    ///
    /// A panic of a destructor is contained. Called again, it does nothing.
    ///
    /// It waits for threads that are waking a task at this moment, and must not be called in a task of this executor: that task
    /// would be waited for as well.
    pub fn close(&self) {
        if self.is_closed.replace(true) {
            return;
        }
        let parked: Vec<Waker> = self
            .parked
            .borrow()
            .iter()
            .map(|(_, waker)| waker.clone())
            .collect();
        parked.into_iter().for_each(Waker::wake);
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        while !self.is_empty() {
            // A panic here is one of a joiner's waker.
            catch_unwind(AssertUnwindSafe(|| self.wait_for_tick(&waker))).ok();
        }
    }

    /// Runs one task, and waits until one is runnable.
    fn wait_for_tick(&self, waker: &Waker) {
        let mut tick = pin!(self.inner.tick());
        while tick
            .as_mut()
            .poll(&mut Context::from_waker(waker))
            .is_pending()
        {
            thread::park();
        }
    }
}

impl Default for LocalExecutor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalExecutor").finish_non_exhaustive()
    }
}

impl Tasks for LocalExecutor {
    #[inline]
    fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    #[inline]
    fn park(&self, waker: &Waker) -> Option<usize> {
        Some(self.parked.borrow_mut().insert(waker.clone()))
    }

    #[inline]
    fn leave(&self, key: usize) {
        let waker = self.parked.borrow_mut().try_remove(key);
        drop(waker);
    }
}

/// Unparks the thread that closes.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_wake_unparks_the_thread_that_closes() {
        const MINUTE: Duration = Duration::from_secs(60);
        let waker = || Waker::from(Arc::new(Unpark(thread::current())));
        for wake in [|waker: Waker| waker.wake_by_ref(), Waker::wake] {
            wake(waker());
            let began = Instant::now();
            thread::park_timeout(MINUTE);
            assert!(began.elapsed() < MINUTE);
        }
    }
}
