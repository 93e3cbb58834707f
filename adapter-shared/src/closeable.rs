use std::fmt;
use std::future::{Future, pending, poll_fn};
use std::mem::take;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};

use async_executor::Executor;
use async_task::FallibleTask;
use slab::Slab;

use crate::closing::{Closing, Tasks};
use crate::{Closures, ContainDrop, Contained};

/// async-executor's `Executor`, and what it lacks: an end that leaves no task behind.
///
/// Once it is closed, a task drops its future when it is polled, so that its workers end its tasks by running them. Dropping
/// async-executor's does not suffice: it drops what is in its queue once, and a task that another thread is waking at that
/// moment comes later. See `docs/adr/0015-an-owned-runtime-is-smols-executor.md`.
///
/// # Cost
///
/// Each task keeps a reference to what the tasks share, and when it is pending for the first time its waker enters a list under
/// a lock.
///
/// # Examples
///
/// ```
/// use std::future::pending;
/// use anyrt_shared::Closeable;
///
/// let executor = Closeable::new();
/// let task = executor.spawn(pending::<()>()).expect("it is open");
/// executor.close();
/// async_io::block_on(executor.run()); // ends, since the task is dropped
/// assert!(task.is_finished());
/// assert!(executor.spawn(pending::<()>()).is_none());
/// ```
pub struct Closeable {
    executor: Executor<'static>,
    /// Its tasks keep this alive, and until it is closed so does `open`.
    tasks: Weak<Group>,
    open: Mutex<Option<Arc<Group>>>,
    finished: Arc<Finished>,
    /// Those that were submitted through its handles.
    closures: Arc<Closures>,
}

impl Closeable {
    /// Makes an executor without tasks.
    pub fn new() -> Self {
        let finished = Arc::<Finished>::default();
        let tasks = Arc::new(Group {
            is_closed: AtomicBool::new(false),
            parked: Mutex::default(),
            finished: finished.clone(),
        });
        Self {
            executor: Executor::new(),
            tasks: Arc::downgrade(&tasks),
            open: Mutex::new(Some(tasks)),
            finished,
            closures: Arc::default(),
        }
    }

    #[inline]
    /// Returns the count of the blocking closures that were submitted through its handles.
    pub fn closures(&self) -> &Arc<Closures> {
        &self.closures
    }

    /// Spawns `future`. If the executor was closed, drops it and returns `None`.
    #[inline]
    pub fn spawn<F>(&self, future: F) -> Option<FallibleTask<Contained<F::Output>>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let Some(tasks) = self.tasks.upgrade().filter(|tasks| !tasks.is_closed()) else {
            drop(ContainDrop::new(future));
            return None;
        };
        // If it is closed meanwhile, `tasks` keeps the workers until they have run this one.
        let task = Closing::new(tasks, future);
        Some(self.executor.spawn(task).fallible())
    }

    /// Runs tasks until the executor was closed and no task is left.
    pub async fn run(&self) {
        self.executor.run(self.finished.wait()).await;
    }

    /// Takes no more tasks, and makes those that it has runnable. Returns at once, and tells whether it was open.
    pub fn close(&self) -> bool {
        let open = self
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(tasks) = open else {
            return false;
        };
        tasks.close();
        true
    }

    /// Runs the tasks that are runnable, on this thread, and waits for nothing.
    ///
    /// It takes also those that a worker took for itself before it was stuck.
    pub fn drain(&self) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(woken.clone());
        let mut run = pin!(self.executor.run(pending::<()>()));
        while woken.0.swap(false, Ordering::AcqRel) {
            let _never = run.as_mut().poll(&mut Context::from_waker(&waker));
        }
    }
}

impl Default for Closeable {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Closeable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closeable").finish_non_exhaustive()
    }
}

/// What the tasks of one executor share. It is dropped with the last of them, once the executor was closed.
struct Group {
    is_closed: AtomicBool,
    parked: Mutex<Parked>,
    finished: Arc<Finished>,
}

/// The tasks that were pending once, so that the close reaches those that nobody would wake.
#[derive(Default)]
struct Parked {
    wakers: Slab<Waker>,
    is_closed: bool,
}

impl Group {
    fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        let mut parked = self.parked();
        parked.is_closed = true;
        let wakers: Vec<Waker> = parked
            .wakers
            .iter()
            .map(|(_, waker)| waker.clone())
            .collect();
        drop(parked);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn parked(&self) -> MutexGuard<'_, Parked> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tasks for Group {
    #[inline]
    fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    #[inline]
    fn park(&self, waker: &Waker) -> Option<usize> {
        let mut parked = self.parked();
        if parked.is_closed {
            drop(parked);
            // The close did not find this task.
            waker.wake_by_ref();
            return None;
        }
        Some(parked.wakers.insert(waker.clone()))
    }

    #[inline]
    fn leave(&self, key: usize) {
        let waker = self.parked().wakers.try_remove(key);
        drop(waker);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.finished.notify();
    }
}

/// Wakes the workers when no task is left.
#[derive(Default)]
struct Finished {
    is_finished: AtomicBool,
    workers: Mutex<Vec<Waker>>,
}

impl Finished {
    async fn wait(&self) {
        let mut registered: Option<Waker> = None;
        poll_fn(|cx| {
            let is_known = registered
                .as_ref()
                .is_some_and(|waker| waker.will_wake(cx.waker()));
            if !is_known {
                registered = Some(cx.waker().clone());
                self.workers().push(cx.waker().clone());
            }
            // Looked at after the waker is in the list: either this sees it, or `notify` finds the waker.
            if self.is_finished.load(Ordering::SeqCst) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    fn notify(&self) {
        self.is_finished.store(true, Ordering::SeqCst);
        let workers = take(&mut *self.workers());
        workers.into_iter().for_each(Waker::wake);
    }

    fn workers(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Remembers that it was woken.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drain_reaches_each_task() {
        // More than the executor runs before it yields.
        const TASKS: usize = 1000;
        let executor = Closeable::new();
        let alive = Arc::new(());
        for _ in 0..TASKS {
            let alive = alive.clone();
            let task = executor.spawn(async move {
                let _alive = alive;
                pending::<()>().await;
            });
            task.unwrap().detach();
        }
        executor.drain();
        assert_eq!(Arc::strong_count(&alive), 1 + TASKS);
        assert!(executor.close());
        executor.drain();
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    #[test]
    fn a_wake_during_a_drain_is_remembered() {
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        Waker::from(woken.clone()).wake_by_ref();
        assert!(woken.0.swap(false, Ordering::Relaxed));
        Waker::from(woken.clone()).wake();
        assert!(woken.0.load(Ordering::Relaxed));
    }
}
