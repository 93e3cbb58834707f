use std::collections::BTreeMap;
use std::task::Waker;

use anyrt_core::Instant;

/// The sleeps that wait, by their deadlines.
#[derive(Default)]
pub(crate) struct Timers {
    waiting: BTreeMap<Key, Waker>,
    /// How many keys were made.
    made: u64,
}

/// One sleep that waits. A sleep whose deadline the clock cannot hold has none, and comes after all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    // `false` sorts before `true`.
    is_never: bool,
    deadline: Option<Instant>,
    number: u64,
}

impl Timers {
    /// Makes a key of its own for a sleep that begins to wait.
    pub(crate) fn key(&mut self, deadline: Option<Instant>) -> Key {
        self.made += 1;
        Key {
            is_never: deadline.is_none(),
            deadline,
            number: self.made,
        }
    }

    /// Has `waker` woken at the deadline, and returns the waker before it.
    pub(crate) fn insert(&mut self, key: Key, waker: &Waker) -> Option<Waker> {
        match self.waiting.get_mut(&key) {
            Some(known) if known.will_wake(waker) => None,
            Some(known) => Some(std::mem::replace(known, waker.clone())),
            None => self.waiting.insert(key, waker.clone()),
        }
    }

    /// Has nobody woken, and returns who was to be.
    pub(crate) fn remove(&mut self, key: Key) -> Option<Waker> {
        self.waiting.remove(&key)
    }

    /// Takes the first sleep out that is due.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Waker> {
        let first = self.waiting.first_entry()?;
        let is_due = first.key().deadline.is_some_and(|it| it <= now);
        is_due.then(|| first.remove())
    }

    /// Returns the deadline that comes first.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.waiting
            .first_key_value()
            .and_then(|(key, _)| key.deadline)
    }
}
