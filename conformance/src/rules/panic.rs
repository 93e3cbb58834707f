//! Panics in tasks.

use std::future::{pending, poll_fn};
use std::panic;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use anyrt_core::{JoinError, yield_now};

use crate::glob;
use crate::kit::{
    Count, Gate, Holding, OnDrop, catch, eventually, message, pause, thread_names, yield_until,
};
use anyrt_conformance_engine::rules;

/// A value whose destructor panics.
fn bomb() -> impl Sized + Send + 'static {
    OnDrop(|| panic!("the destructor panics"))
}

/// A payload that is no text.
fn number_of_no_text() -> u32 {
    7
}

rules! { panic

/// The payload of a task's panic reaches the joiner, and downcasts to the type that was thrown.
///
/// Intent: test frameworks and supervisors tell failures apart by their payload.
///
/// If this fails, check that the adapter puts the payload into `JoinError::panic`, and not its text or a new box around it.
Must fn payload_survives(rt: Any) {
    let error = rt.block_on(rt.spawn(async { panic::panic_any(0xC0FFEE_u32) }));
    let error = error.map(|never: ()| never).expect_err("the task panicked");
    assert!(error.is_panic() && !error.is_cancelled(), "not told from a cancellation: {error}");
    let payload = error.into_panic();
    assert_eq!(payload.downcast_ref(), Some(&0xC0FFEE_u32), "another payload");
}

/// After eight detached panics eight new tasks run, and the runtime has no fewer threads than before.
///
/// Intent: a server that lost a thread to every bad request stands still after a while.
///
/// If this fails, check that the runtime's worker catches panics around each poll.
Must fn workers_survive(rt: Any) {
    let claims = rt.claims();
    let patterns = [claims.threads.clone(), claims.process_threads.clone()].concat();
    let workers = || {
        let names = thread_names();
        names.iter().filter(|name| patterns.iter().any(|it| glob(it, name))).count()
    };
    let run = |n: usize| {
        let tasks: Vec<_> = (0..n).map(|_| rt.spawn(yield_now())).collect();
        rt.block_on(async {
            for task in tasks {
                task.await.expect("the task ends");
            }
        });
    };
    run(8);
    let before = workers();
    let panicked = Count::new();
    for _ in 0..8 {
        let guard = panicked.guard();
        rt.spawn_detached(async move {
            let _guard = guard;
            panic!("boom");
        });
    }
    rt.block_on(yield_until("eight tasks have panicked", || panicked.get() == 8));
    run(8);
    eventually("no fewer threads than before the panics", || workers() >= before);
}

/// A panic in a detached task affects neither `block_on` nor any other task.
///
/// Intent: one bad request must not take the others with it.
///
/// If this fails, check that the runtime's loop catches panics, also where it runs inside `block_on`.
Must fn detached_panic_is_contained(rt: Any) {
    let (go, panicked) = (Gate::new(), Count::new());
    let wait = go.wait();
    let other = rt.spawn(async move {
        wait.await;
        7
    });
    let guard = panicked.guard();
    rt.spawn_detached(async move {
        let _guard = guard;
        panic!("boom");
    });
    let output = rt.block_on(async {
        yield_until("the task has panicked", || panicked.get() == 1).await;
        go.open();
        other.await
    });
    assert_eq!(output.expect("the other task ends"), 7);
}

/// The captures of a task that panicked have been dropped when its handle resolves.
///
/// Intent: a lock that a failed task held is free again when its failure is known.
///
/// If this fails, check that the adapter drops the future of a panicked task before it publishes the payload.
Must fn captures_are_dropped_first(rt: Any) {
    for _ in 0..20 {
        let drops = Count::new();
        let counter = drops.clone();
        let held = OnDrop(move || {
            pause(Duration::from_millis(1));
            counter.add();
        });
        let task = rt.spawn(Holding::new(held, poll_fn(|_| -> Poll<()> { panic!("boom") })));
        let end = rt.block_on(task);
        assert!(end.is_err_and(|error| error.is_panic()), "the task panicked");
        assert_eq!(drops.get(), 1, "the captures are still there");
    }
}

/// A panic in the destructor of a task's future is contained, and the handle resolves: after completion to that panic, with the output
/// dropped, and after an abort to it or to the cancellation.
///
/// Intent: one faulty `Drop` must not abort a process that serves a thousand others, and must not go unseen either.
///
/// If this fails, check that the adapter catches panics around the drop of the future, and makes them the task's.
Must fn panicking_destructor_is_contained(rt: Any) {
    let outputs = Count::new();
    let output = outputs.guard();
    let completed = rt.spawn(Holding::new(bomb(), async move {
        yield_now().await;
        output
    }));
    let error = rt.block_on(completed).expect_err("the panic of the destructor is swallowed");
    assert!(error.is_panic() && !error.is_cancelled(), "not the panic of the destructor: {error}");
    assert_eq!(message(&*error.into_panic()), "the destructor panics");
    assert_eq!(outputs.get(), 1, "how often the output was dropped that nobody gets");

    let aborted = rt.spawn(Holding::new(bomb(), pending::<()>()));
    let end = rt.block_on(async {
        yield_now().await;
        aborted.cancel().await
    });
    let error = end.expect_err("the task never ends by itself");
    match error.try_into_panic() {
        Ok(payload) => assert_eq!(message(&*payload), "the destructor panics"),
        Err(error) => assert!(error.is_cancelled(), "neither a panic nor a cancellation: {error}"),
    }

    let next = rt.block_on(rt.spawn(async { 7 }));
    assert_eq!(next.expect("the next task runs"), 7);
}

/// Where a future panics, and its destructor panics afterwards, the handle tells the first panic, and the second is contained.
///
/// Intent: the first failure is the one to mend; what follows from it must neither hide it nor abort the process.
///
/// If this fails, catch the panic of the poll, drop the future inside a catch of its own, and keep the first payload.
Should fn first_panic_is_told(rt: Any) {
    let task = rt.spawn(Holding::new(bomb(), poll_fn(|_| -> Poll<()> { panic!("the future panics") })));
    let error = rt.block_on(task).expect_err("the future panicked");
    assert_eq!(message(&*error.into_panic()), "the future panics");
    let next = rt.block_on(rt.spawn(async { 7 }));
    assert_eq!(next.expect("the next task runs"), 7);
}

/// A panic in the destructor of a detached task's output is contained.
///
/// Intent: nobody waits for the task, so nobody expects a failure from it.
///
/// If this fails, spawn with `spawn_detached`, which drops the output inside the task; declare the rest.
Should fn panicking_output_destructor_is_contained(rt: Any) {
    let (go, dropped) = (Gate::new(), Count::new());
    let (wait, counter) = (go.wait(), dropped.clone());
    rt.spawn(async move {
        wait.await;
        Holding::new(counter.guard(), bomb())
    })
    .detach();
    go.open();
    rt.block_on(yield_until("the output is dropped", || dropped.get() == 1));
    let next = rt.block_on(async {
        for _ in 0..50 {
            yield_now().await;
        }
        rt.spawn(async { 7 }).await
    });
    assert_eq!(next.expect("the next task runs"), 7);
}

/// A panic of a blocking closure is a value of its handle, with its payload.
///
/// Intent: a decoder panics on bad input, and its caller must learn of it.
///
/// If this fails, check that the adapter catches what its pool re-throws where the handle is polled.
Capability fn blocking_payload_survives(rt: Any + Blocking) {
    let closure = rt.spawn_blocking(|| -> () { panic::panic_any(0xC0FFEE_u32) });
    let error = rt.block_on(closure).expect_err("the closure panicked");
    assert!(error.is_panic() && !error.is_cancelled(), "not told from a cancellation: {error}");
    assert_eq!(error.into_panic().downcast_ref(), Some(&0xC0FFEE_u32), "another payload");
}

/// The blocking pool survives twenty panics.
///
/// Intent: a pool that loses a thread to each of them ends up without any.
///
/// If this fails, check that the pool's threads catch panics.
Capability fn blocking_pool_survives(rt: Any + Blocking) {
    let closures: Vec<_> = (0..20).map(|_| rt.spawn_blocking(|| panic!("boom"))).collect();
    rt.block_on(async {
        for closure in closures {
            let end: Result<(), _> = closure.await;
            assert!(end.is_err_and(|error| error.is_panic()), "the closure panicked");
        }
    });
    for i in 0..20 {
        assert_eq!(rt.block_on(rt.spawn_blocking(move || i)).expect("the closure ends"), i);
    }
}

/// Local tasks that panic are contained as `Send` tasks are, also when their captures are not `Send`.
///
/// Intent: local executors run tasks on the very thread that blocks on them, so an escaping panic hits the program's own stack.
///
/// If this fails, check that the adapter's local task catches what its poll throws.
Capability fn holds_for_local_tasks(rt: Local) {
    let drops = Count::new();
    let held = (Rc::new(()), drops.guard());
    let boom = Holding::new(held, async { panic!("boom") });
    let error = rt.block_on(rt.spawn(boom)).map(|never: ()| never);
    let error = error.expect_err("the task panicked");
    assert_eq!(message(&*error.into_panic()), "boom");
    assert_eq!(drops.get(), 1, "the captures must be gone when the handle resolves");
    let next = rt.block_on(rt.spawn(async { 7 }));
    assert_eq!(next.expect("the next task runs"), 7);
}

/// The panic hook runs once for each panic, also when the panic is resumed in the joiner.
///
/// Intent: crash reporters count panics, and a second message sends people looking for a second fault.
///
/// If this fails, check that the adapter and `JoinError` use `resume_unwind`, never `panic!` with the old payload.
Must fn hook_runs_once(rt: Any) {
    let hooks = Count::new();
    let counter = hooks.clone();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |_| {
        counter.add();
    }));
    let error = rt.block_on(rt.spawn(async { panic!("boom") })).map(|never: ()| never);
    let resumed = catch(|| error.map_err(|error| error.resume_unwind()));
    let dropped = rt.block_on(rt.spawn(async { panic!("boom") })).map(|never: ()| never);
    drop(dropped);
    panic::set_hook(before);
    let payload = resumed.expect_err("resuming panics");
    assert_eq!(message(&*payload), "boom");
    assert_eq!(hooks.get(), 2, "runs of the hook for two panics");
}

