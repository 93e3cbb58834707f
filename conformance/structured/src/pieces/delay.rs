use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{Instant, Timer};
use anyrt_structured::{self as real, DelayKey};

use super::{Flaw, Structured};

anyrt_conformance_engine::mutants! { Flaw;
    delay_cannot_be_reset: "a value in a queue keeps its first deadline",
        killed by "delay::reset_moves_a_value", "delay::dropped_waits_lose_nothing";
    delay_is_none: "every value in a queue is over at once",
        killed by "delay::is_never_early", "delay::reset_moves_a_value";
    delay_loses_when_not_awaited: "a queue loses its values when a wait for the next is given up",
        killed by "delay::dropped_waits_lose_nothing";
    delay_returns_the_removed: "a value that was removed is returned all the same",
        killed by "delay::removed_values_are_not_returned";
    delay_serves_the_newest: "of values with one deadline the newest comes first",
        killed by "delay::returns_in_the_order_of_deadlines";
}

impl<H: Timer + Clone> Structured<H> {
    /// An empty queue of values on the clock of the runtime.
    pub(crate) fn delay_queue<V: Clone>(&self) -> DelayQueue<H, V> {
        DelayQueue {
            real: real::DelayQueue::new(self.runtime.clone()),
            timer: self.runtime.clone(),
            flaw: self.flaw,
            inserted: 0,
        }
    }
}

/// A queue of values that are over at their deadlines.
pub(crate) struct DelayQueue<H: Timer, V> {
    real: real::DelayQueue<H, V>,
    timer: H,
    flaw: Option<Flaw>,
    inserted: u64,
}

impl<H: Timer, V: Clone> DelayQueue<H, V> {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// The deadline that a flawed queue takes instead.
    fn flawed(&mut self, deadline: Instant) -> Instant {
        self.inserted += 1;
        match self.flaw {
            Some(Flaw::delay_is_none) => self.timer.now(),
            // So that of values with one deadline the newest comes first.
            Some(Flaw::delay_serves_the_newest) => {
                deadline + Duration::from_nanos(1000 - self.inserted)
            }
            _ => deadline,
        }
    }

    pub(crate) fn insert(&mut self, value: V, delay: Duration) -> DelayKey {
        if self.has(Flaw::delay_is_none) {
            return self.real.insert(value, Duration::ZERO);
        }
        self.real.insert(value, delay)
    }

    pub(crate) fn insert_at(&mut self, value: V, deadline: Instant) -> DelayKey {
        let deadline = self.flawed(deadline);
        self.real.insert_at(value, deadline)
    }

    pub(crate) fn reset(&mut self, key: DelayKey, delay: Duration) -> bool {
        if self.has(Flaw::delay_cannot_be_reset) {
            return self.real.deadline(key).is_some();
        }
        self.real.reset(key, delay)
    }

    pub(crate) fn reset_at(&mut self, key: DelayKey, deadline: Instant) -> bool {
        if self.has(Flaw::delay_cannot_be_reset) {
            return self.real.deadline(key).is_some();
        }
        self.real.reset_at(key, deadline)
    }

    pub(crate) fn remove(&mut self, key: DelayKey) -> Option<V> {
        let deadline = self.real.deadline(key);
        let value = self.real.remove(key)?;
        if let (Some(deadline), true) = (deadline, self.has(Flaw::delay_returns_the_removed)) {
            self.real.insert_at(value.clone(), deadline);
        }
        Some(value)
    }

    pub(crate) fn deadline(&self, key: DelayKey) -> Option<Instant> {
        self.real.deadline(key)
    }

    pub(crate) async fn next_expired(&mut self) -> Option<V> {
        let mut waiting = Waiting {
            queue: self,
            is_over: false,
        };
        let next = waiting.queue.real.next_expired().await;
        waiting.is_over = true;
        next
    }

    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Option<V>> {
        self.real.poll_expired(cx)
    }

    pub(crate) fn len(&self) -> usize {
        self.real.len()
    }
}

/// Is there while a `next_expired` waits.
struct Waiting<'a, H: Timer, V: Clone> {
    queue: &'a mut DelayQueue<H, V>,
    is_over: bool,
}

impl<H: Timer, V: Clone> Drop for Waiting<'_, H, V> {
    fn drop(&mut self) {
        if self.queue.has(Flaw::delay_loses_when_not_awaited) && !self.is_over {
            self.queue.real.clear();
        }
    }
}
