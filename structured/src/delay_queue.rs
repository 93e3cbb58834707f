use std::collections::BTreeSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use anyrt_core::{Instant, Sleep, Timer};
use futures_core::Stream;

use crate::slab::Slab;

/// A queue that returns each value when its delay is over: for sessions that expire, retries, caches.
///
/// All values share one sleep of one timer. The queue is also a [`Stream`]. The stream ends when the queue is empty; you may
/// insert again after that.
///
/// # Contract
///
/// - Each value is returned once, never before its deadline, the earliest deadline first. Values with the same deadline are
///   returned in the order in which they were inserted (`delay::returns_in_the_order_of_deadlines`, `delay::is_never_early`).
/// - A removed value is not returned (`delay::removed_values_are_not_returned`). A reset value is returned at its new deadline
///   only (`delay::reset_moves_a_value`).
///
/// # Cancellation
///
/// Dropping the future of [`next_expired`](Self::next_expired) loses no value (`delay::dropped_waits_lose_nothing`). Dropping the
/// queue drops the values.
///
/// # Cost
///
/// One allocation for the sleep. `insert`, `remove` and `reset` take logarithmic time.
///
/// Rules: `calls::queue_is_empty_when_cleared`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
/// use anyrt_structured::DelayQueue;
///
/// async fn order<T: Timer>(timer: T) -> Vec<&'static str> {
///     let mut queue = DelayQueue::new(timer);
///     queue.insert("second", Duration::from_millis(2));
///     queue.insert("first", Duration::from_millis(1));
///     let gone = queue.insert("never", Duration::from_secs(3600));
///     queue.remove(gone);
///     let mut order = Vec::new();
///     while let Some(value) = queue.next_expired().await {
///         order.push(value);
///     }
///     order
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # // In virtual time: between the two inserts a busy machine may spend more than a millisecond.
/// # let rt = anyrt_sim::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(order(rt.handle())), ["first", "second"]);
/// ```
pub struct DelayQueue<T: Timer, V> {
    timer: T,
    entries: Slab<Entry<V>>,
    /// The keys of the entries with a deadline, the earliest first.
    order: BTreeSet<(Instant, DelayKey)>,
    sleep: Option<Pin<Box<T::Sleep>>>,
    /// The deadline of the sleep while it runs.
    armed: Option<Instant>,
    waker: Option<Waker>,
    serial: u64,
}

struct Entry<V> {
    value: V,
    key: DelayKey,
    /// `None` if the clock cannot represent it: then it never comes.
    deadline: Option<Instant>,
}

/// Identifies a value in one [`DelayQueue`] until it is returned or removed. A queue never uses a key twice.
///
/// # Examples
///
/// ```
/// use anyrt_structured::DelayKey;
///
/// struct Session { expiry: DelayKey }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DelayKey {
    // First: values with one deadline are ordered by it.
    serial: u64,
    index: usize,
}

impl<T: Timer, V> DelayQueue<T, V> {
    /// Makes an empty queue on the clock of `timer`.
    pub fn new(timer: T) -> Self {
        Self {
            timer,
            entries: Slab::new(),
            order: BTreeSet::new(),
            sleep: None,
            armed: None,
            waker: None,
            serial: 0,
        }
    }

    /// Inserts `value`, to be returned after `delay` from now.
    pub fn insert(&mut self, value: V, delay: Duration) -> DelayKey {
        let deadline = self.timer.now().checked_add(delay);
        self.insert_entry(value, deadline)
    }

    /// Inserts `value`, to be returned at `deadline`. If the deadline has passed, the value is due at once.
    pub fn insert_at(&mut self, value: V, deadline: Instant) -> DelayKey {
        self.insert_entry(value, Some(deadline))
    }

    /// Sets the delay of a value, counted from now. Returns whether the value is still in the queue.
    pub fn reset(&mut self, key: DelayKey, delay: Duration) -> bool {
        let deadline = self.timer.now().checked_add(delay);
        self.set_deadline(key, deadline)
    }

    /// Sets the deadline of a value. Returns whether the value is still in the queue.
    pub fn reset_at(&mut self, key: DelayKey, deadline: Instant) -> bool {
        self.set_deadline(key, Some(deadline))
    }