/// What does a panic do to the process?
///
/// Intent: with `panic = "abort"` nothing of this family can hold, and the first panic ends the program.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn abort_strategy(rt: Any) {
    rt.block_on(async {});
    let strategy = if ABORTS { "abort" } else { "unwind" };
    format!("panic = \"{strategy}\"")
}

/// Dropping the handle of a task that has finished drops its output, and a panic of that destructor does not reach whoever drops
/// the handle.
///
/// Intent: a list of old handles is thrown away in one go; one bad output must not take the rest, or the program, with it.
///
/// If this fails, check that the adapter's `detach` contains what the output's destructor throws.
Must fn dropping_a_finished_handle_contains_its_output(rt: Any) {
    for detaches in [false, true] {
        let dropped = Count::new();
        let counter = dropped.clone();
        let task = rt.spawn(async move {
            OnDrop(move || {
                counter.add();
                panic!("the destructor panics");
            })
        });
        rt.block_on(yield_until("the task has finished", || task.is_finished()));
        let end = catch(|| if detaches { task.detach() } else { drop(task) });
        assert!(end.is_ok(), "the panic of the output's destructor reached who let go of the handle");
        rt.block_on(yield_until("the output is dropped", || dropped.get() == 1));
    }
    assert_eq!(rt.block_on(rt.spawn(async { 7 })).expect("the next task runs"), 7);
}

