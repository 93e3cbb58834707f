use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

/// A waker that counts how often it is woken and does nothing else.
#[derive(Debug, Default)]
pub struct WakeCount(AtomicUsize);

impl WakeCount {
    /// Makes one that was never woken.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// How often it was woken.
    pub fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// How often it was woken since it was last asked by this.
    pub fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }

    /// Polls something with this waker, as in `count.with(|cx| future.as_mut().poll(cx))`.
    pub fn with<T>(self: &Arc<Self>, poll: impl FnOnce(&mut Context<'_>) -> T) -> T {
        poll(&mut Context::from_waker(&Waker::from(self.clone())))
    }
}

impl Wake for WakeCount {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
