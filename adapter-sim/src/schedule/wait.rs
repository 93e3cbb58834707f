//! What the last poll of a task left pending, and who woke it last: for reports. Nothing of the schedule depends on it.

use crate::TaskId;
use crate::net::Pending;

/// An operation that was pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Until a virtual time.
    Sleep(u64),
    /// Until another task ends.
    Join(TaskId),
    /// For the network.
    #[cfg_attr(
        not(feature = "net"),
        expect(dead_code, reason = "sockets are the network's")
    )]
    Net(Pending),
}

/// How many operations of a poll are kept: the last ones.
const KEPT: usize = 4;

/// The last operations of a poll that were pending, in the order in which they were polled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waits {
    last: [Option<Wait>; KEPT],
    count: u8,
    /// So many of them came before an operation that was ready: whoever went on after that may have dropped them.
    settled: u8,
    settled_before: u8,
}

impl Waits {
    /// A poll begins.
    pub(crate) fn clear(&mut self) {
        (self.count, self.settled, self.settled_before) = (0, 0, 0);
    }

    /// An operation is polled that is ready, unless [`push`](Self::push) follows.
    pub(crate) fn settle(&mut self) {
        self.settled_before = self.settled;
        self.settled = self.count;
    }

    /// An operation that was thought to be ready is pending.
    pub(crate) fn unsettle(&mut self) {
        self.settled = self.settled_before.min(self.count);
    }

    /// An operation is pending.
    #[inline]
    pub(crate) fn push(&mut self, wait: Wait) {
        match self.count {
            0 => (self.last[0], self.count) = (Some(wait), 1),
            _ => self.push_behind(wait),
        }
    }

    fn push_behind(&mut self, wait: Wait) {
        let count = usize::from(self.count);
        let kept = self.last[..count].iter().position(|it| *it == Some(wait));
        if let Some(place) = kept.or((count == KEPT).then_some(0)) {
            self.last[place..count].rotate_left(1);
            self.last[count - 1] = Some(wait);
            if place < usize::from(self.settled) {
                self.settled -= 1;
            }
        } else {
            self.last[count] = Some(wait);
            self.count += 1;
        }
    }

    /// Those that came before an operation that was ready, and those after it.
    pub(crate) fn split(&self) -> (impl Iterator<Item = Wait>, impl Iterator<Item = Wait>) {
        let kept = &self.last[..usize::from(self.count)];
        let (before, after) = kept.split_at(usize::from(self.settled));
        (
            before.iter().copied().flatten(),
            after.iter().copied().flatten(),
        )
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Wait> {
        self.last[..usize::from(self.count)]
            .iter()
            .copied()
            .flatten()
    }
}

/// Who woke a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waking {
    /// The task that was polled meanwhile.
    Task(TaskId),
    Timer,
    /// Something that arrived from the network.
    Arrival,
    /// Another thread, or whoever drives the simulation.
    Outside,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(number: u64) -> Wait {
        Wait::Join(TaskId::new(number))
    }

    fn both(waits: &Waits) -> (Vec<Wait>, Vec<Wait>) {
        let (before, after) = waits.split();
        (before.collect(), after.collect())
    }

    #[test]
    fn the_last_ones_are_kept_and_none_twice() {
        let mut waits = Waits::default();
        for number in [0, 1, 2, 3, 4, 2] {
            waits.push(join(number));
        }
        assert_eq!(waits.iter().collect::<Vec<_>>(), [1, 3, 4, 2].map(join));
        waits.clear();
        assert_eq!(waits.iter().count(), 0);
    }

    #[test]
    fn what_was_polled_before_something_that_was_ready_is_told_apart() {
        let mut waits = Waits::default();
        waits.push(join(0));
        waits.push(join(1));
        waits.settle();
        waits.push(join(2));
        assert_eq!(both(&waits), (vec![join(0), join(1)], vec![join(2)]));
        // Polled again, it is pending now.
        waits.push(join(0));
        assert_eq!(both(&waits), (vec![join(1)], vec![join(2), join(0)]));
        // One that was not ready after all.
        waits.settle();
        waits.unsettle();
        assert_eq!(both(&waits), (vec![join(1)], vec![join(2), join(0)]));
    }
}
