//! `DelayQueue`.

mod common;

use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{Instant, prelude::*, yield_now};
use anyrt_structured::{DelayQueue, Either, select};
use futures::StreamExt;

use self::common::{HandClock, HandSleep, Wakes, on_every_runtime, poll};

const MS: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(3600);

on_every_runtime! {
    values_come_in_the_order_of_their_deadlines,
    no_value_is_early,
    removed_values_do_not_come,
    a_reset_moves_a_value,
    an_insert_wakes_who_waits,
    dropping_next_loses_nothing,
    endless_delays_are_never_over,
}

async fn values_come_in_the_order_of_their_deadlines<R: Runtime>(rt: R) {
    let now = rt.now();
    let mut queue = DelayQueue::new(rt);
    assert_eq!(queue.next_expired().await, None);
    for n in [3, 1, 2, 0] {
        queue.insert_at((n, 'a'), now + n * MS);
        queue.insert_at((n, 'b'), now + n * MS);
    }
    assert_eq!(queue.len(), 8);
    let order: Vec<_> = queue.by_ref().collect().await;
    let expected: Vec<_> = (0..4).flat_map(|n| [(n, 'a'), (n, 'b')]).collect();
    assert_eq!(order, expected);
    queue.insert((4, 'c'), Duration::ZERO);
    assert_eq!(queue.next_expired().await, Some((4, 'c')));
    assert!(queue.is_empty());
}

async fn no_value_is_early<R: Runtime>(rt: R) {
    let mut queue = DelayQueue::new(&rt);
    let start = rt.now();
    for n in 1..10 {
        queue.insert(n, n * MS);
    }
    while let Some(n) = queue.next_expired().await {
        assert!(rt.now() >= start + n * MS);
    }
}

async fn removed_values_do_not_come<R: Runtime>(rt: R) {
    let mut queue = DelayQueue::new(rt);
    let keys: Vec<_> = (0..10).map(|n| queue.insert(n, MS)).collect();
    for (n, &key) in keys.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
        assert_eq!(queue.remove(key), Some(n));
        assert_eq!(queue.remove(key), None);
    }
    // Into the places of those that are gone.
    let new = queue.insert(10, 2 * MS);
    assert!(keys.iter().all(|&key| key != new));
    // `keys[8]` is of the place that the new one has.
    for gone in [keys[0], keys[8]] {
        assert!(!queue.reset(gone, LONG) && queue.deadline(gone).is_none());
        assert_eq!(queue.remove(gone), None);
    }
    let order: Vec<_> = queue.by_ref().collect().await;
    assert_eq!(order, [1, 3, 5, 7, 9, 10]);
    assert_eq!(queue.remove(new), None);
    queue.insert(11, LONG);
    queue.clear();
    assert_eq!(queue.next_expired().await, None);
}

async fn a_reset_moves_a_value<R: Runtime>(rt: R) {
    let mut queue = DelayQueue::new(&rt);
    let (first, second) = (queue.insert("first", LONG), queue.insert("second", LONG));
    let waits = select(queue.next_expired(), yield_now()).await;
    assert!(matches!(waits, Either::Right(())));
    let soon = rt.now() + MS;
    assert!(queue.reset_at(second, soon) && queue.reset(first, LONG));
    assert_eq!(queue.deadline(second), Some(soon));
    // One that is put off does not come at its old time.
    let third = queue.insert("third", Duration::ZERO);
    assert!(queue.reset(third, LONG));
    assert_eq!(queue.next_expired().await, Some("second"));
    assert_eq!(queue.remove(third), Some("third"));
    assert!(!queue.reset(second, MS) && queue.reset(first, Duration::ZERO));
    assert_eq!(queue.next_expired().await, Some("first"));
}

async fn an_insert_wakes_who_waits<R: Runtime>(rt: R) {
    let mut queue = DelayQueue::new(rt);
    queue.insert("late", LONG);
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    assert!(queue.poll_expired(&mut cx).is_pending());
    let early = queue.insert("early", LONG / 2);
    assert_eq!(wakes.count(), 1);
    assert!(queue.poll_expired(&mut cx).is_pending());
    assert!(queue.reset(early, Duration::ZERO));
    assert_eq!(wakes.count(), 2);
    assert_eq!(queue.next_expired().await, Some("early"));
}

async fn dropping_next_loses_nothing<R: Runtime>(rt: R) {
    let mut queue = DelayQueue::new(&rt);
    for n in 0..20 {
        queue.insert(n, n * MS / 4);
    }
    let mut sum = 0;
    loop {
        match select(queue.next_expired(), rt.sleep(MS)).await {
            Either::Left(Some(n)) => sum += n,
            Either::Left(None) => break,
            Either::Right(()) => {}
        }
    }
    assert_eq!(sum, 190);
}

async fn endless_delays_are_never_over<R: Runtime>(rt: R) {
    let mut queue = DelayQueue::new(rt);
    let endless = queue.insert("endless", Duration::MAX);
    assert_eq!(queue.deadline(endless), None);
    let waits = std::future::poll_fn(|cx| Poll::Ready(queue.poll_expired(cx))).await;
    assert!(waits.is_pending());
    queue.insert("soon", MS);
    assert_eq!(queue.next_expired().await, Some("soon"));
    assert_eq!(queue.remove(endless), Some("endless"));
}

/// A clock that gives no sleeps.
struct Sleepless(HandClock);

impl Timer for Sleepless {
    type Sleep = HandSleep;

    fn sleep(&self, _: Duration) -> HandSleep {
        unreachable!("a value is due")
    }

    fn sleep_until(&self, _: Instant) -> HandSleep {
        unreachable!("a value is due")
    }

    fn now(&self) -> Instant {
        self.0.now()
    }
}

#[test]
fn a_value_that_is_due_needs_no_sleep() {
    let mut queue = DelayQueue::new(Sleepless(HandClock::new()));
    queue.insert(1, Duration::ZERO);
    assert_eq!(poll(&mut queue.next()), Poll::Ready(Some(1)));
}
