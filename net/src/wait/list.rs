use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// The wakers of those that wait for one event. The event empties it.
#[derive(Default)]
pub(super) struct List {
    /// Counts the events. Changed under the lock; read without it, to notice an event between a look at the socket and the entry
    /// in the list, and to know that an entry is gone.
    events: AtomicU64,
    wakers: Mutex<Wakers>,
}

/// Where an entry is in its list, until the next event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// How many events there were before it.
    events: u64,
    index: usize,
}

/// An entry at each index: most sockets have one waiter at a time, whose entry needs no allocation.
#[derive(Default)]
struct Wakers {
    first: Option<Waker>,
    /// The second and later ones.
    others: Vec<Option<Waker>>,
    /// The entries of `others` that were given back.
    vacant: Vec<usize>,
}

impl List {
    /// How many events there were.
    #[inline]
    pub(super) fn events(&self) -> u64 {
        self.events.load(Ordering::Acquire)
    }

    /// Keeps `waker` in the entry that `entry` names, or in a new one; `None` when there was an event since there were `before`.
    #[inline]
    pub(super) fn keep(&self, entry: Option<Entry>, waker: &Waker, before: u64) -> Option<Entry> {
        let mut wakers = self.lock();
        if self.events.load(Ordering::Relaxed) != before {
            return None;
        }
        // An entry from before an earlier event is gone, and its index may be somebody else's.
        let index = match entry {
            Some(entry) if entry.events == before => entry.index,
            _ => wakers.take_entry(),
        };
        let kept = wakers.at(index);
        let old = match kept {
            Some(kept) if kept.will_wake(waker) => None,
            _ => kept.replace(waker.clone()),
        };
        // With the lock released: a waker is somebody else's code.
        drop(wakers);
        drop(old);
        Some(Entry {
            events: before,
            index,
        })
    }

    /// Gives an entry back, unless an event has taken it.
    #[inline]
    pub(super) fn forget(&self, entry: Entry) {
        if self.events() == entry.events {
            self.free(entry);
        }
    }

    fn free(&self, entry: Entry) {
        let mut wakers = self.lock();
        if self.events.load(Ordering::Relaxed) == entry.events {
            let waker = wakers.give_back(entry.index);
            // As above.
            drop(wakers);
            drop(waker);
        }
    }

    /// The rest of an event, where there are others than the first.
    #[cold]
    fn wake_all(&self, mut wakers: MutexGuard<'_, Wakers>, first: Option<Waker>) {
        wakers.vacant.clear();
        let mut others = mem::take(&mut wakers.others);
        drop(wakers);
        first.into_iter().for_each(Waker::wake);
        others.drain(..).flatten().for_each(Waker::wake);
        // For the next ones, so that they need not allocate.
        let mut wakers = self.lock();
        if wakers.others.capacity() == 0 {
            wakers.others = others;
        }
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Wakers> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wakers {
    #[inline]
    fn at(&mut self, index: usize) -> &mut Option<Waker> {
        match index {
            0 => &mut self.first,
            _ => &mut self.others[index - 1],
        }
    }

    /// The index of an entry that nobody has.
    #[inline]
    fn take_entry(&mut self) -> usize {
        if self.first.is_none() {
            return 0;
        }
        self.vacant.pop().unwrap_or_else(|| {
            self.others.push(None);
            self.others.len()
        })
    }

    fn give_back(&mut self, index: usize) -> Option<Waker> {
        if index > 0 {
            self.vacant.push(index);
        }
        self.at(index).take()
    }
}

impl Wake for List {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    /// An event: wakes all, and empties the list.
    fn wake_by_ref(self: &Arc<Self>) {
        let mut wakers = self.lock();
        self.events.fetch_add(1, Ordering::Release);
        let first = wakers.first.take();
        if !wakers.others.is_empty() {
            return self.wake_all(wakers, first);
        }
        drop(wakers);
        if let Some(first) = first {
            first.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn task() -> (Arc<Task>, Waker) {
        let task = Arc::<Task>::default();
        (task.clone(), Waker::from(task))
    }

    fn wait(list: &List, waker: &Waker) -> Entry {
        list.keep(None, waker, list.events())
            .expect("there was no event")
    }

    #[test]
    fn an_entry_given_back_before_an_event_is_not_taken_after_it() {
        let list = Arc::<List>::default();
        let (task, waker) = task();
        let [_first, second, _third] = [(); 3].map(|()| wait(&list, &waker));
        list.forget(second);
        Waker::from(list.clone()).wake_by_ref();
        assert_eq!(task.0.load(Ordering::Relaxed), 2);
        for _ in 0..3 {
            wait(&list, &waker);
        }
        Waker::from(list).wake();
        assert_eq!(task.0.load(Ordering::Relaxed), 5);
    }

    #[test]
    fn an_event_wakes_all_and_keeps_none() {
        let list = Arc::<List>::default();
        let (task, waker) = task();
        for _ in 0..5 {
            wait(&list, &waker);
        }
        assert_eq!(Arc::strong_count(&task), 7);
        list.wake_by_ref();
        assert_eq!(task.0.load(Ordering::Relaxed), 5);
        assert_eq!(Arc::strong_count(&task), 2);
        list.wake_by_ref();
        assert_eq!(task.0.load(Ordering::Relaxed), 5);
    }

    #[test]
    fn entries_that_were_given_back_are_taken_again() {
        let list = List::default();
        let all = [(); 3].map(|()| wait(&list, Waker::noop()).index);
        for index in [all[1], all[0], all[2]] {
            list.forget(Entry { events: 0, index });
        }
        let mut again = [(); 3].map(|()| wait(&list, Waker::noop()).index);
        again.sort_unstable();
        assert_eq!(again, all);
    }

    #[test]
    fn an_entry_from_before_an_event_is_not_anybody_elses() {
        let list = Arc::<List>::default();
        let (_old_task, old) = task();
        let entries = [wait(&list, &old), wait(&list, &old)];
        list.wake_by_ref();
        let (task, waker) = task();
        wait(&list, &waker);
        wait(&list, &waker);
        for entry in entries {
            list.forget(entry);
        }
        // And a task that waits again has a new entry.
        let again = list.keep(Some(entries[0]), &old, list.events());
        assert_eq!(again.map(|entry| entry.index), Some(2));
        list.wake_by_ref();
        assert_eq!(task.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn an_event_since_the_look_is_noticed() {
        let list = Arc::<List>::default();
        let before = list.events();
        list.wake_by_ref();
        assert!(list.keep(None, Waker::noop(), before).is_none());
    }

    #[test]
    fn an_entry_keeps_the_last_waker() {
        let list = Arc::<List>::default();
        let ((first_task, first), (last_task, last)) = (task(), task());
        let entry = wait(&list, &first);
        list.keep(Some(entry), &last, list.events());
        list.wake_by_ref();
        assert_eq!(first_task.0.load(Ordering::Relaxed), 0);
        assert_eq!(last_task.0.load(Ordering::Relaxed), 1);
    }
}
