//! Stopping tasks.

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use anyrt_core::{AbortHandle, AbortOnDrop, yield_now};

use crate::kit::{
    Count, Gate, Holding, OnDrop, Place, WakeCount, catch, counted, eventually, on_thread, park_on,
    pause, scaled, step, yield_until,
};
use anyrt_conformance_engine::rules;

/// A value whose destructor takes a while, and counts when it is through.
fn slow_guard(drops: &Count) -> impl Sized + Send + 'static {
    let drops = drops.clone();
    OnDrop(move || {
        pause(Duration::from_millis(1));
        drops.add();
    })
}

/// Gives everything else on the runtime several turns.
async fn some_turns() {
    for _ in 0..20 {
        yield_now().await;
    }
}

rules! { abort

/// Aborting is idempotent, returns at once, and makes the handle of a parked task resolve cancelled.
///
/// Intent: stopping what is no longer wanted is the half of structured code that leaks when it fails.
///
/// If this fails, check that the adapter's `abort` reaches the task without anybody polling the handle.
Must fn is_idempotent_and_cancels(rt: Any) {
    let mut task = rt.spawn(pending::<()>());
    rt.block_on(some_turns());
    for _ in 0..3 {
        task.abort();
    }
    let again = task.abort_handle();
    again.abort();
    step("the aborted task resolves");
    let end = rt.block_on(task);
    assert!(end.is_err_and(|error| error.is_cancelled() && !error.is_panic()), "the handle must resolve cancelled");
    again.abort();
}

/// When a handle says cancelled, the destructor of the task's future has run.
///
/// Intent: `task.cancel().await` means that the port is free again.
///
/// If this fails, check that the adapter waits for the drop of the future, and not only for the request.
Must fn cancelled_means_dropped(rt: Any) {
    for _ in 0..20 {
        let drops = Count::new();
        let task = rt.spawn(Holding::new(slow_guard(&drops), pending::<()>()));
        step("the aborted task resolves");
        let end = rt.block_on(async {
            yield_now().await;
            task.cancel().await
        });
        assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
        assert_eq!(drops.get(), 1, "the future is still there");
    }
}

/// Aborting a finished task keeps its output.
///
/// Intent: a result that is there must not be lost to a clean-up that comes late.
///
/// If this fails, check that the adapter's `abort` looks whether the task has finished.
Must fn finished_task_keeps_its_output(rt: Any) {
    let mut task = rt.spawn(async { String::from("kept") });
    rt.block_on(yield_until("the task finishes", || task.is_finished()));
    task.abort();
    task.abort_handle().abort();
    assert!(task.is_finished(), "finished is finished");
    assert_eq!(rt.block_on(task).expect("the task had ended"), "kept");
}

/// A task that is aborted before its first poll is never polled; its captures are dropped, and it resolves cancelled.
///
/// Intent: what was called off before it began must have no effect.
///
/// If this fails, check that the adapter's task looks for the request before it polls.
Must fn before_the_first_poll_never_polls(rt: Any) {
    // As many tasks as could be run at once block their threads, so that the last one cannot start.
    let go = Gate::new();
    for _ in 0..256 {
        let go = go.clone();
        rt.spawn_detached(async move { go.wait_blocking() });
    }
    let (polls, drops) = (Count::new(), Count::new());
    let mut task = rt.spawn(counted(&polls, Holding::new(drops.guard(), pending::<()>())));
    task.abort();
    go.open();
    step("the task that was aborted before its first poll resolves");
    let end = rt.block_on(task);
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    assert_eq!((polls.get(), drops.get()), (0, 1), "polled, dropped");
}

/// The destructor of an aborted task's future runs even if nobody joins.
///
/// Intent: `abort_on_drop` guards are dropped in places where nobody can await.
///
/// If this fails, check that the adapter's `abort` starts the cancellation, and does not leave that to a poll of the handle.
Must fn drops_without_a_joiner(rt: Any) {
    let drops = Count::new();
    let mut aborted = rt.spawn(Holding::new(drops.guard(), pending::<()>()));
    let guarded = rt.spawn(Holding::new(drops.guard(), pending::<()>())).abort_on_drop();
    let mut by_handle = rt.spawn(Holding::new(drops.guard(), pending::<()>()));
    rt.block_on(async {
        some_turns().await;
        aborted.abort();
        drop(aborted);
        drop(guarded);
        let abort = by_handle.abort_handle();
        drop(by_handle);
        abort.abort();
        yield_until("three futures are dropped", || drops.get() == 3).await;
    });
}

/// An aborted task stops at its next await at the latest.
///
/// Intent: a loop that never ends by itself can be ended.
///
/// If this fails, check that a task that wakes itself all the time sees the request.
Must fn stops_at_the_next_await(rt: Any) {
    let rounds = Count::new();
    let counter = rounds.clone();
    let mut task = rt.spawn(async move {
        loop {
            counter.add();
            yield_now().await;
        }
    });
    rt.block_on(yield_until("the task runs", || rounds.get() > 10));
    task.abort();
    step("the aborted task stops, which wakes itself all the time");
    let end: Result<(), _> = rt.block_on(task);
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    let stopped_at = rounds.get();
    rt.block_on(some_turns());
    assert_eq!(rounds.get(), stopped_at, "it runs on after it was cancelled");
}

/// Aborting while the task is being polled on another thread returns at once; that poll finishes, and no other follows.
///
/// Intent: no code is ever cut off between two awaits.
///
/// If this fails, check that the adapter's `abort` does not wait for a running poll, nor drop the future beside it.
Must fn running_poll_finishes(rt: Any + SystemThreads) {
    let (inside, go) = (Gate::new(), Gate::new());
    let (passed, polls, drops) = (Count::new(), Count::new(), Count::new());
    let (entered, wait, end_of_poll) = (inside.clone(), go.clone(), passed.clone());
    let mut task = rt.spawn(counted(&polls, Holding::new(drops.guard(), async move {
        entered.open();
        wait.wait_blocking();
        end_of_poll.add();
        pending::<()>().await;
    })));
    let (abort, still_there) = (task.abort_handle(), drops.clone());
    let aborter = thread::spawn(move || {
        inside.wait_blocking();
        abort.abort();
        // Were the abort to wait for the poll, nobody would open the gate.
        let dropped = still_there.get();
        go.open();
        dropped
    });
    step("the task that was aborted in a poll finishes that poll and resolves");
    let end = rt.block_on(task);
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    assert_eq!(aborter.join().expect("the thread ends"), 0, "dropped while it was polled");
    assert_eq!((passed.get(), polls.get(), drops.get()), (1, 1, 1), "passed, polls, dropped");
}

/// A race between abort and completion has exactly one outcome: the value or the cancellation.
///
/// Intent: a permit or a message must be in exactly one place.
///
/// If this fails, look for a window between "finished" and "output stored" in the adapter's task.
Must fn race_has_one_outcome(rt: Any + SystemThreads) {
    let n = scaled(20_000);
    let (sender, receiver) = mpsc::channel::<AbortHandle>();
    let aborter = thread::spawn(move || receiver.iter().for_each(|it| it.abort()));
    let (drops, mut values, mut cancelled) = (Count::new(), 0, 0);
    rt.block_on(async {
        for i in 0..n {
            let guard = drops.guard();
            let mut task = rt.spawn(async move {
                if i % 2 == 0 {
                    yield_now().await;
                }
                guard
            });
            sender.send(task.abort_handle()).expect("the thread listens");
            match task.await {
                Ok(guard) => {
                    drop(guard);
                    values += 1;
                }
                Err(error) => {
                    assert!(error.is_cancelled(), "{error}");
                    cancelled += 1;
                }
            }
        }
    });
    drop(sender);
    aborter.join().expect("the thread ends");
    // The output of a task that was both aborted and finished may be dropped a moment after its handle says cancelled.
    rt.block_on(yield_until("each guard is dropped", || drops.get() == n));
    rt.block_on(some_turns());
    assert_eq!(drops.get(), n, "a guard was dropped twice");
    format!("{values} values, {cancelled} cancelled")
}

/// An abort from inside the task lets the current poll finish, and then stops the task.
///
/// Intent: a task that decides to stop its whole group is itself part of it.
///
/// If this fails, check that the adapter's `abort` does not drop a future that is on the stack.
Must fn from_inside_stops_after_the_poll(rt: Any) {
    let (slot, given) = (Arc::new(Mutex::new(None::<AbortHandle>)), Gate::new());
    let (passed, resumed) = (Count::new(), Count::new());
    let (own, wait) = (slot.clone(), given.wait());
    let (end_of_poll, next_poll) = (passed.clone(), resumed.clone());
    let mut task = rt.spawn(async move {
        wait.await;
        let own = own.lock().expect("no panic").take();
        own.expect("given before the gate opened").abort();
        end_of_poll.add();
        yield_now().await;
        next_poll.add();
    });
    *slot.lock().expect("no panic") = Some(task.abort_handle());
    given.open();
    step("the task that aborted itself resolves");
    let end = rt.block_on(task);
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    assert_eq!((passed.get(), resumed.get()), (1, 0), "finished its poll, was polled again");
}

/// A task that panicked before it was aborted reports the panic.
///
/// Intent: the clean-up after a failure must not hide the failure.
///
/// If this fails, check that the adapter's `abort` looks whether the task has finished.
Must fn earlier_panic_is_reported(rt: Any) {
    let mut task = rt.spawn(async { std::panic::panic_any(7_u8) });
    rt.block_on(yield_until("the task finishes", || task.is_finished()));
    task.abort();
    let end: Result<(), _> = rt.block_on(task);
    let error = end.expect_err("the task panicked");
    assert!(error.is_panic(), "the panic is hidden by the abort: {error}");
    assert_eq!(error.into_panic().downcast_ref(), Some(&7_u8));
}

/// Aborting a task after its runtime was shut down does nothing.
///
/// Intent: programs drop their connection pools after their runtime; that must not panic or hang.
///
/// If this fails, check what the adapter's `abort` does with a runtime that is gone.
Must fn after_shutdown_is_a_no_op(rt: Any + Owned) {
    let mut task = rt.spawn(pending::<()>());
    let mut guarded = rt.spawn(pending::<()>());
    let handle = guarded.abort_handle();
    let guarded = guarded.abort_on_drop();
    rt.block_on(some_turns());
    rt.shutdown(Duration::from_secs(10));
    handle.abort();
    drop(guarded);
    task.abort();
    task.abort();
    step("a task of the runtime that is gone resolves");
    let end = park_on(task);
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
}

/// A cascade of fifty thousand tasks, each of which owns the next, is torn down without overflowing the stack.
///
/// Intent: trees of tasks own each other by `abort_on_drop` guards, and fall in one go.
///
/// If this fails, check that the adapter's `abort` schedules the destruction instead of doing it on the caller's stack.
Must fn cascade_uses_bounded_stack(rt: Any) {
    let n = scaled(50_000);
    let drops = Count::new();
    let mut next: Option<AbortOnDrop<_>> = None;
    for _ in 0..n {
        let held = (drops.guard(), next.take());
        next = Some(rt.spawn(Holding::new(held, pending::<()>())).abort_on_drop());
    }
    rt.block_on(async {
        some_turns().await;
        drop(next);
    });
    rt.block_on(yield_until("every task of the cascade is dropped", || drops.get() == n));
}

/// An abort through a handle reaches a task that is parked: from the thread of the runtime, from another one, after the task
/// was detached, and while the runtime itself waits.
///
/// Intent: a task that is to be stopped is mostly one that waits for something which never comes, and so does its runtime.
///
/// If this fails, check that the abort handle wakes whatever carries the request out.
Must fn handle_reaches_a_parked_task(rt: Any + SystemThreads) {
    for (elsewhere, detached) in [(false, false), (true, false), (false, true), (true, true)] {
        let drops = Count::new();
        let mut task = rt.spawn(Holding::new(drops.guard(), pending::<()>()));
        let abort = task.abort_handle();
        let mut task = Some(task);
        rt.block_on(some_turns());
        if detached {
            task = None;
            rt.block_on(some_turns());
        }
        if elsewhere {
            on_thread(move || abort.abort());
        } else {
            abort.abort();
        }
        rt.block_on(yield_until("a parked task is dropped that was aborted through a handle", || drops.get() == 1));
        if let Some(task) = task {
            let end = rt.block_on(task);
            assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
        }
    }

    let mut task = rt.spawn(pending::<()>());
    let (abort, waiting) = (task.abort_handle(), Gate::new());
    rt.block_on(some_turns());
    let waits = waiting.clone();
    let aborter = thread::spawn(move || {
        waits.wait_blocking();
        abort.abort();
    });
    let end = rt.block_on(poll_fn(|cx| {
        step("waits for an abort through a handle, from another thread, in a runtime with nothing else to do");
        let poll = Pin::new(&mut task).poll(cx);
        waiting.open();
        poll
    }));
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    aborter.join().expect("the thread ends");
}

/// Abort handles can be cloned and used from any thread, and keep neither the future nor the output alive.
///
/// Intent: registries keep abort handles of everything that ever ran.
///
/// If this fails, check what the adapter's abort handle holds.
Must fn handles_are_clonable_and_pin_nothing(rt: Any + SystemThreads) {
    let drops = Count::new();
    let output = drops.guard();
    let mut finished = rt.spawn(Holding::new(drops.guard(), async move { output }));
    let kept = finished.abort_handle();
    rt.block_on(yield_until("the task finishes", || finished.is_finished()));
    drop(finished);
    rt.block_on(yield_until("future and output are dropped", || drops.get() == 2));
    kept.abort();

    let mut parked = rt.spawn(pending::<()>());
    let (one, other) = (parked.abort_handle(), parked.abort_handle());
    thread::spawn(move || {
        drop(one.clone());
        one.abort();
        other.clone().abort();
    });
    let end = rt.block_on(parked);
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
}

/// Dropping abort handles, also the last one, before the join handle or after it, aborts nothing; one that is made later aborts.
///
/// Intent: a registry that is emptied must not end what was registered there.
///
/// If this fails, check what the drop of the adapter's abort handle does, and that the next one is as good as the first.
Must fn dropped_handles_abort_nothing(rt: Any) {
    let (gate, ran) = (Gate::new(), Count::new());
    let at_the_gate = || {
        let (wait, counter) = (gate.wait(), ran.clone());
        rt.spawn(async move {
            wait.await;
            counter.add();
        })
    };
    let (mut first, mut last, mut later) = (at_the_gate(), at_the_gate(), at_the_gate());
    drop(first.abort_handle());
    rt.block_on(some_turns());
    drop(first);
    let kept = last.abort_handle();
    drop(last);
    rt.block_on(some_turns());
    drop(kept);
    drop(later.abort_handle());
    rt.block_on(some_turns());
    step("an abort handle that was made later aborts");
    later.abort_handle().abort();
    assert!(rt.block_on(later).is_err_and(|error| error.is_cancelled()), "aborted");
    gate.open();
    rt.block_on(yield_until("two tasks run to their ends whose abort handles were dropped", || ran.get() == 2));
}

/// Aborting a task touches neither its children nor any other task.
///
/// Intent: children are detached unless a guard says otherwise, on every runtime.
///
/// If this fails, check for state that the adapter shares between tasks.
Must fn leaves_other_tasks_alone(rt: Any) {
    let (go, ran, ready) = (Gate::new(), Count::new(), Gate::new());
    let (handle, wait, counter, told) = (rt.handle(), go.clone(), ran.clone(), ready.clone());
    let parent = rt.spawn(async move {
        let wait = wait.wait();
        let child = handle.spawn(async move {
            wait.await;
            counter.add();
        });
        told.open();
        child.await.expect("the child ends");
    });
    let (wait, counter) = (go.wait(), ran.clone());
    let other = rt.spawn(async move {
        wait.await;
        counter.add();
    });
    rt.block_on(async {
        ready.wait().await;
        step("the parent is cancelled");
        parent.cancel().await.expect_err("the parent waits for its child");
        go.open();
        step("the other task runs on");
        other.await.expect("the other task ends");
        yield_until("the child ends", || ran.get() == 2).await;
    });
}

/// On which thread does the destructor of an aborted task run?
///
/// Intent: destructors that block, block that thread.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn destructor_thread(rt: Any) {
    let place = Place::new();
    let task = rt.spawn(Holding::new(place.guard(), pending::<()>()));
    let end = rt.block_on(async {
        some_turns().await;
        task.cancel().await
    });
    end.expect_err("the task never ends by itself");
    match place.get() {
        Some(thread) if thread == thread::current().id() => String::from("the thread that blocks on the runtime"),
        Some(_) => String::from("a thread of the runtime"),
        None => String::from("none yet"),
    }
}

