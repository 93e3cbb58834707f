//! What is kept of the events: a running hash, the last few, and all of them where two runs are to be compared.

use std::collections::VecDeque;
use std::panic::Location;

use crate::{Event, EventKind, TaskId};

/// How many of the last events a report shows.
const LAST: usize = 64;

pub(crate) struct Trace {
    hash: u64,
    last: VecDeque<Event>,
    /// Only while two runs are compared: a long run would fill the memory.
    log: Option<Log>,
}

/// A whole run.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) events: Vec<Event>,
    /// Where the tasks were spawned, by their numbers.
    pub(crate) locations: Vec<&'static Location<'static>>,
}

impl Trace {
    pub(crate) fn new(keep_all: bool) -> Self {
        Self {
            hash: 0,
            last: VecDeque::with_capacity(LAST),
            log: keep_all.then(Log::default),
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, time: u64, task: TaskId, kind: EventKind) {
        let event = Event::new(time, task, kind);
        self.hash = event.hash(self.hash);
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

    pub(crate) fn last(&self) -> Vec<Event> {
        self.last.iter().copied().collect()
    }

    /// Names the place of the task that is spawned next.
    pub(crate) fn locate(&mut self, location: &'static Location<'static>) {
        if let Some(log) = &mut self.log {
            log.locations.push(location);
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
        let last = trace.last();
        assert_eq!(last.len(), LAST);
        assert_eq!(last[LAST - 1].time().as_nanos(), 999);
        assert_eq!(last[0].time().as_nanos(), 1000 - LAST as u128);
    }
}
