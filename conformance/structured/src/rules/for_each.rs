//! A task for each item.

use std::future::pending;
use std::panic::panic_any;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyrt_core::yield_now;

use crate::kit::{Count, Gate, Holding, poll_once, scaled, yield_until};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

rules! { for_each

/// Every item gets its task, and at no time have more than `limit` tasks not ended.
///
/// Intent: ten thousand pages are fetched over at most eight connections.
///
/// If this fails, check with what `ForEachConcurrent` compares its limit.
Must fn keeps_its_limit(rt: Shared) {
    let n = scaled(300).max(30);
    let (called, ended, most) = (Count::new(), Count::new(), Arc::new(AtomicUsize::new(0)));
    let (sum, go) = (Arc::new(AtomicUsize::new(0)), Gate::new());
    let (calls, ends, peak) = (called.clone(), ended.clone(), most.clone());
    let (total, opened) = (sum.clone(), go.clone());
    let mut each = pin!(rt.structured().for_each_concurrent(4, 0..n, move |item| {
        let alive = calls.add() + 1 - ends.get();
        peak.fetch_max(alive, Ordering::SeqCst);
        let (sum, go) = (total.clone(), opened.clone());
        Holding::new(ends.guard(), async move {
            if item < 10 {
                go.wait().await;
            }
            yield_now().await;
            sum.fetch_add(item, Ordering::SeqCst);
        })
    }));
    rt.block_on(async {
        assert!(poll_once(each.as_mut()).await.is_pending(), "its tasks wait for a gate");
        go.open();
        each.await.expect("all items succeed");
    });
    assert_eq!((called.get(), ended.get()), (n, n), "tasks that were started, and that are gone");
    assert_eq!(sum.load(Ordering::SeqCst), n * (n - 1) / 2, "the sum of the items");
    let most = most.load(Ordering::SeqCst);
    assert!(most <= 4, "{most} tasks were there at once, of at most 4");
}

/// An item is asked for when there is room for its task, and not before.
///
/// Intent: the items may be endless, or each a row that is read from a cursor.
///
/// If this fails, check where `ForEachConcurrent` calls `next`.
Must fn asks_when_there_is_room(rt: Shared) {
    let (asked, ended, go) = (Count::new(), Count::new(), Gate::new());
    let (counter, wait) = (asked.clone(), go.clone());
    let items = (0..50).inspect(move |_| { counter.add(); });
    let done = ended.clone();
    let mut each = pin!(rt.structured().for_each_concurrent(3, items, move |_| {
        let (go, done) = (wait.clone(), done.clone());
        async move {
            go.wait().await;
            done.add();
        }
    }));
    rt.block_on(async {
        for _ in 0..10 {
            assert!(poll_once(each.as_mut()).await.is_pending(), "its tasks wait for a gate");
            yield_now().await;
        }
        assert_eq!(asked.get(), 3, "items that were asked for, with room for 3 tasks");
        go.open();
        each.await.expect("all items succeed");
    });
    assert_eq!((asked.get(), ended.get()), (50, 50), "items that were asked for, and tasks that ended");
}

/// A task that panics is the result, after the others were aborted and are gone, and no further item is asked for.
///
/// Intent: an import that fails at its third row must not go on to the thousandth.
///
/// If this fails, check what `ForEachConcurrent` does with the error of a task.
Must fn first_error_stops_the_rest(rt: Shared) {
    let (asked, drops, waiting) = (Count::new(), Count::new(), Count::new());
    let (counter, guards, entered) = (asked.clone(), drops.clone(), waiting.clone());
    let items = (0..50).inspect(move |_| { counter.add(); });
    let each = rt.structured().for_each_concurrent(4, items, move |item| {
        let (others, entered) = (entered.clone(), entered.clone());
        Holding::new(guards.guard(), async move {
            match item {
                0 => {
                    yield_until("the others wait", || others.get() == 3).await;
                    panic_any(42_u8);
                }
                // In an implementation that goes on after the error, these end.
                4.. => {}
                _ => {
                    entered.add();
                    pending().await
                }
            }
        })
    });
    let each = rt.block_on(async {
        let mut each = pin!(each);
        let mut polls = 0;
        loop {
            if let std::task::Poll::Ready(end) = poll_once(each.as_mut()).await {
                break end;
            }
            polls += 1;
            assert!(asked.get() <= 4, "{} items were asked for after {polls} polls, though the first failed", asked.get());
            yield_now().await;
        }
    });
    let error = each.expect_err("a task panics");
    let payload = error.try_into_panic().expect("a panic, and no cancellation");
    assert_eq!(payload.downcast_ref::<u8>(), Some(&42), "the payload that was thrown");
    assert_eq!((asked.get(), drops.get()), (4, 4), "items that were asked for, and futures that were gone");
}

}
