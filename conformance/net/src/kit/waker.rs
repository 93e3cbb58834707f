use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

/// Counts how often a waker is woken.
#[derive(Debug, Default)]
pub struct Count(AtomicUsize);

impl Count {
    /// How often so far.
    pub fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A waker and its count.
pub fn counting() -> (Waker, Arc<Count>) {
    let count = Arc::<Count>::default();
    (Waker::from(Arc::clone(&count)), count)
}
