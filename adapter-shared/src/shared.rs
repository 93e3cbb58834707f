use std::mem::replace;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError, Weak};
use std::task::{Context, Poll, Wake, Waker};

use anyrt_core::{AbortHandle, JoinError};

use crate::contain_drop::discard;
use crate::slot::Slot;
use crate::{Contained, Joinable};

/// A task that was aborted, or that abort handles have a part in.
///
/// While the join handle lives, it waits for the task; once it was dropped and abort handles are left, [`drain`](Self::drain)
/// takes the output out when it comes, so that abort handles pin nothing.
///
/// The functions in it are made where the output is known to be `'static`, so that no method asks for that.
pub(crate) struct Shared<J: Joinable> {
    state: Mutex<State<J>>,
    /// The drainer was woken while somebody held the lock.
    woken: AtomicBool,
    /// Made with the first abort handle, so that to detach allocates nothing.
    drainer: OnceLock<Waker>,
    cancel: fn(J) -> J::Cancel,
    drain: fn(&Arc<Self>) -> Waker,
    abort_handle: fn(Arc<Self>) -> AbortHandle,
}

struct State<J: Joinable> {
    slot: Slot<J>,
    /// The join handle was dropped.
    detached: bool,
}

impl<J: Joinable> Shared<J> {
    pub(crate) fn poll_join(&self, cx: &mut Context<'_>) -> Poll<Result<J::Output, JoinError>> {
        let mut state = self.lock();
        if state.slot.is_joined() {
            // The caller's bug must not poison the lock for the abort handles.
            drop(state);
            panic!("`JoinHandle` polled after it was joined");
        }
        state.slot.poll_join(cx)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.lock().slot.is_finished()
    }

    pub(crate) fn abort(&self) {
        let mut state = self.lock();
        // This may wake the drainer, which then finds the lock taken and leaves the work to the call below.
        state.slot.abort(self.cancel);
        let detached = state.detached;
        drop(state);
        if detached {
            self.drain();
        }
    }

    pub(crate) fn abort_handle(self: &Arc<Self>) -> AbortHandle {
        self.drainer.get_or_init(|| (self.drain)(self));
        (self.abort_handle)(self.clone())
    }

    pub(crate) fn detach(&self) {
        let mut state = self.lock();
        if self.drainer.get().is_some() {
            state.detached = true;
            drop(state);
            self.drain();
        } else {
            let mut slot = replace(&mut state.slot, Slot::Joined);
            drop(state);
            slot.detach();
        }
    }

    fn drain(&self) {
        let Some(drainer) = self.drainer.get() else {
            return;
        };
        self.woken.store(true, Ordering::SeqCst);
        while self.woken.load(Ordering::SeqCst) {
            let mut state = match self.state.try_lock() {
                Ok(state) => state,
                Err(TryLockError::Poisoned(error)) => error.into_inner(),
                // Only an abort or another drainer can hold it, and both look at `woken` after they let it go.
                Err(TryLockError::WouldBlock) => return,
            };
            self.woken.store(false, Ordering::SeqCst);
            if !state.detached || state.slot.is_joined() {
                continue;
            }
            let end = state.slot.poll_join(&mut Context::from_waker(drainer));
            drop(state);
            if let Poll::Ready(end) = end {
                discard(end.map(Contained::new));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Shared<J>
where
    J: Joinable<Output: Send + 'static, Cancel: Send> + Send + 'static,
{
    /// Of a task that ran when it was spawned; without the runtime's handle, of one that was joined.
    pub(crate) fn running(task: Option<J>) -> Arc<Self> {
        Self::new(Slot::running(task))
    }

    /// Of a task that was dead before it began.
    pub(crate) fn dead(_: Option<J>) -> Arc<Self> {
        Self::new(Slot::Dead)
    }

    fn new(slot: Slot<J>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                slot,
                detached: false,
            }),
            woken: AtomicBool::new(false),
            drainer: OnceLock::new(),
            cancel: J::cancel,
            drain: |shared| Waker::from(Arc::new(Drainer(Arc::downgrade(shared)))),
            abort_handle: |shared| {
                AbortHandle::new(
                    shared,
                    |shared| shared.abort(),
                    |shared| shared.is_finished(),
                )
            },
        })
    }
}

impl<J: Joinable> Drop for Shared<J> {
    fn drop(&mut self) {
        let state = self.state.get_mut();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        // Neither a join handle nor an abort handle is left; the task runs on.
        state.slot.detach();
    }
}

/// Weak, because the task's header keeps it: a task that never ends must not keep itself.
struct Drainer<J: Joinable>(Weak<Shared<J>>);

impl<J> Wake for Drainer<J>
where
    J: Joinable<Output: Send, Cancel: Send> + Send,
{
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(shared) = self.0.upgrade() {
            shared.drain();
        }
    }
}
