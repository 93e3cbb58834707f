use std::collections::BTreeMap;

use super::Entry;

/// What the log is for: the values that were written, in the order of the log, each write once.
#[derive(Debug, Default)]
pub(super) struct Machine {
    values: Vec<u64>,
    /// The last write of each client.
    sessions: BTreeMap<u64, u64>,
}

impl Machine {
    /// Tells whether a client's write was applied.
    pub(super) fn knows(&self, client: u64, number: u64) -> bool {
        self.sessions
            .get(&client)
            .is_some_and(|&last| number <= last)
    }

    /// Applies an entry, unless it was applied before. Returns how many values there are if that makes one more.
    pub(super) fn apply(&mut self, entry: &Entry) -> Option<usize> {
        if entry.client == 0 || self.knows(entry.client, entry.number) {
            return None;
        }
        self.sessions.insert(entry.client, entry.number);
        self.values.push(entry.value);
        Some(self.values.len())
    }

    pub(super) fn length_and_last(&self) -> (usize, u64) {
        (self.values.len(), self.values.last().copied().unwrap_or(0))
    }
}
