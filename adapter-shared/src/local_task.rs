use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, poll_fn};
use std::mem::replace;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use anyrt_core::{AbortHandle, JoinError, RawTask};
use async_task::FallibleTask;

use crate::contain_drop::discard;
use crate::slot::Slot;
use crate::{Contained, Joinable, LocalExecutor, settle};

/// A task on a local executor, whose future and output need not be `Send`.
///
/// # Cost
///
/// Three words; `abort` allocates twice. The first `abort_handle` starts a small task on the local executor, which makes the
/// request there and ends with the task or with the last abort handle: a task that was woken before may be polled once more.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::JoinHandle;
/// use anyrt_shared::{LocalExecutor, LocalTask};
///
/// let executor = Rc::new(LocalExecutor::new());
/// let task = LocalTask::spawn(&executor, async { Rc::new(42) });
/// let output = async_io::block_on(executor.run(JoinHandle::new(task)))?;
/// assert_eq!(*output, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
pub struct LocalTask<T: 'static> {
    inner: Inner<T>,
    /// For the watcher.
    executor: Rc<LocalExecutor>,
}

enum Inner<T: 'static> {
    Own(Slot<Native<T>>),
    /// An abort handle was asked for.
    Shared(Rc<Shared<T>>),
}

impl<T: 'static> LocalTask<T> {
    /// Spawns `future`. If the executor was closed, drops it and returns a task that is cancelled already.
    #[inline]
    pub fn spawn<F>(executor: &Rc<LocalExecutor>, future: F) -> Self
    where
        F: Future<Output = T> + 'static,
    {
        let slot = executor
            .spawn(future)
            .map_or(Slot::Dead, |task| Slot::Running(Native(task)));
        Self {
            inner: Inner::Own(slot),
            executor: executor.clone(),
        }
    }
}

impl<T: 'static> RawTask for LocalTask<T> {
    type Output = T;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        match &mut self.inner {
            Inner::Own(slot) => slot.poll_join(cx),
            Inner::Shared(shared) => {
                let end = shared.slot.borrow_mut().poll_join(cx);
                if end.is_ready() {
                    shared.signal.over.store(true, Ordering::Release);
                    shared.signal.notify();
                }
                end
            }
        }
    }

    fn abort(&mut self) {
        match &mut self.inner {
            Inner::Own(slot) => slot.abort(),
            Inner::Shared(shared) => shared.slot.borrow_mut().abort(),
        }
    }

    #[inline]
    fn is_finished(&self) -> bool {
        match &self.inner {
            Inner::Own(slot) => slot.is_finished(),
            Inner::Shared(shared) => shared.slot.borrow().is_finished(),
        }
    }

    #[inline]
    fn detach(&mut self) {
        match replace(&mut self.inner, Inner::Own(Slot::Joined)) {
            Inner::Own(mut slot) => slot.detach(),
            Inner::Shared(shared) => {
                shared.detached.set(true);
                shared.signal.notify();
            }
        }
    }

    fn abort_handle(&mut self) -> AbortHandle {
        if self.executor.is_closed() {
            return AbortHandle::new((), |()| {}, |()| true);
        }
        let shared = match replace(&mut self.inner, Inner::Own(Slot::Joined)) {
            Inner::Own(slot) => Rc::new(Shared {
                slot: RefCell::new(slot),
                detached: Cell::new(false),
                watched: Cell::new(false),
                signal: Arc::default(),
            }),
            Inner::Shared(shared) => shared,
        };
        let remote = Remote::new(&shared.signal);
        if !shared.watched.replace(true) {
            let watched = shared.clone();
            let watcher = self
                .executor
                .spawn(poll_fn(move |cx| watched.poll_watch(cx)));
            watcher.into_iter().for_each(FallibleTask::detach);
        }
        self.inner = Inner::Shared(shared);
        AbortHandle::new(remote, Remote::abort, Remote::is_over)
    }

    fn abort_and_detach(&mut self) {
        match &mut self.inner {
            Inner::Own(slot) => slot.abandon(),
            Inner::Shared(_) => {
                self.abort();
                self.detach();
            }
        }
    }
}

impl<T> fmt::Debug for LocalTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTask").finish_non_exhaustive()
    }
}

/// async-task's own handle, with an output that need not be `Send`.
struct Native<T>(FallibleTask<Contained<T>>);

impl<T> Joinable for Native<T> {
    type Output = T;
    type Cancel = Pin<Box<dyn Future<Output = Option<Contained<T>>>>>;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        settle(|| Pin::new(&mut self.0).poll(cx))
    }

    #[inline]
    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    fn cancel(self) -> Self::Cancel
    where
        T: 'static,
    {
        Box::pin(self.0.cancel())
    }

    #[inline]
    fn detach(self) {
        self.0.detach();
    }

    #[inline]
    fn abandon(self)
    where
        T: 'static,
    {
        drop(self);
    }
}

/// What the join handle and the watcher share on the owner's thread.
struct Shared<T: 'static> {
    slot: RefCell<Slot<Native<T>>>,
    /// The join handle was dropped, so the watcher waits in its place and drops the output.
    detached: Cell<bool>,
    /// The watcher runs.
    watched: Cell<bool>,
    signal: Arc<Signal>,
}

impl<T: 'static> Shared<T> {
    fn poll_watch(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.signal.register(Some(cx.waker()));
        if self.poll_end(cx) || self.signal.handles.load(Ordering::Acquire) == 0 {
            self.watched.set(false);
            self.signal.register(None);
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Makes a request that came, and tells whether there is nothing left to wait for.
    fn poll_end(&self, cx: &mut Context<'_>) -> bool {
        let mut slot = self.slot.borrow_mut();
        if self.signal.aborted.load(Ordering::Acquire) {
            slot.abort();
        }
        if !slot.is_joined() && self.detached.get() {
            if let Poll::Ready(end) = slot.poll_join(cx) {
                // The destructor may come back here.
                drop(slot);
                self.signal.over.store(true, Ordering::Release);
                discard(end);
                return true;
            }
        }
        slot.is_joined()
    }
}

impl<T: 'static> Drop for Shared<T> {
    fn drop(&mut self) {
        self.slot.get_mut().detach();
        // Nobody is left to look: the executor is gone, and the task with it, or all handles are.
        self.signal.over.store(true, Ordering::Release);
    }
}

/// What abort handles share with the watcher, from any thread.
#[derive(Default)]
struct Signal {
    aborted: AtomicBool,
    /// The end of the task was taken.
    over: AtomicBool,
    handles: AtomicUsize,
    watcher: Mutex<Option<Waker>>,
}

impl Signal {
    fn notify(&self) {
        let watcher = self.watcher.lock();
        let watcher = watcher.unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(watcher) = watcher {
            watcher.wake();
        }
    }

    fn register(&self, waker: Option<&Waker>) {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let old = replace(&mut *watcher, waker.cloned());
        drop(watcher);
        drop(old);
    }
}

/// One abort handle and its clones.
struct Remote(Arc<Signal>);

impl Remote {
    fn new(signal: &Arc<Signal>) -> Self {
        signal.handles.fetch_add(1, Ordering::Relaxed);
        Self(signal.clone())
    }

    fn abort(&self) {
        self.0.aborted.store(true, Ordering::Release);
        self.0.notify();
    }

    fn is_over(&self) -> bool {
        self.0.over.load(Ordering::Acquire)
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        if self.0.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.notify();
        }
    }
}
