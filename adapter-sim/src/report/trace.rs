//! What is kept of the events: a running hash, the last few, and all of them where two runs are to be compared.

use std::collections::VecDeque;
use std::panic::Location;

use crate::report::label::Label;
use crate::rng::mix;
use crate::{EventKind, TaskId};

/// How many of the last events a report shows.
pub(crate) const LAST: usize = 64;

/// An event without the words about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) time: u64,
    pub(crate) task: TaskId,
    pub(crate) kind: EventKind,
}

impl Record {
    fn order(self, order: u64) -> u64 {
        // How the clock moves is no event of a task.
        if self.kind == EventKind::Advanced {
            return order;
        }
        let what = (self.task.number() << 8) | self.kind as u64;
        (order.rotate_left(23) ^ what).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    fn hash(self, hash: u64) -> u64 {
        let what = (self.task.number() << 8) | self.kind as u64;
        mix(hash.rotate_left(5) ^ mix(self.time.wrapping_add(what.rotate_left(32))))
    }
}

pub(crate) struct Trace {
    hash: u64,
    /// The same without times.
    order: u64,
    last: VecDeque<Record>,
    /// Only while two runs are compared: a long run would fill the memory.
    log: Option<Log>,
}

/// A whole run.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) events: Vec<Record>,
    /// Where the tasks were spawned and what they are called, by their numbers.
    pub(crate) tasks: Vec<(&'static Location<'static>, Label)>,
}

impl Trace {
    pub(crate) fn new(keep_all: bool) -> Self {
        Self {
            hash: 0,
            order: 0,
            last: VecDeque::with_capacity(LAST),
            log: keep_all.then(Log::default),
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, time: u64, task: TaskId, kind: EventKind) {
        let event = Record { time, task, kind };
        self.hash = event.hash(self.hash);
        self.order = event.order(self.order);
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(event);
        if let Some(log) = &mut self.log {
            log.events.push(event);
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// A hash of the events without their times, for figures.
    pub(crate) fn order(&self) -> u64 {
        mix(self.order)
    }

    pub(crate) fn last(&self) -> impl Iterator<Item = Record> {
        self.last.iter().copied()
    }

    /// Describes the task that is spawned next.
    pub(crate) fn describe(
        &mut self,
        location: &'static Location<'static>,
        label: impl FnOnce() -> Label,
    ) {
        if let Some(log) = &mut self.log {
            log.tasks.push((location, label()));
        }
    }

    pub(crate) fn take_log(&mut self) -> Log {
        self.log.take().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_never_changes_between_versions() {
        let mut trace = Trace::new(false);
        trace.add(0, TaskId::new(0), EventKind::Spawned);
        trace.add(5, TaskId::new(1), EventKind::Polled);
        assert_eq!(trace.hash(), 5_323_882_023_717_501_525);
    }

    #[test]
    fn time_task_kind_and_order_all_count() {
        let hash = |events: &[(u64, u64, EventKind)]| {
            let mut trace = Trace::new(false);
            for &(time, task, kind) in events {
                trace.add(time, TaskId::new(task), kind);
            }
            trace.hash()
        };
        let (a, b) = ((5, 1, EventKind::Polled), (5, 2, EventKind::Polled));
        let all = [
            hash(&[]),
            hash(&[a, b]),
            hash(&[b, a]),
            hash(&[a, a]),
            hash(&[a, (6, 2, EventKind::Polled)]),
            hash(&[a, (5, 2, EventKind::Woken)]),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(!all[i + 1..].contains(one), "{i}");
        }
    }

    #[test]
    fn the_ring_keeps_the_last_events() {
        let mut trace = Trace::new(false);
        for time in 0..1000 {
            trace.add(time, TaskId::new(0), EventKind::Polled);
        }
        let last: Vec<_> = trace.last().collect();
        assert_eq!(last.len(), LAST);
        assert_eq!(last[LAST - 1].time, 999);
        assert_eq!(last[0].time, 1000 - LAST as u64);
    }
}
