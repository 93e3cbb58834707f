//! Queues of values that are over at their deadlines.

use std::task::Poll;
use std::time::Duration;

use crate::kit::{WakeCount, poll_once};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

rules! { delay

/// Each value is returned once. The earliest deadline comes first; values with the same deadline come in the order of their
/// inserts.
///
/// Intent: retries that are due go out in order.
///
/// If this fails, check by what `DelayQueue` orders its entries.
Must fn returns_in_the_order_of_deadlines(rt: Any) {
    let mut queue = rt.structured().delay_queue();
    let begin = rt.now();
    let mut expected = Vec::new();
    for (i, delay) in [3, 0, 2, 2, 1, 3, 0, 2, 1, 3].into_iter().enumerate() {
        queue.insert_at((delay, i), begin + delay * 2 * MS);
        expected.push((delay, i));
    }
    expected.sort_unstable();
    assert_eq!(queue.len(), 10, "values in the queue");
    let seen = rt.block_on(async {
        let mut seen = Vec::new();
        while let Some(value) = queue.next_expired().await {
            seen.push(value);
        }
        seen
    });
    assert_eq!(seen, expected, "deadlines and numbers of the values that were returned");
}

/// No value is returned before its deadline.
///
/// Intent: a session must not expire while its user types.
///
/// If this fails, check what `DelayQueue` compares its clock with.
Must fn is_never_early(rt: Any) {
    let mut queue = rt.structured().delay_queue();
    rt.block_on(async {
        for delay in [1, 5, 2, 9] {
            let deadline = rt.now() + delay * MS;
            queue.insert_at(Some(deadline), deadline);
            let deadline = rt.now() + delay * MS;
            queue.insert(Some(deadline), delay * MS);
        }
        let far = queue.insert(None, HOUR);
        assert!(queue.deadline(far).is_some_and(|it| it >= rt.now() + HOUR / 2), "the deadline of a value in an hour");
        // A time that no clock reaches.
        let never = queue.insert(None, Duration::MAX);
        for _ in 0..8 {
            let deadline = queue.next_expired().await.flatten().expect("the values in an hour are not over");
            assert!(rt.now() >= deadline, "a value came {:?} before its deadline", deadline - rt.now());
        }
        assert!(poll_once(Box::pin(queue.next_expired())).await.is_pending(), "one is in the queue for an hour");
        assert!(queue.remove(far).is_some(), "it is still there");
        assert!(poll_once(Box::pin(queue.next_expired())).await.is_pending(), "one is in the queue for ever");
        assert!(queue.remove(never).is_some(), "it is still there");
    });
}

/// `remove` returns the value, and the value does not come out later. The key of a value that is gone removes nothing. Whoever
/// waits for the queue is woken when its last value is removed, and finds that it is empty.
///
/// Intent: the answer came in time, so its timeout must not fire.
///
/// If this fails, check that `remove` takes the key out of the order as well, compares the serial number of a key, and wakes.
Must fn removed_values_are_not_returned(rt: Any) {
    let mut queue = rt.structured().delay_queue();
    let keys = ["a", "b", "c"].map(|value| queue.insert(value, MS));
    assert_eq!(queue.remove(keys[1]), Some("b"), "the value that was removed");
    assert_eq!(queue.remove(keys[1]), None, "it is gone");
    // It has the place of the one that is gone.
    queue.insert("d", 2 * MS);
    assert_eq!((queue.remove(keys[1]), queue.deadline(keys[1]), queue.reset(keys[1], MS)), (None, None, false), "by an old key");
    let seen = rt.block_on(async {
        let mut seen = Vec::new();
        while let Some(value) = queue.next_expired().await {
            seen.push(value);
        }
        seen
    });
    assert_eq!(seen, ["a", "c", "d"], "values that were returned");
    assert_eq!(queue.remove(keys[0]), None, "a value that was returned is gone");
    rt.block_on(async {
        let (last, wakes) = (queue.insert("last", HOUR), WakeCount::new());
        assert!(wakes.with(|cx| queue.poll_expired(cx)).is_pending(), "it is over in an hour");
        assert_eq!(queue.remove(last), Some("last"), "the value that was removed");
        assert!(wakes.get() > 0, "who waits is woken when the last value is removed");
        assert_eq!(wakes.with(|cx| queue.poll_expired(cx)), Poll::Ready(None), "the queue is empty");
    });
}

/// `reset` replaces the deadline of a value by an earlier or a later one, and wakes the task that waits for the queue.
///
/// Intent: each message of a peer puts off its timeout, and a shorter timeout counts at once.
///
/// If this fails, check what `DelayQueue` does with the sleep that it has armed, and whom `reset` wakes.
Must fn reset_moves_a_value(rt: Any) {
    let mut queue = rt.structured().delay_queue();
    rt.block_on(async {
        let (sooner, later) = (queue.insert("sooner", HOUR), queue.insert("later", MS));
        assert!(queue.reset(sooner, MS), "it is there");
        // After the reset, so that it is later however long a step takes.
        queue.insert("between", 4 * MS);
        assert!(queue.reset_at(later, rt.now() + HOUR), "it is there");
        assert_eq!(queue.next_expired().await, Some("sooner"), "it was to come in an hour");
        assert_eq!(queue.next_expired().await, Some("between"), "the other one was put off");
        let wakes = WakeCount::new();
        assert!(wakes.with(|cx| queue.poll_expired(cx)).is_pending(), "the value that was put off");
        assert!(queue.reset(later, Duration::ZERO), "it is there");
        assert!(wakes.get() > 0, "who waits is woken when a value is reset");
        assert_eq!(wakes.with(|cx| queue.poll_expired(cx)), Poll::Ready(Some("later")), "it is over at once");
        assert_eq!(wakes.with(|cx| queue.poll_expired(cx)), Poll::Ready(None), "the queue is empty");
    });
}

/// Dropping `next_expired` loses no value.
///
/// Intent: a `select` of the queue and a socket drops the wait with each message.
///
/// If this fails, check that a value stays in the queue until it is returned.
Must fn dropped_waits_lose_nothing(rt: Any) {
    let mut queue = rt.structured().delay_queue();
    let key = queue.insert("kept", HOUR);
    rt.block_on(async {
        for _ in 0..3 {
            assert!(poll_once(Box::pin(queue.next_expired())).await.is_pending(), "it is over in an hour");
        }
        assert!(queue.reset(key, MS), "it is there");
        assert_eq!(queue.next_expired().await, Some("kept"), "after waits that were given up");
    });
}

}
