use std::cell::{Cell, OnceCell};
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
use crate::desk::{Calls, Desk};
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
pub struct LocalTask<T>(Inner<T>);

type Share<T> = fn(Option<Native<T>>, Rc<LocalExecutor>) -> Rc<Shared<T>>;

/// Three words: the pointers of `Own` are never null, and tell the two apart.
enum Inner<T> {
    Own {
        /// `None` once it was joined, and where it was dead before it began.
        task: Option<Native<T>>,
        /// Makes what the other form needs of a task. It is made at the spawn, where the output is known to be `'static`.
        share: Share<T>,
        executor: Rc<LocalExecutor>,
    },
    /// It was aborted, or an abort handle was asked for.
    Shared(Rc<Shared<T>>),
}

impl<T: 'static> LocalTask<T> {
    /// Spawns `future`. If the executor was closed, drops it and returns a task that is cancelled already.
    #[inline]
    pub fn spawn<F>(executor: &Rc<LocalExecutor>, future: F) -> Self
    where
        F: Future<Output = T> + 'static,
    {
        let task = executor.spawn(future).map(Native);
        Self(Inner::Own {
            share: if task.is_some() {
                Shared::running
            } else {
                Shared::dead
            },
            task,
            executor: executor.clone(),
        })
    }
}

impl<T> LocalTask<T> {
    /// Moves the task to where abort handles can have a part in it.
    #[cold]
    #[inline(never)]
    fn share(&mut self) -> &mut Rc<Shared<T>> {
        if let Inner::Own {
            task,
            share,
            executor,
        } = &mut self.0
        {
            self.0 = Inner::Shared(share(task.take(), executor.clone()));
        }
        match &mut self.0 {
            Inner::Shared(shared) => shared,
            Inner::Own { .. } => unreachable!("it was shared just now"),
        }
    }
}

