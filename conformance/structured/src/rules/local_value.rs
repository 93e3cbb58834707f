//! Values that are set while a future runs.

use std::sync::{Arc, Mutex};

use anyrt_core::yield_now;

use crate::kit::{Gate, Holding, OnDrop, catch, yield_until};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

rules! { local_value

/// A value is set whenever its future is polled or dropped, and at no other time; what the future spawns does not inherit it.
///
/// Intent: a line of a log names the request that wrote it, and never the one that ran on the thread before.
///
/// If this fails, check where `WithTaskLocal` swaps the value in and out.
Must fn is_set_while_polled(rt: Any) {
    let (value, go) = (rt.structured().local_value(), Gate::new());
    let found = Arc::new(Mutex::new(Vec::new()));
    rt.block_on(async {
        let mut tasks = Vec::new();
        for i in 0..10 {
            let (wait, found) = (go.wait(), found.clone());
            let ends = OnDrop(move || found.lock().expect("no panic").push((i, value.get())));
            // Those with even numbers end, and the others are aborted.
            let task = value.scope(i, Holding::new(ends, async move {
                for _ in 0..5 {
                    assert_eq!(value.get(), Some(i), "the value while its future is polled");
                    yield_now().await;
                }
                if i % 2 == 1 {
                    wait.await;
                }
                assert_eq!(value.get(), Some(i), "the value while its future is polled");
            }));
            tasks.push(rt.spawn(task));
            assert_eq!(value.get(), None, "in the caller, after a task with a value was spawned");
        }
        for i in 0..10 {
            let bare = rt.spawn(async move {
                yield_now().await;
                value.get()
            });
            assert_eq!(bare.await.expect("the task ends"), None, "the value in a task without one, the {i}th");
        }
        let spawner = rt.handle();
        let inherits = value.scope(7, async move { spawner.spawn(async move { value.get() }).await });
        assert_eq!(inherits.await.expect("the task ends"), None, "the value in a task that was spawned by one that has it");
        assert_eq!(value.get(), None, "the value after a future that had it");
        for (i, task) in tasks.into_iter().enumerate() {
            if i % 2 == 0 {
                task.await.expect("the task ends");
            } else {
                assert!(task.cancel().await.is_err_and(|error| error.is_cancelled()), "the task waits for a gate");
            }
        }
        yield_until("all futures are dropped", || found.lock().expect("no panic").len() == 10).await;
    });
    let mut found = std::mem::take(&mut *found.lock().expect("no panic"));
    found.sort_unstable();
    let expected = (0..10).map(|i| (i, Some(i))).collect::<Vec<_>>();
    assert_eq!(found, expected, "the values that destructors of the futures found");
}

/// A value inside a value hides it, and gives it back, also when it is left by a panic.
///
/// Intent: a middleware sets its value around whatever is inside.
///
/// If this fails, check what `TaskLocal` swaps, and that a guard swaps it back.
Must fn nests(rt: Any) {
    let value = rt.structured().local_value();
    let inner = value.scope(2, async move {
        for _ in 0..3 {
            assert_eq!(value.get(), Some(2), "the inner value");
            yield_now().await;
        }
        let sync = value.sync_scope(3, || value.get());
        (sync, value.get())
    });
    let outer = value.scope(1, async move {
        let before = value.get();
        let inner = inner.await;
        let after = value.get();
        let payload = catch(|| value.sync_scope(4, || panic!("the value is {:?}", value.get())));
        let message = *payload.map(|()| String::new()).unwrap_err().downcast::<String>().expect("a text");
        (before, inner, after, message, value.get())
    });
    let seen = rt.block_on(rt.spawn(outer)).expect("the task ends");
    let expected = (Some(1), (Some(3), Some(2)), Some(1), String::from("the value is Some(4)"), Some(1));
    assert_eq!(seen, expected, "before the inner value, in it, after it, in a panic, and after that");
    assert_eq!(value.get(), None, "the value outside");
}

}
