use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use super::{Defect, Fault, context};

/// What a task's wakers and its polls know of each other.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// Whether the task is being polled.
    pub(super) polling: AtomicBool,
    /// How often it was woken.
    pub(super) wakes: AtomicUsize,
}

/// A waker with one defect.
#[derive(Debug)]
struct Signal {
    inner: Waker,
    fault: Fault,
    signals: Arc<Signals>,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let polling = self.signals.polling.load(Ordering::SeqCst);
        let before = self.signals.wakes.fetch_add(1, Ordering::SeqCst);
        let lost = match self.fault.defect {
            Defect::WakeDuringPollLost | Defect::SelfWakesPollAtOnce => polling,
            Defect::ForeignWakesLost => !context::is_inside(),
            Defect::SomeWakesLost => before % 10 == 9,
            Defect::WakesPanicWhenGone => {
                assert!(!self.fault.is_gone(), "the runtime is gone");
                false
            }
            _ => false,
        };
        if !lost {
            self.inner.wake_by_ref();
        }
    }
}

/// The wakers of one task.
#[derive(Debug)]
pub(super) struct Signaller {
    fault: Fault,
    pub(super) signals: Arc<Signals>,
    last: Option<(Waker, Waker)>,
}

impl Signaller {
    pub(super) fn new(fault: &Fault) -> Self {
        Self {
            fault: fault.clone(),
            signals: Arc::default(),
            last: None,
        }
    }

    /// The waker that stands for `waker`: the same one as long as that is the same.
    pub(super) fn waker(&mut self, waker: &Waker) -> Waker {
        match &self.last {
            Some((inner, outer))
                if inner.will_wake(waker) && self.fault.defect != Defect::WakersDiffer =>
            {
                outer.clone()
            }
            _ => {
                let outer = Waker::from(Arc::new(Signal {
                    inner: waker.clone(),
                    fault: self.fault.clone(),
                    signals: self.signals.clone(),
                }));
                self.last = Some((waker.clone(), outer.clone()));
                outer
            }
        }
    }
}