impl<T> RawTask for LocalTask<T> {
    type Output = T;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        if let Inner::Own { task: own, .. } = &mut self.0 {
            if let Some(task) = own {
                let end = task.poll_join(cx);
                if end.is_ready() {
                    *own = None;
                }
                return end;
            }
        }
        self.share().poll_join(cx)
    }

    #[inline]
    fn abort(&mut self) {
        match &self.0 {
            Inner::Own { task: None, .. } => {}
            Inner::Own {
                task: Some(task), ..
            } if task.is_finished() => {}
            _ => self.share().abort_own(),
        }
    }

    #[inline]
    fn is_finished(&self) -> bool {
        match &self.0 {
            Inner::Own { task, .. } => task.as_ref().is_none_or(Native::is_finished),
            Inner::Shared(shared) => shared.is_finished(),
        }
    }

    #[inline]
    fn detach(&mut self) {
        match &mut self.0 {
            Inner::Own { task, .. } => {
                if let Some(task) = task.take() {
                    task.detach();
                }
            }
            Inner::Shared(shared) => shared.detach(),
        }
    }

    fn abort_handle(&mut self) -> AbortHandle {
        Shared::abort_handle(self.share())
    }

    fn abort_and_detach(&mut self) {
        match &mut self.0 {
            Inner::Own { task, .. } => {
                if let Some(task) = task.take() {
                    task.abandon();
                }
            }
            Inner::Shared(shared) => {
                shared.abort_own();
                shared.detach();
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

    #[inline]
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
    fn abandon(self) {
        drop(self);
    }
}

/// A task that was aborted, or what its join handle and the watcher share on the owner's thread.
///
/// The functions in it are made where the output is known to be `'static`, so that no method asks for that.
struct Shared<T> {
    desk: Desk<Native<T>>,
    /// For the watcher.
    executor: Rc<LocalExecutor>,
    /// The watcher runs.
    watched: Cell<bool>,
    /// Made with the first abort handle.
    signal: OnceCell<Arc<Signal>>,
    watch: fn(Rc<Self>),
}

impl<T: 'static> Shared<T> {
    /// Of a task that ran when it was spawned; without the runtime's handle, of one that was joined.
    #[inline]
    fn running(task: Option<Native<T>>, executor: Rc<LocalExecutor>) -> Rc<Self> {
        Self::new(Slot::running(task), executor)
    }

    /// Of a task that was dead before it began.
    fn dead(_: Option<Native<T>>, executor: Rc<LocalExecutor>) -> Rc<Self> {
        Self::new(Slot::Dead, executor)
    }

    #[inline]
    fn new(slot: Slot<Native<T>>, executor: Rc<LocalExecutor>) -> Rc<Self> {
        Rc::new(Self {
            desk: Desk::new(slot, Native::cancel),
            executor,
            watched: Cell::new(false),
            signal: OnceCell::new(),
            watch: |shared| {
                let executor = shared.executor.clone();
                let watcher = executor.spawn(poll_fn(move |cx| shared.poll_watch(cx)));
                watcher.into_iter().for_each(FallibleTask::detach);
            },
        })
    }
}

impl<T> Shared<T> {
    #[inline]
    fn poll_join(self: &mut Rc<Self>, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        if let Some(own) = Rc::get_mut(self) {
            return own.desk.poll_own(cx);
        }
        let (end, calls) = self.desk.poll_join(cx);
        if let Some(signal) = self.signal.get() {
            if end.is_ready() {
                signal.over.store(true, Ordering::Release);
            }
            if end.is_ready() || calls {
                signal.notify();
            }
        }
        end
    }

    fn is_finished(&self) -> bool {
        let (is_finished, calls) = self.desk.is_finished();
        self.call(calls);
        is_finished
    }

    fn abort_own(self: &mut Rc<Self>) {
        if let Some(own) = Rc::get_mut(self) {
            return own.desk.abort_own();
        }
        let calls = self.desk.abort();
        self.call(calls);
    }

    fn call(&self, calls: Calls) {
        if let Some(signal) = self.signal.get().filter(|_| calls) {
            signal.notify();
        }
    }

    fn detach(&self) {
        match self.signal.get() {
            Some(signal) => {
                // The watcher waits in the handle's place, and drops the output.
                self.desk.set_detached();
                signal.notify();
            }
            None => self.desk.detach(),
        }
    }

    fn abort_handle(self: &Rc<Self>) -> AbortHandle {
        if self.executor.is_closed() {
            return AbortHandle::new((), |()| {}, |()| true);
        }
        let signal = self.signal.get_or_init(Arc::default);
        // It may have been joined before.
        if self.desk.is_over() {
            signal.over.store(true, Ordering::Release);
        }
        let remote = Remote::new(signal);
        if !self.watched.replace(true) {
            (self.watch)(self.clone());
        }
        AbortHandle::new(remote, Remote::abort, Remote::is_over)
    }

    fn poll_watch(&self, cx: &mut Context<'_>) -> Poll<()> {
        let signal = self.signal.get_or_init(Arc::default);
        signal.register(Some(cx.waker()));
        if self.poll_end(signal, cx) || signal.handles.load(Ordering::Acquire) == 0 {
            self.watched.set(false);
            signal.register(None);
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Makes a request that came, and tells whether there is nothing left to wait for.
    fn poll_end(&self, signal: &Signal, cx: &mut Context<'_>) -> bool {
        let aborts = signal.aborted.load(Ordering::Acquire);
        let is_detached = self.desk.is_detached();
        let looked = self.desk.look(|slot, cancel| {
            if aborts {
                slot.abort(cancel);
            }
            let end = match !slot.is_joined() && is_detached {
                true => slot.poll_join(cx),
                false => Poll::Pending,
            };
            (end, slot.is_joined())
        });
        // Where somebody else works on it, that one calls.
        let Some(((end, is_joined), calls)) = looked else {
            return false;
        };
        self.call(calls);
        if let Poll::Ready(end) = end {
            signal.over.store(true, Ordering::Release);
            discard(end);
        }
        is_joined
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        self.desk.detach();
        // Nobody is left to look: the executor is gone, and the task with it, or all handles are.
        if let Some(signal) = self.signal.get() {
            signal.over.store(true, Ordering::Release);
        }
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
