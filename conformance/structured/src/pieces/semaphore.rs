use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_structured as real;

use super::lock::Lock;
use super::{Flaw, Structured};
use crate::kit::pause;

anyrt_conformance_engine::mutants! { Flaw;
    semaphore_forgets_nothing: "permits that are forgotten come back",
        killed by "semaphore::forgotten_permits_stay_away";
    semaphore_has_one_more: "a semaphore has one permit more than it was made with",
        killed by "semaphore::never_exceeds_its_permits";
    semaphore_keeps_permits: "a permit that is dropped does not come back",
        killed by "semaphore::permits_come_back";
    semaphore_loses_permits: "a wait that is dropped takes its permit with it",
        killed by "semaphore::dropped_waiters_pass_it_on";
    semaphore_misses_races: "a wait looks for a permit, and registers a moment later",
        killed by "semaphore::no_gap_before_the_wait";
    semaphore_overflows: "more permits than fit are passed over in silence",
        killed by "semaphore::refuses_more_permits_than_fit";
    semaphore_serves_the_newest: "a permit goes to whoever came last",
        killed by "semaphore::is_fair";
    semaphore_serves_the_small: "a request for many permits does not queue",
        killed by "semaphore::large_requests_are_not_overtaken";
    semaphore_stays_open: "to close a semaphore has no effect",
        killed by "semaphore::close_sends_waiters_away";
    semaphore_takes_no_more: "permits that are added are lost",
        killed by "semaphore::added_permits_reach_those_who_wait";
    semaphore_wakes_all: "permits that are added wake everybody who waits",
        killed by "semaphore::added_permits_wake_those_who_get_them";
    semaphore_wakes_under_its_lock: "a semaphore is locked while it wakes",
        killed by "semaphore::wakes_outside_the_lock";
}

impl<H> Structured<H> {
    /// A semaphore with so many permits.
    pub(crate) fn semaphore(&self, permits: usize) -> Semaphore {
        let one_more = self.flaw == Some(Flaw::semaphore_has_one_more);
        Semaphore {
            real: real::Semaphore::new(permits + usize::from(one_more)),
            flaw: self.flaw,
            lock: Lock::new(self.flaw == Some(Flaw::semaphore_wakes_under_its_lock)),
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
        if self.has(Flaw::semaphore_overflows) && permits > real::Semaphore::MAX_PERMITS / 2 {
            return;
        }
        if !self.has(Flaw::semaphore_takes_no_more) {
            self.real.add_permits(permits);
        }
        if self.has(Flaw::semaphore_wakes_all) {
            self.waiting().drain(..).for_each(Waker::wake);
        }
    }

    pub(crate) fn forget(&self, permits: usize) -> usize {
        let gone = self.real.forget(permits);
        if self.has(Flaw::semaphore_forgets_nothing) {
            self.real.add_permits(gone);
        }
        gone
    }

    pub(crate) fn close(&self) {
        if !self.has(Flaw::semaphore_stays_open) {
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
        if this.semaphore.has(Flaw::semaphore_serves_the_newest) {
            if let Some(permit) = this.semaphore.try_acquire() {
                return Poll::Ready(permit);
            }
            this.semaphore.waiting().push(cx.waker().clone());
            return Poll::Pending;
        }
        // Who asks for many stands beside the line.
        if this.semaphore.has(Flaw::semaphore_serves_the_small) && this.permits > 1 {
            let permit = this.semaphore.try_acquire_many(this.permits);
            return permit.map_or(Poll::Pending, Poll::Ready);
        }
        let real = Pin::new(this.real.as_mut().expect("taken only when it is dropped"));
        let is_new = std::mem::take(&mut this.is_new);
        let misses = this.semaphore.has(Flaw::semaphore_misses_races);
        // Looks, and registers a moment later without a second look.
        if is_new && misses && this.semaphore.available_permits() == 0 {
            pause(Duration::from_micros(200));
            drop(real.poll(cx));
            return Poll::Pending;
        }
        let permit = real.poll(cx).map(|permit| this.semaphore.permit(permit));
        this.waits = permit.is_pending();
        if this.waits && this.semaphore.has(Flaw::semaphore_wakes_all) {
            this.semaphore.waiting().push(cx.waker().clone());
        }
        permit
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if self.waits && self.semaphore.has(Flaw::semaphore_loses_permits) {
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
        if !self.semaphore.has(Flaw::semaphore_forgets_nothing) {
            self.real.take().into_iter().for_each(real::Permit::forget);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.semaphore.has(Flaw::semaphore_keeps_permits) {
            std::mem::forget(self.real.take());
        }
        let _held = self.semaphore.lock.hold();
        self.real = None;
        if self.semaphore.has(Flaw::semaphore_serves_the_newest) {
            let newest = self.semaphore.waiting().pop();
            newest.into_iter().for_each(Waker::wake);
        }
    }
}