/// A destructor that an abort runs may spawn, and that task runs.
///
/// Intent: a cancelled request sends its "never mind" from its destructor.
///
/// If this fails, check for a lock or a borrow that the adapter holds while it drops a future.
Must fn destructor_may_spawn(rt: Any) {
    let (handle, ran) = (rt.handle(), Gate::new());
    let opener = ran.clone();
    let held = OnDrop(move || {
        let opener = opener.clone();
        handle.spawn(async move { opener.open() }).detach();
    });
    let task = rt.spawn(Holding::new(held, pending::<()>()));
    step("the task is cancelled, and the one that its destructor spawns runs");
    rt.block_on(async {
        yield_now().await;
        task.cancel().await.expect_err("the task never ends by itself");
        ran.wait().await;
    });
}

/// Whoever waits for a task is woken when it is aborted from elsewhere.
///
/// Intent: the waiter and the one who cancels are rarely the same.
///
/// If this fails, check that the cancellation wakes the waker that the handle's last poll left.
Must fn wakes_the_joiner(rt: Any) {
    let mut task = rt.spawn(pending::<()>());
    let abort = task.abort_handle();
    let joiner = WakeCount::new();
    let poll = joiner.with(|cx| Pin::new(&mut task).poll(cx));
    assert!(poll.is_pending(), "the task never ends by itself");
    abort.abort();
    // It may be woken more than once, but it must not have to poll unasked.
    let mut seen = 0;
    let end = loop {
        rt.block_on(yield_until("the joiner is woken", || joiner.get() > seen));
        seen = joiner.get();
        if let Poll::Ready(end) = joiner.with(|cx| Pin::new(&mut task).poll(cx)) {
            break end;
        }
    };
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
}

