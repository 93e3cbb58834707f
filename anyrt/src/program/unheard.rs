//! `#[anyrt::test(unheard_panics = "fail")]`

use std::sync::{Arc, Mutex, PoisonError};

use crate::{UnheardPanic, WatchPanics};

/// What the hook of a test saw.
#[derive(Default)]
pub(crate) struct Unheard(Arc<Mutex<Vec<UnheardPanic>>>);

impl Unheard {
    /// Wraps the handle of a test.
    pub(crate) fn watch<R>(&self, runtime: R) -> WatchPanics<R> {
        let list = Arc::clone(&self.0);
        WatchPanics::new(runtime, move |panic| {
            let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
            list.push(panic.clone());
        })
    }

    /// Panics for the first panic that nobody heard.
    #[track_caller]
    pub(crate) fn fail_for_first(&self) {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = list.first() {
            panic!(
                "nobody received this panic, and {} more: {first}",
                list.len() - 1
            );
        }
    }
}
