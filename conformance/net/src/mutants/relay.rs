use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

/// One waker, the last one kept, behind another.
#[derive(Debug, Default)]
pub(super) struct Relay(Mutex<Option<Waker>>);

impl Relay {
    /// Keeps the waker, and returns the one that wakes the last one kept.
    pub(super) fn keep(self: &Arc<Self>, waker: &Waker) -> Waker {
        *self.0.lock().expect("nobody panicked") = Some(waker.clone());
        Waker::from(Arc::clone(self))
    }

    /// Keeps the waker if it is the first, and returns the one that wakes the first one kept.
    pub(super) fn keep_first(self: &Arc<Self>, waker: &Waker) -> Waker {
        let mut kept = self.0.lock().expect("nobody panicked");
        kept.get_or_insert_with(|| waker.clone());
        Waker::from(Arc::clone(self))
    }
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        let waker = self.0.lock().expect("nobody panicked").take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
