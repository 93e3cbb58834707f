use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::{Defect, Fault};
use crate::{BoxWork, Value};

/// A future where others than its task reach it.
#[derive(Clone)]
pub(super) struct Slot(Arc<Mutex<Inner>>);

struct Inner {
    future: Option<BoxWork>,
    output: Option<Value>,
}

impl Slot {
    pub(super) fn new(future: BoxWork) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            future: Some(future),
            output: None,
        })))
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
    defect: Defect,
}

impl InSlot {
    pub(super) fn new(slot: Slot, fault: &Fault) -> Self {
        Self {
            slot,
            defect: fault.defect,
        }
    }

    fn pins(&self) -> bool {
        matches!(
            self.defect,
            Defect::AbortHandlePins | Defect::WakerPinsFuture
        )
    }
}

impl Future for InSlot {
    type Output = Value;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Value> {
        let waker = match self.defect {
            Defect::WakePollsInline | Defect::WakerPinsFuture => Waker::from(Arc::new(Reaching {
                slot: self.slot.clone(),
                polls: self.defect == Defect::WakePollsInline,
                inner: cx.waker().clone(),
            })),
            _ => cx.waker().clone(),
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
        if !self.pins() {
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
