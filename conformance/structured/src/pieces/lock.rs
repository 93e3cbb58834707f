use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A lock that a flawed piece holds while it wakes somebody; without the flaw, none.
#[derive(Clone, Debug, Default)]
pub(super) struct Lock(Option<Arc<Mutex<()>>>);

impl Lock {
    pub(super) fn new(flawed: bool) -> Self {
        Self(flawed.then(Arc::default))
    }

    /// Holds it, if there is one.
    pub(super) fn hold(&self) -> Option<MutexGuard<'_, ()>> {
        let lock = self.0.as_ref()?;
        Some(lock.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fails where a lock would be waited for in vain, by the very thread that holds it.
    pub(super) fn touch(&self) {
        if let Some(lock) = &self.0 {
            assert!(lock.try_lock().is_ok(), "used while its lock is held");
        }
    }
}
