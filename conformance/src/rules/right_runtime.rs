//! Work lands on the runtime that it was given to.

use std::future::{Future as _, pending, poll_fn};
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use anyrt_core::{MissedTick, yield_now};

use crate::backends::other_kinds;
use crate::kit::{
    Count, Gate, Holding, OnDrop, Watched, catch, eventually, on_thread, other_thread_names,
    park_on, step,
};
use crate::{AtShutdown, glob};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);
const GRACE: Duration = Duration::from_secs(10);

/// Makes a sleep, a limit and an interval through a handle inside another runtime, polls them there or not, ends that runtime,
/// and waits for them on their own.
macro_rules! time_is_the_handles {
    ($rt:ident, $polled:ident) => {{
        let (other, handle) = ($rt.another(), $rt.handle());
        // Two virtual clocks begin at two times, and what is far away is far on both.
        let period = if $rt.claims().virtual_time {
            HOUR
        } else {
            20 * MS
        };
        let clock = handle.clone();
        let (begun, mut sleep, mut limited, mut interval) = other.block_on(async {
            yield_now().await;
            let begun = clock.now();
            let mut sleep = handle.sleep(period);
            let mut limited = Box::pin(handle.timeout(period, pending::<()>()));
            let mut interval = handle.interval_at(begun + period, period, MissedTick::Burst);
            let (waits, ticks) = poll_fn(|cx| {
                Poll::Ready(if $polled {
                    // On a slow machine they may be due already. The sleep is ready again below.
                    let _ = sleep.as_mut().poll(cx);
                    let waits = limited.as_mut().poll(cx).is_pending();
                    (waits, interval.as_mut().poll_tick(cx).is_pending())
                } else {
                    (true, true)
                })
            })
            .await;
            let (limited, interval) = (waits.then_some(limited), ticks.then_some(interval));
            (begun, sleep, limited, interval)
        });
        other.shutdown(GRACE);
        $rt.block_on(async {
            step("a sleep of a handle fires on its runtime, after the one around it ended");
            sleep.as_mut().await;
            assert!(clock.now() >= begun + period, "a sleep by another clock");
            step("a limit of a handle passes on its runtime, after the one around it ended");
            if let Some(limited) = &mut limited {
                assert_eq!(limited.await, None, "the limit passes");
            }
            step("an interval of a handle ticks on its runtime, after the one around it ended");
            if let Some(interval) = &mut interval {
                let tick = poll_fn(|cx| interval.as_mut().poll_tick(cx)).await;
                assert_eq!(tick, begun + period, "a tick by another clock");
            }
        });
    }};
}