/// Dropping the guard of a task that has finished drops its output, and a panic of that destructor does not reach whoever drops
/// the guard.
///
/// Intent: a guard is dropped where a function returns; a bad output must not turn that into a panic.
///
/// If this fails, check that the adapter's `abort_and_detach` contains what the output's destructor throws.
Must fn dropping_a_finished_guard_contains_its_output(rt: Any) {
    let asked = [(true, false), (true, true)];
    // One that nobody asks is dropped when it has probably ended.
    for (asked, watched) in asked.into_iter().chain([(false, false); 10]) {
        let (dropped, ran) = (Count::new(), Count::new());
        let (counter, runs) = (dropped.clone(), ran.clone());
        let mut task = rt.spawn(async move {
            runs.add();
            OnDrop(move || {
                counter.add();
                panic!("the destructor panics");
            })
        }).abort_on_drop();
        let _watch = watched.then(|| task.abort_handle());
        rt.block_on(yield_until("the task has finished", || ran.get() == 1 && (!asked || task.is_finished())));
        pause(Duration::from_millis(2));
        let end = catch(|| drop(task));
        assert!(end.is_ok(), "the panic of the output's destructor reached who dropped the guard");
        rt.block_on(yield_until("the output is dropped", || dropped.get() == 1));
    }
    assert_eq!(rt.block_on(rt.spawn(async { 7 })).expect("the next task runs"), 7);
}

/// The error of a task that panicked shows the message of the panic, whether that was a literal or put together, and says so
/// where the payload is no text.
///
/// Intent: the line in a log is often all that is left of a failure.
///
/// If this fails, check which types of payloads `JoinError` reads.
Must fn error_shows_the_message(rt: Any) {
    let number = 7;
    let shown = |error: JoinError| (error.to_string(), format!("{error:?}"));
    let literal = shown(rt.block_on(rt.spawn(async { panic!("as it is") })).map(|never: ()| never).expect_err("it panics"));
    let formatted = rt.spawn(async move { panic!("number {number}") });
    let formatted = shown(rt.block_on(formatted).map(|never: ()| never).expect_err("it panics"));
    let other = rt.spawn(async { panic::panic_any(number_of_no_text()) });
    let other = shown(rt.block_on(other).map(|never: ()| never).expect_err("it panics"));
    for (error, message) in [(&literal, "as it is"), (&formatted, "number 7")] {
        assert!(error.0.contains(message) && error.1.contains(message), "{error:?} does not show {message:?}");
    }
    assert!(other.0.contains("panicked") && !other.0.contains('7'), "of a payload that is no text: {other:?}");
}

}

/// Whether this program was built so that a panic ends it.
const ABORTS: bool = cfg!(panic = "abort");
