use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::mutants::wrap::TaskState;
use crate::{BoxWork, Value};

/// A future where others than its task reach it.
#[derive(Clone)]
pub(in crate::mutants) struct Slot(Arc<Mutex<Inner>>);

struct Inner {
    future: Option<BoxWork>,
    output: Option<Value>,
}

impl Slot {
    /// Puts the future of `task` into a slot, which its handle then knows.
    pub(super) fn of(task: &TaskState, future: BoxWork) -> Self {
        let slot = Self(Arc::new(Mutex::new(Inner {
            future: Some(future),
            output: None,
        })));
        task.slot.get_or_init(|| slot.clone());
        slot
    }

    /// Drops the future, unless it is being polled.
    pub(super) fn empty(&self) {
        // Frames of optimised code are small; those of destructors that do something are not.
        let frame = [0_u8; 4096];
        let future = self.0.try_lock().ok().and_then(|mut it| it.future.take());
        drop(future);
        std::hint::black_box(&frame);
    }

    /// Polls the future, unless it is being polled.
    fn poll_inline(&self, waker: &Waker) {
        let Ok(mut inner) = self.0.try_lock() else {
            return;
        };
        if let Some(future) = &mut inner.future {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(waker)) {
                inner.output = Some(output);
                inner.future = None;
            }
        }
    }
}

/// What the executor polls: the future in a slot.
pub(super) struct InSlot {
    slot: Slot,
    is_pinned: bool,
    /// Whether wakers reach it, and whether they poll it.
    wakers: Option<bool>,
}

impl InSlot {
    pub(super) fn new(slot: Slot) -> Self {
        Self {
            slot,
            is_pinned: false,
            wakers: None,
        }
    }

    /// Leaves the future in the slot when the task is dropped.
    pub(super) fn pinned(mut self) -> Self {
        self.is_pinned = true;
        self
    }

    /// Has its wakers reach the future, and poll it if `polls`.
    pub(super) fn reached_by_wakers(mut self, polls: bool) -> Self {
        self.wakers = Some(polls);
        self
    }
}

impl Future for InSlot {
    type Output = Value;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Value> {
        let waker = match self.wakers {
            Some(polls) => Waker::from(Arc::new(Reaching {
                slot: self.slot.clone(),
                polls,
                inner: cx.waker().clone(),
            })),
            None => cx.waker().clone(),
        };
        let mut inner = self.slot.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(output) = inner.output.take() {
            return Poll::Ready(output);
        }
        let Some(future) = &mut inner.future else {
            return Poll::Pending;
        };
        future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

impl Drop for InSlot {
    fn drop(&mut self) {
        if !self.is_pinned {
            let mut inner = self.slot.0.lock().unwrap_or_else(PoisonError::into_inner);
            let future = inner.future.take();
            drop(inner);
            drop(future);
        }
    }
}

/// A waker that reaches the future.
struct Reaching {
    slot: Slot,
    polls: bool,
    inner: Waker,
}

impl Wake for Reaching {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.polls {
            self.slot.poll_inline(&Waker::from(self.clone()));
        }
        self.inner.wake_by_ref();
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}