/// Aborting a task that waits for a sleep, or for another task, takes effect at once.
///
/// Intent: what a task waits for must not decide when it can be stopped.
///
/// If this fails, check that the adapter wakes an aborted task itself.
Must fn does_not_wait_for_what_the_task_waits_for(rt: Any) {
    let handle = rt.handle();
    let sleeping = rt.spawn(async move { handle.sleep(Duration::from_secs(3600)).await });
    let handle = rt.handle();
    let joining = rt.spawn(async move {
        let forever = handle.spawn(poll_fn(|_| Poll::<()>::Pending));
        forever.await.expect("never ready");
    });
    rt.block_on(async {
        some_turns().await;
        step("an aborted task ends that sleeps");
        sleeping.cancel().await.expect_err("an hour has not passed");
        step("an aborted task ends that waits for another");
        joining.cancel().await.expect_err("it waits for ever");
    });
}

/// An abort handle says that its task has ended once the join has told, or soon after the end where the task was detached; it
/// does not say so before the end, be that an output, a panic or an abort, nor while the future of the task is being dropped.
///
/// Intent: a registry of abort handles throws away those that are of no use any more, and no other.
///
/// If this fails, check what the adapter's abort handle asks.
Must fn handle_knows_the_end(rt: Any) {
    for kind in ["ends", "panics", "is aborted", "is aborted through the handle", "is detached"] {
        let (gate, asked) = (Gate::new(), Arc::new(Mutex::new((None::<AbortHandle>, None))));
        let (wait, panics, asks) = (gate.wait(), kind == "panics", asked.clone());
        let held = OnDrop(move || {
            let mut asked = asks.lock().expect("no panic");
            asked.1 = asked.0.as_ref().map(AbortHandle::is_finished);
        });
        let mut task = rt.spawn(Holding::new(held, async move {
            wait.await;
            assert!(!panics, "boom");
        }));
        let handle = task.abort_handle();
        asked.lock().expect("no panic").0 = Some(handle.clone());
        rt.block_on(some_turns());
        assert!(!handle.is_finished(), "finished before the end of a task that {kind}");
        if kind == "is detached" {
            task.detach();
            rt.block_on(some_turns());
            assert!(!handle.is_finished(), "finished before the end of a task that {kind}");
            gate.open();
            rt.block_on(yield_until("the abort handle of a detached task knows the end", || handle.is_finished()));
        } else {
            match kind {
                "is aborted" => task.abort(),
                "is aborted through the handle" => handle.abort(),
                _ => gate.open(),
            }
            step(format_args!("a task resolves that {kind}"));
            let end = rt.block_on(&mut task);
            assert!(handle.is_finished(), "not finished after the end of a task that {kind}: {end:?}");
            let late = task.abort_handle();
            assert!(late.is_finished(), "not finished, of a handle that was made after the end of a task that {kind}");
        }
        assert!(handle.clone().is_finished(), "a clone does not know the end of a task that {kind}");
        let said = asked.lock().expect("no panic").1;
        assert_eq!(said, Some(false), "finished while the future is being dropped, of a task that {kind}");
    }
    let mut joined = rt.spawn(async {});
    step("a task of which nobody has an abort handle resolves");
    rt.block_on(&mut joined).expect("it ends");
    assert!(joined.abort_handle().is_finished(), "not finished, of the first handle, which was made after the join");
}

