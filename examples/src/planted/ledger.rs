//! A key-value store that writes behind. Planted: a bug of order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use anyrt_core::prelude::*;

/// Answers a `put` at once and writes in the background.
#[derive(Clone, Debug)]
pub struct Ledger<R> {
    rt: R,
    written: Arc<Mutex<BTreeMap<u32, u32>>>,
}

impl<R: Runtime> Ledger<R> {
    /// An empty store that writes on `rt`.
    pub fn new(rt: R) -> Self {
        Self {
            rt,
            written: Arc::default(),
        }
    }

    /// Writes `value` under `key`, soon.
    ///
    /// Each write is a task of its own, and nothing says that the task that was spawned first runs first. A queue and one
    /// writer would.
    pub fn put(&self, key: u32, value: u32) {
        let written = Arc::clone(&self.written);
        self.rt.spawn_detached(async move {
            written.lock().expect("no writer panics").insert(key, value);
        });
    }

    /// What was written under `key` last.
    pub fn get(&self, key: u32) -> Option<u32> {
        self.written
            .lock()
            .expect("no writer panics")
            .get(&key)
            .copied()
    }
}
