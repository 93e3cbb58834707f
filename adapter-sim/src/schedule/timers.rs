//! The armed timers, in the order of their times.

use std::collections::BTreeMap;
use std::task::Waker;

use crate::rng::Rng;

/// A timer at this time never fires. It is armed all the same: a later reset finds its waker.
pub(crate) const NEVER: u64 = u64::MAX;

/// Where an armed timer is found: when it fires, and a number that tells equal times apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerKey {
    at: u64,
    number: u64,
}

impl TimerKey {
    /// When it fires.
    pub(crate) fn at(self) -> u64 {
        self.at
    }
}

#[derive(Default)]
pub(crate) struct Timers {
    armed: BTreeMap<TimerKey, Waker>,
    next: u64,
}

impl Timers {
    pub(crate) fn arm(&mut self, at: u64, waker: Waker) -> TimerKey {
        let key = TimerKey {
            at,
            number: self.next,
        };
        self.next += 1;
        self.armed.insert(key, waker);
        key
    }

    /// The waker of a timer that has not fired.
    pub(crate) fn waker(&mut self, key: TimerKey) -> Option<&mut Waker> {
        self.armed.get_mut(&key)
    }

    /// Takes a timer back. The caller drops the waker, without a lock.
    pub(crate) fn disarm(&mut self, key: TimerKey) -> Option<Waker> {
        self.armed.remove(&key)
    }

    /// When the next timer fires.
    pub(crate) fn next(&self) -> Option<u64> {
        let (key, _) = self.armed.first_key_value()?;
        (key.at != NEVER).then_some(key.at)
    }

    /// Tells whether a timer is going to fire at this time.
    pub(crate) fn is_armed(&self, at: u64) -> bool {
        let first = TimerKey { at, number: 0 };
        let next = self.armed.range(first..).next();
        next.is_some_and(|(key, _)| key.at == at)
    }

    /// How many timers are going to fire.
    pub(crate) fn count(&self) -> usize {
        self.armed.keys().filter(|key| key.at != NEVER).count()
    }

    /// Moves the wakers of all timers up to `now` into `due`: by time, and equal times in an order drawn from `rng`, if there
    /// is one, or else as they were armed.
    pub(crate) fn take_due(&mut self, now: u64, mut rng: Option<&mut Rng>, due: &mut Vec<Waker>) {
        while let Some(at) = self.next().filter(|&at| at <= now) {
            let first = due.len();
            while let Some(entry) = self
                .armed
                .first_entry()
                .filter(|entry| entry.key().at == at)
            {
                due.push(entry.remove());
            }
            if let Some(rng) = rng.as_deref_mut() {
                rng.shuffle(&mut due[first..]);
            }
        }
    }

    pub(crate) fn take_all(&mut self) -> BTreeMap<TimerKey, Waker> {
        std::mem::take(&mut self.armed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_that_never_fires_is_no_next_one() {
        let mut timers = Timers::default();
        let never = timers.arm(NEVER, Waker::noop().clone());
        assert_eq!((timers.next(), timers.count()), (None, 0));
        timers.arm(7, Waker::noop().clone());
        assert_eq!((timers.next(), timers.count()), (Some(7), 1));

        let mut due = Vec::new();
        timers.take_due(NEVER, None, &mut due);
        assert_eq!(due.len(), 1);
        assert!(timers.disarm(never).is_some());
    }
}
