//! Time limits.

use std::future::{Future as _, pending, ready};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyrt_core::{Timer, yield_now};

use crate::kit::{Count, Gate, Holding, OnDrop, WakeCount, catch, message, poll_once, step};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

rules! { timeout

/// When the value and the limit are both there, the value wins.
///
/// Intent: work that was done must not be thrown away for a scheduling delay.
///
/// If this fails, check that the timeout polls its future before its sleep, every time.
Must fn value_wins(rt: Any) {
    let handle = rt.handle();
    let gate = Gate::new();
    let mut limited = rt.timeout(5 * MS, gate.wait());
    rt.block_on(async {
        let first = poll_once(&mut limited).await;
        handle.sleep(10 * MS).await;
        gate.open();
        // A very late first poll may have elapsed already, without a value to win.
        assert!(first == Poll::Ready(None) || limited.await == Some(()), "the limit won over a value that was there");
    });
}

/// The future is polled at least once, also under a limit of zero.
///
/// Intent: "take it if it is there" is a timeout of zero.
///
/// If this fails, check that the limit is looked at only after the future was pending.
Must fn polls_the_value_at_least_once(rt: Any) {
    for _ in 0..20 {
        assert_eq!(rt.block_on(rt.timeout(Duration::ZERO, ready(7))), Some(7));
    }
}

/// A limit of zero over a pending future elapses at the first poll.
///
/// Intent: it must not cost a turn of the timer, which is a millisecond on tokio.
///
/// If this fails, check the short cut for a limit of zero.
Must fn zero_elapses_at_once(rt: Any) {
    let handle = rt.handle();
    let first = rt.block_on(async { poll_once(handle.timeout(Duration::ZERO, pending::<()>())).await });
    assert_eq!(first, Poll::Ready(None));
}

/// A limit of `Duration::MAX` never elapses and never panics.
///
/// Intent: `Duration::MAX` is how callers spell "no limit".
///
/// If this fails, check that the deadline is added with `checked_add`.
Must fn endless_never_elapses(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let mut limited = handle.timeout(Duration::MAX, pending::<()>());
        for _ in 0..2 {
            assert!(poll_once(&mut limited).await.is_pending(), "an endless limit elapsed");
            handle.sleep(3 * MS).await;
        }
        assert_eq!(handle.timeout(Duration::MAX, ready(7)).await, Some(7));
    });
}

/// A value that is ready at once arms no timer: nobody keeps the waker.
///
/// Intent: most calls under a limit are answered from a buffer or a cache, and must not pay for a timer.
///
/// If this fails, check that the sleep is made only after the future was pending.
Must fn ready_value_arms_nothing(rt: Any) {
    let count = WakeCount::new();
    let mut limited = rt.timeout(HOUR, ready(7));
    let output = count.with(|cx| std::pin::Pin::new(&mut limited).poll(cx));
    assert_eq!(output, Poll::Ready(Some(7)));
    assert_eq!(Arc::strong_count(&count), 1, "something keeps the waker");
}

/// A panic of the future passes through the timeout, with its payload.
///
/// Intent: a limit must not turn a bug into a delay.
///
/// If this fails, check for a task or a `catch_unwind` between the timeout and its future.
Must fn panic_passes_through(rt: Any) {
    let thrown = catch(|| rt.block_on(rt.timeout(HOUR, async { panic!("boom") })));
    let payload = thrown.map(|never: Option<()>| never).expect_err("the panic is gone");
    assert_eq!(message(&*payload), "boom");
}

/// After the limit has passed the future is still there, until the timeout is dropped.
///
/// Intent: whoever gave the future decides whether to go on with it; async-std drops it at once.
///
/// If this fails, check that the timeout keeps its future in place.
Must fn keeps_the_future_after_elapsing(rt: Any) {
    let drops = Count::new();
    let mut limited = rt.timeout(MS, Holding::new(drops.guard(), pending::<()>()));
    assert_eq!(rt.block_on(&mut limited), None);
    assert_eq!(drops.get(), 0, "the future is gone before its timeout");
    drop(limited);
    assert_eq!(drops.get(), 1, "the future outlives its timeout");
}

/// A limit interrupts a future that wakes itself for ever.
///
/// Intent: a busy future must not starve the timer that is to stop it.
///
/// If this fails, check that the executor looks at its timers between polls of a task that is always ready to run.
Must fn interrupts_a_busy_future(rt: Any) {
    let handle = rt.handle();
    let busy = rt.spawn(async move {
        handle.timeout(20 * MS, async {
            loop {
                yield_now().await;
            }
        }).await
    });
    step("the limit passes over a future that wakes itself all the time");
    let end: Option<()> = rt.block_on(busy).expect("the task ends");
    assert_eq!(end, None);
}

