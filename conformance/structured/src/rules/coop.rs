//! A share of the thread for loops that never have to wait.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use anyrt_core::yield_now;
use futures::stream::{iter, poll_fn};
use futures::{Stream, StreamExt};

use crate::kit::{Count, Patience, WakeCount, counted, scaled};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);

/// How long a loop runs that is not interrupted: so long that only one that never is gets there.
const ENDLESS: Duration = Duration::from_secs(4);

rules! { coop

/// An always-ready loop is polled once more for each `steps` steps of its budget: it yields after so many, and then goes on.
///
/// Intent: a loop over a channel that is always full must let others have the thread, and not more often than it has to.
///
/// If this fails, check what `Budget::poll_step` counts, and that its yield wakes the task.
Must fn budget_yields_after_its_steps(rt: Any) {
    for steps in [1, 7, 128] {
        let (polls, yields) = (Count::new(), 20);
        let mut budget = rt.structured().budget(steps);
        let task = rt.spawn(counted(&polls, async move {
            for _ in 0..steps * yields {
                budget.step().await;
            }
            budget.step().await;
        }));
        rt.block_on(task).expect("the loop ends");
        assert_eq!(polls.get(), 21, "polls of a loop of 20 times {steps} steps and one");
    }
}

/// A timeout around an always-ready loop with a budget fires.
///
/// Intent: time limits must hold under load.
///
/// If this fails, check `yield_now::lets_a_select_fire`, and that the loop's budget yields at all.
Must fn timeout_interrupts_a_budgeted_loop(rt: Any) {
    let mut budget = rt.structured().budget(128);
    let busy = async move {
        // So that a loop that nothing interrupts is seen as such, and does not hang. Time without a processor does not count: in a
        // simulation it takes thousands of polls until the 10 ms have passed.
        let patience = Patience::new(ENDLESS);
        while !patience.is_over() {
            budget.step().await;
        }
    };
    let limited = rt.timeout(10 * MS, busy);
    let ended = rt.block_on(rt.spawn(limited)).expect("the task ends");
    assert_eq!(ended, None, "a loop without an end came to one under a timeout of 10 ms");
}

/// A stream with a budget is pending once after each `steps` items that were ready at once, and wakes its task; where the stream
/// below is pending, it counts anew.
///
/// Intent: a loop over a stream that is always ready must let others have the thread, and one that waits has done so.
///
/// If this fails, check where `Budgeted` takes its steps, and when it refills its budget.
Must fn stream_yields_after_its_steps(rt: Any) {
    let stream = rt.structured().budgeted(iter(0..100), 10);
    let wakes = WakeCount::new();
    let (mut stream, mut run, mut runs, mut items) = (pin!(stream), 0, Vec::new(), Vec::new());
    rt.block_on(async {
        loop {
            match wakes.with(|cx| stream.as_mut().poll_next(cx)) {
                Poll::Ready(Some(item)) => {
                    items.push(item);
                    run += 1;
                }
                Poll::Ready(None) => break,
                Poll::Pending => runs.push(std::mem::take(&mut run)),
            }
        }
    });
    assert_eq!(runs, [10; 10], "items between two yields");
    assert_eq!(wakes.get(), 10, "wakes, one for each yield");
    assert_eq!(items, (0..100).collect::<Vec<_>>(), "the items, and their order");
    let mut turn = 0;
    let waits = poll_fn(move |_| {
        turn += 1;
        if turn % 4 == 0 { Poll::Pending } else { Poll::Ready(Some(turn)) }
    });
    // It wakes nobody, so that all wakes are the budget's.
    let (mut stream, wakes) = (pin!(rt.structured().budgeted(waits, 5)), WakeCount::new());
    for _ in 0..100 {
        let _: Poll<_> = wakes.with(|cx| stream.as_mut().poll_next(cx));
    }
    assert_eq!(wakes.get(), 0, "yields of a stream that never has five items in a row");
}

/// A stream with a budget neither loses nor reorders items, though the stream below is pending now and then.
///
/// Intent: a budget changes when items come, and nothing else.
///
/// If this fails, check what `Budgeted` does when its budget is used up.
Must fn stream_keeps_its_items(rt: Any) {
    let n = scaled(5000).max(100);
    let (sender, receiver) = futures::channel::mpsc::unbounded();
    let producer = rt.spawn(async move {
        for i in 0..n {
            sender.unbounded_send(i).expect("the consumer listens");
            if i % 37 == 0 {
                yield_now().await;
            }
        }
    });
    let stream = rt.structured().budgeted(receiver, 8);
    let items = rt.block_on(rt.spawn(stream.collect::<Vec<_>>())).expect("the consumer ends");
    rt.block_on(producer).expect("the producer ends");
    assert_eq!(items.len(), n, "items that came, of {n} that were sent");
    assert!(items.is_sorted(), "in the order in which they were sent");
}

}
