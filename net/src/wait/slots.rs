use std::mem::replace;
use std::task::Waker;

/// The wakers of those that wait, each at an index of its own for as long as it waits.
#[derive(Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    /// The first of the free slots, which are a list.
    free: Option<usize>,
}

enum Slot {
    Free { next: Option<usize> },
    Taken(Option<Waker>),
}

impl Slots {
    /// Takes a slot.
    pub(super) fn take(&mut self) -> usize {
        let Some(index) = self.free else {
            self.slots.push(Slot::Taken(None));
            return self.slots.len() - 1;
        };
        if let Slot::Free { next } = replace(&mut self.slots[index], Slot::Taken(None)) {
            self.free = next;
        }
        index
    }

    /// Keeps `waker` in a slot that was taken, and returns the one before it where that is another.
    pub(super) fn keep(&mut self, index: usize, waker: &Waker) -> Option<Waker> {
        match &mut self.slots[index] {
            Slot::Taken(Some(kept)) if kept.will_wake(waker) => None,
            Slot::Taken(kept) => kept.replace(waker.clone()),
            Slot::Free { .. } => None,
        }
    }

    /// Gives a slot back, and returns the waker that was in it.
    pub(super) fn free(&mut self, index: usize) -> Option<Waker> {
        let next = self.free.replace(index);
        match replace(&mut self.slots[index], Slot::Free { next }) {
            Slot::Taken(waker) => waker,
            Slot::Free { .. } => None,
        }
    }

    /// Moves wakers at and after `from` into `batch` until that is full; returns where to go on, or `None` at the end.
    pub(super) fn drain(&mut self, from: usize, batch: &mut [Option<Waker>]) -> Option<usize> {
        let mut room = batch.iter_mut();
        let mut place = room.next()?;
        for (index, slot) in self.slots.iter_mut().enumerate().skip(from) {
            if let Slot::Taken(waker @ Some(_)) = slot {
                *place = waker.take();
                match room.next() {
                    Some(next) => place = next,
                    None => return Some(index + 1),
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freed_slots_are_taken_again() {
        let mut slots = Slots::default();
        let all = [slots.take(), slots.take(), slots.take()];
        slots.free(all[1]);
        slots.free(all[0]);
        assert_eq!([slots.take(), slots.take()], [all[0], all[1]]);
        assert_eq!(slots.slots.len(), 3);
    }

    #[test]
    fn a_drain_goes_on_where_it_stopped() {
        let mut slots = Slots::default();
        for _ in 0..5 {
            let index = slots.take();
            slots.keep(index, Waker::noop());
        }
        let mut batch = [const { None }; 2];
        let mut from = Some(0);
        let mut drained = 0;
        while let Some(start) = from {
            from = slots.drain(start, &mut batch);
            drained += batch.iter_mut().filter_map(Option::take).count();
        }
        assert_eq!(drained, 5);
    }
}
