use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use anyrt_structured as real;

use super::lock::Lock;
use super::{Flaw, Structured};

impl<H> Structured<H> {
    /// A semaphore with so many permits.
    pub(crate) fn semaphore(&self, permits: usize) -> Semaphore {
        let one_more = self.flaw == Some(Flaw::SemaphoreHasOneMore);
        Semaphore {
            real: real::Semaphore::new(permits + usize::from(one_more)),
            flaw: self.flaw,
            lock: Lock::new(self.flaw == Some(Flaw::SemaphoreWakesUnderItsLock)),
            waiting: Arc::default(),
        }
    }
}

/// A semaphore.
#[derive(Clone)]
pub(crate) struct Semaphore {
    real: real::Semaphore,
    flaw: Option<Flaw>,
    lock: Lock,
    /// Of a semaphore that keeps no line, those who wait.
    waiting: Arc<Mutex<Vec<Waker>>>,
}

impl Semaphore {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    pub(crate) fn acquire(&self) -> Acquire {
        self.acquire_many(1)
    }

    pub(crate) fn acquire_many(&self, permits: usize) -> Acquire {
        self.lock.touch();
        Acquire {
            real: Some(self.real.acquire_many(permits)),
            permits,
            semaphore: self.clone(),
            waits: false,
            is_new: true,
        }
    }

    pub(crate) fn try_acquire(&self) -> Option<Permit> {
        self.try_acquire_many(1)
    }

    pub(crate) fn try_acquire_many(&self, permits: usize) -> Option<Permit> {
        self.lock.touch();
        Some(self.permit(self.real.try_acquire_many(permits)?))
    }

    pub(crate) fn add_permits(&self, permits: usize) {
        let _held = self.lock.hold();
        if self.has(Flaw::SemaphoreOverflows) && permits > real::Semaphore::MAX_PERMITS / 2 {
            return;
        }
        if !self.has(Flaw::SemaphoreTakesNoMore) {
            self.real.add_permits(permits);
        }
        if self.has(Flaw::SemaphoreWakesAll) {
            self.waiting().drain(..).for_each(Waker::wake);
        }
    }

    pub(crate) fn forget(&self, permits: usize) -> usize {
        let gone = self.real.forget(permits);
        if self.has(Flaw::SemaphoreForgetsNothing) {
            self.real.add_permits(gone);
        }
        gone
    }

    pub(crate) fn close(&self) {
        if !self.has(Flaw::SemaphoreStaysOpen) {
            self.real.close();
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.real.is_closed()
    }

    pub(crate) fn available_permits(&self) -> usize {
        self.lock.touch();
        self.real.available_permits()
    }

    fn permit(&self, real: real::Permit) -> Permit {
        Permit {
            real: Some(real),
            semaphore: self.clone(),
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waker>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a permit.
pub(crate) struct Acquire {
    /// `None` only while it is dropped.
    real: Option<real::Acquire>,
    permits: usize,
    semaphore: Semaphore,
    waits: bool,
    is_new: bool,
}

impl Acquire {
    /// The real one: no flaw is in its error.
    pub(crate) fn or_closed(mut self) -> real::AcquireOrClosed {
        let real = self.real.take();
        real.expect("taken only when it is dropped").or_closed()
    }
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit> {
        let this = &mut *self;
        this.semaphore.lock.touch();
        if this.semaphore.has(Flaw::SemaphoreServesTheNewest) {
            if let Some(permit) = this.semaphore.try_acquire() {
                return Poll::Ready(permit);
            }
            this.semaphore.waiting().push(cx.waker().clone());
            return Poll::Pending;
        }
        // Who asks for many stands beside the line.
        if this.semaphore.has(Flaw::SemaphoreServesTheSmall) && this.permits > 1 {
            let permit = this.semaphore.try_acquire_many(this.permits);
            return permit.map_or(Poll::Pending, Poll::Ready);
        }
        let real = Pin::new(this.real.as_mut().expect("taken only when it is dropped"));
        let is_new = std::mem::take(&mut this.is_new);
        let misses = this.semaphore.has(Flaw::SemaphoreMissesRaces);
        // Looks, and registers a moment later without a second look.
        if is_new && misses && this.semaphore.available_permits() == 0 {
            thread::sleep(Duration::from_micros(200));
            drop(real.poll(cx));
            return Poll::Pending;
        }
        let permit = real.poll(cx).map(|permit| this.semaphore.permit(permit));
        this.waits = permit.is_pending();
        if this.waits && this.semaphore.has(Flaw::SemaphoreWakesAll) {
            this.semaphore.waiting().push(cx.waker().clone());
        }
        permit
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if self.waits && self.semaphore.has(Flaw::SemaphoreLosesPermits) {
            std::mem::forget(self.real.take());
        }
    }
}

/// A permit.
pub(crate) struct Permit {
    /// `None` only while it is dropped.
    real: Option<real::Permit>,
    semaphore: Semaphore,
}

impl Permit {
    pub(crate) fn permits(&self) -> usize {
        self.real.as_ref().map_or(0, real::Permit::permits)
    }

    pub(crate) fn forget(mut self) {
        if !self.semaphore.has(Flaw::SemaphoreForgetsNothing) {
            self.real.take().into_iter().for_each(real::Permit::forget);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.semaphore.has(Flaw::SemaphoreKeepsPermits) {
            std::mem::forget(self.real.take());
        }
        let _held = self.semaphore.lock.hold();
        self.real = None;
        if self.semaphore.has(Flaw::SemaphoreServesTheNewest) {
            let newest = self.semaphore.waiting().pop();
            newest.into_iter().for_each(Waker::wake);
        }
    }
}
