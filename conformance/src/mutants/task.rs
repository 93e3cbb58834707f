use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker, ready};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use super::slot::Slot;
use super::{Defect, Fault};

/// A task with one defect.
pub(super) struct BrokenTask<B> {
    inner: Option<B>,
    aborting: Aborting,
    first: Option<Waker>,
    aborted: bool,
    joined: bool,
    /// An abort handle was used.
    requested: Arc<AtomicBool>,
    /// `is_finished` was asked since the last poll.
    asked: Arc<AtomicBool>,
}

/// A joiner's waker that does nothing once `is_finished` was asked.
struct Forgetful {
    inner: Waker,
    asked: Arc<AtomicBool>,
}

impl Wake for Forgetful {
    fn wake(self: Arc<Self>) {
        if !self.asked.load(Ordering::SeqCst) {
            self.inner.wake_by_ref();
        }
    }
}

/// What an abort does beside, or instead of, aborting.
#[derive(Clone, Debug)]
struct Aborting {
    fault: Fault,
    slot: Option<Slot>,
}

impl Aborting {
    fn begin(&self) {
        match self.fault.defect {
            Defect::AbortPanicsWhenGone => assert!(!self.fault.is_gone(), "the runtime is gone"),
            Defect::AbortHitsOthers => self.fault.abort_all(),
            Defect::AbortDropsInline => {
                if let Some(slot) = &self.slot {
                    slot.empty();
                }
            }
            _ => {}
        }
    }
}

impl<B: RawTask> BrokenTask<B> {
    pub(super) fn new(mut inner: B, fault: &Fault, slot: Option<Slot>) -> Self {
        fault.started(|| inner.abort_handle());
        Self {
            inner: Some(inner),
            aborting: Aborting {
                fault: fault.clone(),
                slot,
            },
            first: None,
            aborted: false,
            joined: false,
            requested: Arc::default(),
            asked: Arc::default(),
        }
    }

    fn defect(&self) -> Defect {
        self.aborting.fault.defect
    }

    fn inner(&mut self) -> &mut B {
        self.inner
            .as_mut()
            .expect("nothing is asked of a detached task")
    }

    fn failed(&self, error: JoinError) -> JoinError {
        let payload = match error.try_into_panic() {
            Ok(payload) => payload,
            Err(cancelled) => return cancelled,
        };
        match self.defect() {
            Defect::PanicAsCancelled => JoinError::cancelled(),
            Defect::PayloadBecomesText => JoinError::panic(Box::new(String::from("it panicked"))),
            Defect::PanicHookTwice => {
                let thrown = catch_unwind(AssertUnwindSafe(|| panic_any(payload)));
                let anew = thrown.expect_err("it panics");
                JoinError::panic(*anew.downcast().expect("the payload in another box"))
            }
            _ => JoinError::panic(payload),
        }
    }
}

impl<B: RawTask> RawTask for BrokenTask<B> {
    type Output = B::Output;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<B::Output, JoinError>> {
        match self.defect() {
            Defect::SecondJoinHangs if self.joined => return Poll::Pending,
            Defect::OutputsGoWithRuntime if self.aborting.fault.is_gone() => {
                return Poll::Ready(Err(JoinError::cancelled()));
            }
            _ => {}
        }
        if self.requested.load(Ordering::SeqCst) {
            self.inner().abort();
        }
        self.asked.store(false, Ordering::SeqCst);
        let first = self.first.get_or_insert_with(|| cx.waker().clone()).clone();
        let end = ready!(match self.defect() {
            Defect::FirstJoinWakerOnly => self.inner().poll_join(&mut Context::from_waker(&first)),
            Defect::AskingTakesTheWake => {
                let waker = Waker::from(Arc::new(Forgetful {
                    inner: cx.waker().clone(),
                    asked: self.asked.clone(),
                }));
                self.inner().poll_join(&mut Context::from_waker(&waker))
            }
            Defect::JoinNeverWakes => self
                .inner()
                .poll_join(&mut Context::from_waker(Waker::noop())),
            _ => self.inner().poll_join(cx),
        });
        self.joined = true;
        Poll::Ready(match self.defect() {
            Defect::AbortForgetsOutput | Defect::BlockingAbortCancels if self.aborted => {
                Err(JoinError::cancelled())
            }
            _ => end.map_err(|error| self.failed(error)),
        })
    }

    fn abort(&mut self) {
        self.aborted = true;
        self.aborting.begin();
        if self.defect() != Defect::AbortIgnored {
            self.inner().abort();
        }
    }

    fn is_finished(&self) -> bool {
        self.asked.store(true, Ordering::SeqCst);
        self.defect() != Defect::FinishedIsNever
            && self.inner.as_ref().is_none_or(|it| it.is_finished())
    }

    fn detach(&mut self) {
        match self.defect() {
            Defect::DropCancels => self.inner().abort_and_detach(),
            Defect::DetachAllocates => {
                std::hint::black_box(Box::new(0_u64));
                self.inner().detach();
            }
            Defect::DetachKeepsOutput => std::mem::forget(self.inner.take()),
            _ => self.inner().detach(),
        }
    }

    fn abort_handle(&mut self) -> AbortHandle {
        let abort = self.inner().abort_handle();
        let aborting = self.aborting.clone();
        match self.defect() {
            Defect::AbortIgnored => {
                AbortHandle::new(abort, |_: &AbortHandle| {}, AbortHandle::is_finished)
            }
            Defect::AbortHandleWakesNobody => {
                let requested = self.requested.clone();
                AbortHandle::new(
                    abort,
                    move |_: &AbortHandle| requested.store(true, Ordering::SeqCst),
                    AbortHandle::is_finished,
                )
            }
            Defect::AbortPanicsWhenGone
            | Defect::AbortHitsOthers
            | Defect::AbortDropsInline
            | Defect::AbortHandlePins => AbortHandle::new(
                abort,
                move |abort: &AbortHandle| {
                    aborting.begin();
                    abort.abort();
                },
                AbortHandle::is_finished,
            ),
            _ => abort,
        }
    }
}
