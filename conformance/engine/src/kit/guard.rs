use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A counter; a clone is the same counter.
#[derive(Clone, Debug, Default)]
pub struct Count(Arc<AtomicUsize>);

impl Count {
    /// Makes a counter that stands at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one, and returns how many there were before.
    pub fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst)
    }

    /// How many were counted.
    pub fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// A value that is counted when it is dropped.
    pub fn guard(&self) -> Guard {
        Guard(self.clone())
    }
}

/// Is counted when it is dropped; made by [`Count::guard`].
#[derive(Debug)]
pub struct Guard(Count);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.add();
    }
}
