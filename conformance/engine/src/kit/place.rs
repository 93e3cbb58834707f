use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

/// Notes on which thread its guard was dropped; a clone is the same note.
#[derive(Clone, Debug, Default)]
pub struct Place(Arc<Mutex<Option<ThreadId>>>);

impl Place {
    /// Makes an empty note.
    pub fn new() -> Self {
        Self::default()
    }

    /// A value whose drop is noted.
    pub fn guard(&self) -> PlaceGuard {
        PlaceGuard(self.clone())
    }

    /// The thread on which the guard was dropped.
    pub fn get(&self) -> Option<ThreadId> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes where it is dropped; made by [`Place::guard`].
#[derive(Debug)]
pub struct PlaceGuard(Place);

impl Drop for PlaceGuard {
    fn drop(&mut self) {
        let here = thread::current().id();
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(here);
    }
}

/// Does something when it is dropped.
#[derive(Debug)]
pub struct OnDrop<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