/// A limit passes also over a future that uses up what its task may do in one turn: that awaits sleeps of zero and tasks that
/// have ended, one after the other.
///
/// Intent: some runtimes make the operations of a task pending once it has done enough. A limit that asks for its timer then is
/// told to wait as well, and never learns that its time is over.
///
/// If this fails, check that the sleep of a limit is looked at also when the task's budget is used up.
Must fn passes_over_a_busy_future(rt: Any) {
    let handle = rt.handle();
    for joins in [false, true] {
        let (limit, inner) = (handle.clone(), handle.clone());
        let busy = rt.spawn(async move {
            limit.timeout(2 * MS, async move {
                loop {
                    if joins {
                        inner.spawn(ready(())).await.expect("the inner task ends");
                    } else {
                        inner.sleep(Duration::ZERO).await;
                    }
                }
            }).await
        });
        step(format_args!("a limit passes over a future that is busy all the time (joins: {joins})"));
        let end: Option<()> = rt.block_on(busy).expect("the task ends");
        assert_eq!(end, None);
    }
}

/// Is a loop of awaits that are always ready interrupted by its limit?
///
/// Intent: no future can be stopped between two points at which it is pending; only tokio's own channels are pending for the
/// sake of it.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn always_ready_loop(rt: Any) {
    let handle = rt.handle();
    let clock = handle.clone();
    let begun = handle.now();
    let end = rt.block_on(handle.timeout(5 * MS, async move {
        // A virtual clock stands still while this runs.
        for _ in 0..1_000_000 {
            ready(()).await;
            if clock.now() - begun > 15 * MS {
                break;
            }
        }
    }));
    String::from(if end.is_some() { "is not interrupted" } else { "is interrupted" })
}

/// Of nested timeouts, the shorter one fires.
///
/// Intent: a request's limit holds inside a session's, and the other way round.
///
/// If this fails, check that each timeout has a sleep of its own.
Must fn shorter_one_fires(rt: Any) {
    let outer_hour = rt.timeout(HOUR, rt.timeout(5 * MS, pending::<()>()));
    step("the shorter limit passes inside the longer one");
    assert_eq!(rt.block_on(outer_hour), Some(None));
    let inner_hour = rt.timeout(5 * MS, rt.timeout(HOUR, pending::<()>()));
    assert_eq!(rt.block_on(inner_hour), None);
}

/// A limit counts from the call that made it, not from its first poll.
///
/// Intent: a request that waited for its turn has used some of its time.
///
/// If this fails, check for a timeout written as an `async fn`: nothing in one runs before its first poll.
Must fn counts_from_the_call(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let limited = handle.timeout(10 * MS, pending::<()>());
        handle.sleep(12 * MS).await;
        assert_eq!(poll_once(limited).await, Poll::Ready(None), "it began to count at its first poll");
    });
}

/// A limit until a deadline elapses there and not before, at once where it has passed, and the value wins there too.
///
/// Intent: a request with several steps has one deadline for all of them.
///
/// If this fails, check what `timeout_at` makes its sleep of.
Must fn until_a_deadline_elapses_there(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let deadline = handle.now() + 10 * MS;
        step("a limit until a deadline elapses");
        let end = Timer::timeout_at(&handle, deadline, pending::<()>()).await;
        assert!(end.is_err(), "a value of a future that has none");
        assert!(handle.now() >= deadline, "it elapsed before its deadline");
        let mut late = std::pin::pin!(Timer::timeout_at(&handle, deadline, pending::<()>()));
        let first = std::future::poll_fn(|cx| Poll::Ready(late.as_mut().poll(cx))).await;
        assert!(matches!(first, Poll::Ready(Err(_))), "pending although its deadline has passed");
        let value = Timer::timeout_at(&handle, deadline, ready(7)).await;
        assert_eq!(value.ok(), Some(7), "the deadline won over a value that was there");
    });
}

/// A limit passes in the future of `block_on` as in a task, also while a closure on the blocking pool blocks on the runtime.
///
/// Intent: a test's own body is the root, and must not see another time than the code that it tests.
///
/// If this fails, check that the root is polled while something else drives the runtime.
Capability fn root_is_as_a_task(rt: Shared + Blocking) {
    let limited = |handle: Rt| async move {
        let (gate, inner) = (Gate::new(), handle.clone());
        let _open = OnDrop({
            let gate = gate.clone();
            move || gate.open()
        });
        let closure = handle.spawn_blocking(move || inner.block_on(gate.wait()));
        handle.timeout(20 * MS, closure).await.is_none()
    };
    let handle = rt.handle();
    step("a limit in a task passes while a closure blocks on the runtime");
    assert!(rt.block_on(rt.spawn(limited(handle))).expect("the task ends"), "no limit passed in the task");
    step("a limit in the root passes while a closure blocks on the runtime");
    assert!(rt.block_on(limited(rt.handle())), "no limit passed in the root");
}

}