/// `cancel` asks for the abort when it is called, not when its future is first polled.
///
/// Intent: a hundred tasks are told to stop, and only then waited for.
///
/// If this fails, check for a `cancel` written as an `async fn`: nothing in one runs before its first poll.
Must fn cancel_asks_at_the_call(rt: Any) {
    let drops = Count::new();
    let tasks: Vec<_> = (0..5).map(|_| rt.spawn(Holding::new(drops.guard(), pending::<()>()))).collect();
    rt.block_on(some_turns());
    let ends: Vec<_> = tasks.into_iter().map(|task| task.cancel()).collect();
    rt.block_on(yield_until("every task is dropped, though nobody polls a future of `cancel`", || drops.get() == 5));
    for end in ends {
        step("the future of `cancel` resolves");
        assert!(rt.block_on(end).is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    }
}

/// A guard that is turned back into a handle aborts nothing, and what it gives is a handle like any other: it joins, and its
/// drop detaches.
///
/// Intent: a task is guarded while it is set up, and let go when it is known to be wanted.
///
/// If this fails, check that `AbortOnDrop::into_inner` takes the handle out before the guard is dropped.
Must fn guard_given_back_aborts_nothing(rt: Any) {
    let (gate, ran) = (Gate::new(), Count::new());
    let guarded = || {
        let (wait, counter) = (gate.wait(), ran.clone());
        rt.spawn(async move {
            wait.await;
            yield_now().await;
            counter.add()
        }).abort_on_drop()
    };
    let joined = guarded().into_inner();
    drop(guarded().into_inner());
    rt.block_on(some_turns());
    gate.open();
    step("a task ends whose guard was turned back into a handle");
    rt.block_on(joined).expect("nobody aborted it");
    rt.block_on(yield_until("a detached task ends whose guard was turned back into a handle", || ran.get() == 2));
}

/// A guard aborts its task however it is dropped: by a panic, and beside an abort handle of the same task.
///
/// Intent: a function that fails half-way, or panics, takes with it what it has begun.
///
/// If this fails, check that the drop of `AbortOnDrop` and the adapter's `abort_and_detach` abort on each of their ways.
Must fn guard_aborts_however_it_is_dropped(rt: Any) {
    let drops = Count::new();
    let guarded = || rt.spawn(Holding::new(drops.guard(), pending::<()>())).abort_on_drop();
    let guard = guarded();
    rt.block_on(some_turns());
    let unwound = catch(move || {
        let _guard = guard;
        panic!("half-way");
    });
    assert!(unwound.is_err(), "the panic goes on");
    rt.block_on(yield_until("the task is dropped whose guard was dropped by a panic", || drops.get() == 1));
    let mut guard = guarded();
    let beside = guard.abort_handle();
    rt.block_on(some_turns());
    drop(guard);
    rt.block_on(yield_until("the task is dropped whose guard was dropped beside an abort handle", || drops.get() == 2));
    rt.block_on(yield_until("the abort handle knows the end", || beside.is_finished()));
}

/// An abort handle says that its task has ended when the runtime is gone, also where nobody joined it, and where the handle is
/// taken only then.
///
/// Intent: whoever counts its tasks down to none comes to the end after the runtime has.
///
/// If this fails, check what the drop of a task's shared part tells the abort handles, and what handle a dead task gives.
Must fn handle_knows_that_the_runtime_is_gone(rt: Any + Owned) {
    let mut detached = rt.spawn(pending::<()>());
    let before = detached.abort_handle();
    detached.detach();
    let mut kept = rt.spawn(pending::<()>());
    rt.block_on(some_turns());
    assert!(!before.is_finished(), "finished before the end of the runtime");
    rt.shutdown(Duration::from_secs(10));
    eventually("the abort handle of a detached task knows that the runtime is gone", || before.is_finished());
    let after = kept.abort_handle();
    assert!(park_on(kept).is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    assert!(after.is_finished(), "not finished: a handle that was taken when the runtime was gone");
}

/// What does a task say that was aborted during its last poll?
///
/// Intent: the output is there, and so is the request to stop; code must not depend on which is told.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn during_the_last_poll(rt: Any) {
    let slot = Arc::new(Mutex::new(None::<AbortHandle>));
    let given = Gate::new();
    let (own, wait) = (slot.clone(), given.wait());
    let mut task = rt.spawn(async move {
        wait.await;
        own.lock().expect("no panic").take().expect("given before the gate opened").abort();
        7
    });
    *slot.lock().expect("no panic") = Some(task.abort_handle());
    given.open();
    String::from(match rt.block_on(task) {
        Ok(_) => "its output",
        Err(error) if error.is_cancelled() => "that it was cancelled",
        Err(_) => "that it panicked",
    })
}

}