    /// Removes and returns a value before its deadline. `None` if it is no longer in the queue.
    ///
    /// Wakes whoever waits for the queue when this was the last one (`delay::removed_values_are_not_returned`).
    pub fn remove(&mut self, key: DelayKey) -> Option<V> {
        let value = self.take(key)?;
        if self.is_empty() {
            self.wake();
        }
        Some(value)
    }

    fn take(&mut self, key: DelayKey) -> Option<V> {
        let deadline = self.entry(key)?.deadline;
        if let Some(deadline) = deadline {
            self.order.remove(&(deadline, key));
        }
        Some(self.entries.remove(key.index)?.value)
    }

    /// Returns the deadline of a value. `None` if it is no longer in the queue, or if the clock cannot represent its deadline.
    pub fn deadline(&self, key: DelayKey) -> Option<Instant> {
        let entry = self.entries.get(key.index)?;
        (entry.key == key).then_some(entry.deadline).flatten()
    }

    /// Waits for the next value that is due. Yields `None` when the queue is empty, or is emptied meanwhile.
    ///
    /// # Cancellation
    ///
    /// Dropping the returned future loses no value.
    pub fn next_expired(&mut self) -> impl Future<Output = Option<V>> {
        poll_fn(|cx| self.poll_expired(cx))
    }

    /// Polls for the next value that is due, for futures written by hand.
    ///
    /// The waker of the last poll is woken when a value may be due, when one is inserted or reset, and when the queue is emptied.
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Option<V>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let Some(&(deadline, key)) = self.order.first() else {
            // None of them is ever over; but an earlier one may be inserted.
            return self.wait_for_change(cx);
        };
        if deadline > self.timer.now() {
            if self.armed != Some(deadline) {
                match &mut self.sleep {
                    Some(sleep) => sleep.as_mut().reset(deadline),
                    None => self.sleep = Some(Box::pin(self.timer.sleep_until(deadline))),
                }
                self.armed = Some(deadline);
            }
            let sleep = self.sleep.as_mut().expect("made just now");
            if sleep.as_mut().poll(cx).is_pending() {
                return self.wait_for_change(cx);
            }
        }
        self.armed = None;
        Poll::Ready(self.take(key))
    }

    /// Returns the number of values in the queue, due ones included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether the queue is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops all values, and wakes whoever waits for the queue (`calls::queue_is_empty_when_cleared`).
    pub fn clear(&mut self) {
        self.order.clear();
        self.entries = Slab::new();
        self.wake();
    }

    fn insert_entry(&mut self, value: V, deadline: Option<Instant>) -> DelayKey {
        let mut key = DelayKey {
            serial: self.serial,
            index: 0,
        };
        self.serial += 1;
        key.index = self.entries.insert(Entry {
            value,
            key,
            deadline: None,
        });
        if let Some(entry) = self.entries.get_mut(key.index) {
            entry.key = key;
        }
        self.set_deadline(key, deadline);
        key
    }

    fn set_deadline(&mut self, key: DelayKey, deadline: Option<Instant>) -> bool {
        let Some(entry) = self.entry(key) else {
            return false;
        };
        let old = std::mem::replace(&mut entry.deadline, deadline);
        if let Some(old) = old {
            self.order.remove(&(old, key));
        }
        if let Some(deadline) = deadline {
            self.order.insert((deadline, key));
        }
        // Whoever waits, in another task perhaps, waits for the wrong moment.
        self.wake();
        true
    }

    fn entry(&mut self, key: DelayKey) -> Option<&mut Entry<V>> {
        let entry = self.entries.get_mut(key.index)?;
        (entry.key == key).then_some(entry)
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn wait_for_change(&mut self, cx: &mut Context<'_>) -> Poll<Option<V>> {
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

// Values are never pinned, and the sleep is in a box.
impl<T: Timer, V> Unpin for DelayQueue<T, V> {}

impl<T: Timer, V> Stream for DelayQueue<T, V> {
    type Item = V;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<V>> {
        Poll::Ready(ready!(self.poll_expired(cx)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), None)
    }
}

impl<T: Timer, V> fmt::Debug for DelayQueue<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelayQueue")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