rules! { right_runtime

/// A handle of one runtime that is used while another runs starts its work on its own: spawns, sleeps, time limits and
/// intervals.
///
/// Intent: a client that a program gave its own runtime must not live on whatever runtime its caller is on.
///
/// If this fails, check that the adapter's handle does not use the runtime's ambient functions.
Must fn handle_beats_the_ambient(rt: Any + Owned) {
    for polled in [false, true] {
        time_is_the_handles!(rt, polled);
    }
    let other = rt.another();
    let (handle, drops) = (rt.handle(), Count::new());
    let mut task = None;
    other.block_on(async {
        yield_now().await;
        task = Some(handle.spawn(Holding::new(drops.guard(), pending::<()>())));
    });
    other.block_on(async {
        for _ in 0..10 {
            yield_now().await;
        }
    });
    // Were the task the other's, this would not end it.
    rt.shutdown(GRACE);
    assert_eq!(drops.get(), 1, "the task does not belong to the runtime of its handle");
    step("a task of the runtime that is gone resolves");
    let end = other.block_on(task.expect("spawned above"));
    assert!(end.is_err_and(|error| error.is_cancelled()), "a task of a runtime that is gone");
}

/// A closure that is submitted through a handle while another runtime is around runs on the handle's own pool: the shutdown of the
/// handle's runtime waits for it.
///
/// Intent: a client's clean-up runs in closures, and must be done when the client's runtime is gone.
///
/// If this fails, check that the adapter's `spawn_blocking` does not use the runtime's ambient function.
Capability fn closures_run_on_the_handles_pool(rt: Any + Owned + Blocking + SystemThreads) {
    let other = rt.another();
    let handle = rt.handle();
    let (started, ended, this) = (Gate::new(), Count::new(), Watched::here());
    let (start, end) = (started.clone(), ended.clone());
    #[expect(clippy::async_yields_async, reason = "the closure is awaited elsewhere")]
    let closure = other.block_on(async {
        yield_now().await;
        handle.spawn_blocking(move || {
            start.open();
            // Not so long as this thread only waits for a processor: a shutdown that does not wait would seem to have waited.
            this.pause_until_it_slept(300 * MS, || false);
            end.add();
        })
    });
    if rt.claims().blocking_at_shutdown == AtShutdown::NoneRuns {
        step("a closure runs where its own runtime is driven");
        let end = rt.block_on(rt.timeout(GRACE, closure));
        end.expect("a closure of another runtime").expect("the closure ends");
    } else {
        closure.detach();
        started.wait_blocking();
    }
    rt.shutdown(GRACE);
    assert_eq!(ended.get(), 1, "the shutdown of its own runtime did not wait for the closure");
}

/// What was started on a runtime through its handle survives the shutdown of the runtime on which it was started.
///
/// Intent: a connection pool that is first used in a short-lived runtime must not die with it.
///
/// If this fails, check that sleeps, time limits, intervals and tasks are bound to the handle's runtime when they are made.
Must fn survives_the_other_shutdown(rt: Any + Owned) {
    let other = rt.another();
    let (handle, gate) = (rt.handle(), Gate::new());
    let wait = gate.wait();
    let (task, sleep, limited, mut interval) = other.block_on(async {
        yield_now().await;
        // Long enough to be due after the other's end, also on a busy machine: a sleep that is due is ready on any runtime.
        let limited = handle.timeout(200 * MS, pending::<()>());
        let interval = handle.interval(5 * MS, MissedTick::Burst);
        let sleeping = handle.clone();
        let task = handle.spawn(async move {
            wait.await;
            sleeping.sleep(MS).await;
            7
        });
        (task, handle.sleep(200 * MS), limited, interval)
    });
    other.shutdown(GRACE);
    gate.open();
    rt.block_on(async {
        step("the task survives the runtime on which it was started");
        assert_eq!(task.await.expect("the task survives"), 7);
        step("the sleep survives the runtime on which it was made");
        sleep.await;
        step("the time limit survives the runtime on which it was made");
        assert_eq!(limited.await, None, "the time limit passes");
        step("the interval survives the runtime on which it was made");
        for _ in 0..3 {
            poll_fn(|cx| interval.as_mut().poll_tick(cx)).await;
        }
    });
}

/// A handle works from a plain thread: it spawns, sleeps and runs closures.
///
/// Intent: threads that no runtime knows are where synchronous programs use asynchronous libraries.
///
/// If this fails, check that the adapter's handle carries its runtime.
Must fn works_from_a_plain_thread(rt: Shared + Blocking + SystemThreads) {
    let handle = rt.handle();
    let (task, sleep, closure) = on_thread(move || {
        let task = handle.spawn(async { 1 });
        (task, handle.sleep(MS), handle.spawn_blocking(|| 2))
    });
    step("what a plain thread started ends");
    rt.block_on(async {
        sleep.await;
        assert_eq!(task.await.expect("the task ends") + closure.await.expect("the closure ends"), 3);
    });
}

/// A runtime runs beside another one in one process, of another kind, or of its own family where it is always there. Their tasks
/// wait for each other, and what is made by a handle of the one on the other is the one's: sleeps, limits and intervals go by its
/// clock, and a task outlives the other runtime.
///
/// Intent: two runtimes are two also where one of them is always there, and so can have no second one of its kind beside it.
///
/// If this fails, check for what the adapter looks up instead of taking it from its handle.
Must fn beside_another_kind(rt: Shared + SystemThreads) {
    for backend in other_kinds(rt.backend()) {
        let (sender, receiver) = mpsc::channel();
        let (stop, name) = (Gate::new(), backend.key().to_owned());
        let stopped = stop.clone();
        let second = thread::spawn(move || {
            let other = backend.start_shared();
            sender.send(other.handle()).expect("the rule listens");
            other.block_on(stopped.wait());
        });
        let other = receiver.recv().expect("the other runtime starts");
        let _stop = OnDrop(|| stop.open());
        let (ask, answer) = (Gate::new(), Gate::new());
        let (asked, answers, theirs) = (ask.clone(), answer.clone(), other.clone());
        let there = other.spawn(async move {
            asked.wait().await;
            theirs.sleep(MS).await;
            answers.open();
            7
        });
        let ours = rt.handle();
        let here = rt.spawn(async move {
            ask.open();
            answer.wait().await;
            there.await.expect("the other's task ends")
        });
        step(format_args!("a task waits for one of {name}"));
        assert_eq!(rt.block_on(here).expect("the task ends"), 7);
        // What is made by this runtime's handle on the other one is this one's.
        let begun = ours.now();
        let task = other.spawn(async move {
            let limit = ours.timeout(3 * MS, pending::<()>());
            let mut interval = ours.interval(MS, MissedTick::Burst);
            (ours.spawn(async { 8 }), ours.sleep(40 * MS), limit, poll_fn(move |cx| interval.as_mut().poll_tick(cx)).await)
        });
        let (task, sleep, limit, tick) = rt.block_on(task).expect("the other's task ends");
        step(format_args!("what was made on {name} goes by this runtime"));
        rt.block_on(async {
            sleep.await;
            assert!(rt.now() - begun >= 40 * MS, "a sleep was early by the clock of the handle that made it");
            assert_eq!(limit.await, None, "a limit of the handle that made it");
            assert_eq!(task.await.expect("the task ends"), 8);
        });
        assert!(tick >= begun && tick <= rt.now(), "a tick by another clock");
        let (ours, last) = (rt.handle(), Gate::new());
        let wait = last.wait();
        let outlives = other.spawn(async move {
            [ours.spawn(async move {
                wait.await;
                9
            })]
        });
        let [outlives] = rt.block_on(outlives).expect("the other's task ends");
        stop.open();
        second.join().expect("the other runtime ends");
        last.open();
        step(format_args!("a task of this runtime, which was spawned on {name}, outlives that"));
        assert_eq!(rt.block_on(outlives).expect("it does not end with another runtime"), 9);
    }
}

/// Two runtimes run side by side in one process and talk to each other: two of one kind, or where one is always there and cannot
/// have a second, it and another.
///
/// Intent: a library may bring a runtime of its own, and a program has one already.
///
/// If this fails, check for state that the adapter keeps for the process or the thread.
Must fn two_runtimes_side_by_side(rt: Shared + SystemThreads) {
    let (sender, receiver) = mpsc::channel();
    // Of one that is always there, a second handle is the same runtime.
    let is_one = !rt.backend().has(crate::capability::Owned);
    let another = is_one.then(|| other_kinds(rt.backend()).into_iter().next()).flatten();
    let (backend, stop) = (another.unwrap_or_else(|| rt.backend().clone()), Gate::new());
    let stopped = stop.clone();
    let second = thread::spawn(move || {
        let other = backend.start_shared();
        sender.send(other.handle()).expect("the rule listens");
        other.block_on(stopped.wait());
    });
    let other = receiver.recv().expect("the other runtime starts");
    for _ in 0..20 {
        let (ask, answer) = (Gate::new(), Gate::new());
        let (asked, answers, sleeping) = (ask.clone(), answer.clone(), other.clone());
        let there = other.spawn(async move {
            asked.wait().await;
            sleeping.sleep(MS).await;
            answers.open();
            7
        });
        let sleeping = rt.handle();
        let here = rt.spawn(async move {
            ask.open();
            sleeping.sleep(MS).await;
            answer.wait().await;
            there.await.expect("the other's task ends")
        });
        step("tasks of two runtimes wait for each other");
        assert_eq!(rt.block_on(here).expect("the task ends"), 7);
    }
    stop.open();
    second.join().expect("the other runtime ends");
}

/// Looking up the current runtime where there is none is an error that names the runtime, the call and the way out; also where
/// there was one in a `block_on` that panicked.
///
/// Intent: a fallback would move a program to a runtime that it never chose.
///
/// If this fails, check what the adapter's `try_current` does outside; a runtime that is always there is declared as
/// `always_current`.
Must fn missing_runtime_is_an_error(rt: Any + Current + SystemThreads) {
    let backend = rt.backend().clone();
    let always = rt.claims().always_current;
    match on_thread(|| backend.no_current()) {
        None => assert!(always, "a runtime was found on a plain thread"),
        Some(error) => {
            assert!(!always, "the runtime is said to be found everywhere: {error}");
            let text = error.to_string();
            let says = |what: &str| assert!(text.contains(what), "{what:?} is missing in the error: {text}");
            says(error.runtime());
            says("try_current");
            says("handle");
        }
    }
    rt.block_on(async { assert!(backend.no_current().is_none(), "inside block_on there is one") });
    let _ = catch(|| rt.block_on(async { panic!("boom") }));
    assert_eq!(backend.no_current().is_none(), always, "whether one is found after a block_on that panicked");
}

/// The runtime that code looks up is the one that runs it, inside a task, inside `block_on` and inside what the future of a `block_on`
/// drops: what is spawned on it ends with that runtime.
///
/// Intent: a process may have a runtime of the same kind that is always there, or several; a task that lands on another one
/// outlives the shutdown that should have ended it.
///
/// If this fails, check that the adapter's workers and its `block_on` mark their thread, and that `try_current` looks there first.
Must fn looked_up_is_the_one_around(rt: Any + Owned + Current) {
    // Others of its kind, started before and after it was, must not be mistaken for it.
    let (other, drops) = (rt.another(), Count::new());
    let (find, guard) = (rt.lookup(), drops.guard());
    let in_a_task = rt.spawn(async move {
        yield_now().await;
        let found = find().expect("a task finds its runtime");
        [found.spawn(Holding::new(guard, pending::<()>()))]
    });
    let [in_a_task] = rt.block_on(in_a_task).expect("the task ends");
    let [in_block_on] = rt.block_on(async {
        let found = rt.try_current().expect("inside block_on there is one");
        [found.spawn(Holding::new(drops.guard(), pending::<()>()))]
    });
    other.shutdown(GRACE);
    rt.block_on(yield_now());
    assert_eq!(drops.get(), 0, "tasks that ended with another runtime");
    for end in ["is ready", "panics"] {
        let found = Count::new();
        let (rt, counted) = (&rt, found.clone());
        let held = OnDrop(move || {
            if rt.try_current().is_ok() {
                counted.add();
            }
        });
        let _ = catch(|| rt.block_on(Holding::new(held, async { assert!(end == "is ready", "boom") })));
        assert_eq!(found.get(), 1, "how often the destructor of a root that {end} finds the runtime");
    }
    rt.shutdown(GRACE);
    assert_eq!(drops.get(), 2, "tasks that ended with the runtime around the look-up");
    for task in [in_a_task, in_block_on] {
        assert!(park_on(task).is_err_and(|error| error.is_cancelled()), "a task of a runtime that is gone");
    }
}

/// After a `block_on` inside another one has ended, by its output or by a panic, the outer runtime is found again, and so it is when the
/// other runtime has ended there.
///
/// Intent: a synchronous call in the middle of a task may block on a runtime of its own; the code after it is still where it was.
///
/// If this fails, check that the end of the adapter's `block_on` restores what it found, also while it unwinds.
Must fn nested_block_on_gives_the_outer_back(rt: Any + Owned + Current) {
    let (other, drops) = (rt.another(), Count::new());
    rt.block_on(async {
        let again = |what: &str| {
            let found = rt.try_current();
            let found = found.unwrap_or_else(|error| panic!("nothing is found after {what}: {error}"));
            found.spawn_detached(Holding::new(drops.guard(), pending()));
        };
        // A runtime that cannot be nested refuses with a panic, which is an end as well.
        let _ = catch(|| other.block_on(yield_now()));
        again("block_on of another runtime");
        let _ = catch(|| other.block_on(async { panic!("boom") }));
        again("block_on of another runtime that panicked");
        let _ = catch(|| rt.block_on(yield_now()));
        again("block_on of the runtime itself");
    });
    other.spawn_detached(pending());
    other.shutdown(GRACE);
    rt.block_on(yield_now());
    assert_eq!(drops.get(), 0, "tasks that landed on the inner runtime, after its block_on had ended");
    let others = [rt.another(), rt.another()];
    others.iter().for_each(|it| it.spawn_detached(pending()));
    let [dropped, shut_down] = others;
    rt.block_on(async {
        let found = |what: &str| {
            let found = rt.try_current();
            let found = found.unwrap_or_else(|error| panic!("nothing is found after {what}: {error}"));
            found.spawn_detached(Holding::new(drops.guard(), pending()));
        };
        // Where that is refused inside async code, the refusal is the end.
        let _ = catch(|| drop(dropped));
        found("the drop of another runtime");
        let _ = catch(|| shut_down.shutdown(GRACE));
        found("the shutdown of another runtime");
    });
    rt.shutdown(GRACE);
    assert_eq!(drops.get(), 5, "tasks that landed on the outer runtime");
}

/// Starting and using a runtime starts only the threads that are declared.
///
/// Intent: a hidden thread costs memory, breaks `fork` and outlives its reason.
///
/// If this fails, find out which library starts the thread, and declare it or get rid of it.
Must fn starts_only_documented_threads(rt: Any + Threads) {
    let mut declared = rt.claims().threads.clone();
    declared.extend(rt.claims().process_threads.iter().cloned());
    let undeclared = || -> Vec<_> {
        let names = other_thread_names().into_iter();
        names.filter(|name| !declared.iter().any(|it| glob(it, name))).collect()
    };
    let handle = rt.handle();
    let task = rt.spawn(async move {
        handle.sleep(MS).await;
        handle.spawn(yield_now()).await.expect("the inner task ends");
    });
    rt.block_on(task).expect("the task ends");
    if rt.backend().has(crate::capability::Blocking) {
        rt.block_on(rt.spawn_blocking(|| ())).expect("the closure ends");
    }
    // A thread has its creator's name until it gives itself its own.
    eventually("every thread has a declared name", || undeclared().is_empty());
}

/// Sleeps, time limits and intervals that were made, and polled, through a handle on another runtime belong to the handle's
/// runtime: they go on there when the other is gone.
///
/// Intent: a client that a program gave its own runtime is first polled wherever its caller happens to be.
///
/// If this fails, check that the adapter arms a sleep on the timer of the handle's runtime, and not of the one that polls.
Must fn armed_under_another_stays_its_own(rt: Any + Owned) {
    let other = rt.another();
    let handle = rt.handle();
    let begun = rt.now();
    // Two virtual clocks begin at two times, and what is far away is far on both.
    let limit = if rt.claims().virtual_time { HOUR } else { 50 * MS };
    let due = begun + limit;
    let (sleep, (elapsed, limited), mut interval) = other.block_on(async {
        yield_now().await;
        let mut sleep = handle.sleep_until(due);
        let mut limited = Box::pin(handle.timeout(limit, pending::<()>()));
        let mut interval = handle.interval_at(due, 5 * MS, MissedTick::Burst);
        // On a slow machine they may be due already.
        let elapsed = poll_fn(|cx| {
            let _ = (sleep.as_mut().poll(cx), interval.as_mut().poll_tick(cx));
            Poll::Ready(limited.as_mut().poll(cx).is_ready())
        }).await;
        (sleep, (elapsed, limited), interval)
    });
    other.shutdown(GRACE);
    rt.block_on(async {
        step("a sleep fires that was armed under another runtime");
        sleep.await;
        assert!(handle.now() >= due, "the sleep was early");
        step("a limit passes that was armed under another runtime");
        if !elapsed {
            assert_eq!(limited.await, None, "the limit passes");
        }
        step("an interval ticks that was armed under another runtime");
        poll_fn(|cx| interval.as_mut().poll_tick(cx)).await;
    });
}

}
