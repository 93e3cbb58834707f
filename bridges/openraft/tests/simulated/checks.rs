//! What must hold at every step, whatever fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use openraft::entry::RaftEntry as _;

use crate::types::{Entry, State};

/// What all nodes together have shown. A node that contradicts it fails the run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checks {
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Who led in which term.
    pub(crate) leaders: BTreeMap<u64, u64>,
    /// The committed entries, as text.
    committed: BTreeMap<u64, String>,
    /// The state after each of them.
    states: BTreeMap<u64, State>,
    /// The requests that were answered.
    pub(crate) answered: BTreeSet<u64>,
    /// How far each node has applied since its last start.
    pub(crate) applied: BTreeMap<u64, u64>,
    pub(crate) snapshots: u64,
    pub(crate) votes: u64,
}

impl Seen {
    pub(crate) fn summary(&self) -> String {
        format!(
            "leaders {:?}, applied {:?}, {} entries committed",
            self.leaders,
            self.applied,
            self.committed.len()
        )
    }
}

impl Checks {
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Seen) -> T) -> T {
        work(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One leader per term.
    pub(crate) fn leads(&self, node: u64, term: u64) {
        let other = self.with(|seen| *seen.leaders.entry(term).or_insert(node));
        assert_eq!(
            other, node,
            "two leaders in term {term}: node {other} and node {node}"
        );
    }

    /// A committed entry is the same on every node, and stays.
    pub(crate) fn applies(&self, node: u64, entry: &Entry, after: &State) {
        let index = entry.index();
        let text = format!("{} {}", entry.log_id(), entry.payload);
        let first = self.with(|seen| {
            seen.applied.insert(node, index);
            seen.states.entry(index).or_insert_with(|| after.clone());
            seen.committed
                .entry(index)
                .or_insert_with(|| text.clone())
                .clone()
        });
        assert_eq!(
            text, first,
            "node {node} applies another entry {index} than a node before it"
        );
    }

    /// A snapshot holds what the log up to it makes.
    pub(crate) fn installs(&self, node: u64, state: &State) {
        let Some(applied) = state.applied else { return };
        let same = self.with(|seen| {
            seen.applied.insert(node, applied.index);
            seen.snapshots += 1;
            seen.states.get(&applied.index) == Some(state)
        });
        assert!(
            same,
            "node {node} installs a snapshot up to {} that no log makes",
            applied.index
        );
    }

    /// Nothing that was answered is lost.
    pub(crate) fn nothing_is_lost(&self) {
        self.with(|seen| {
            let (_, last) = seen.states.last_key_value().expect("entries are committed");
            let lost: Vec<_> = seen
                .answered
                .iter()
                .filter(|number| !last.puts.contains_key(number))
                .collect();
            assert!(lost.is_empty(), "answered and lost: {lost:?}");
        });
    }
}
