//! Closures that block.

use std::panic::{panic_any, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use anyrt_core::yield_now;

use crate::AtShutdown;
use crate::kit::{
    Count, Gate, OnDrop, Patience, Watched, catch, eventually, now, other_thread_names, park_on,
    pause, scaled, step, yield_until,
};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

rules! { blocking

/// Closures run off the threads that poll tasks, and delay neither tasks nor timers.
///
/// Intent: one `std::fs::read` of a slow disk must not stop a server.
///
/// If this fails, check that the adapter hands the closure to the runtime's pool.
Capability fn runs_off_the_executor(rt: Any + Blocking) {
    let here = thread::current().id();
    let there = rt.block_on(rt.spawn_blocking(|| thread::current().id())).expect("the closure ends");
    assert_ne!(there, here, "the closure ran on the thread that drives the runtime");
    let (gate, started) = (Gate::new(), Count::new());
    // Should the rule fail, the closures must end all the same.
    let _open = OnDrop(|| gate.open());
    let busy: Vec<_> = (0..4).map(|_| {
        let (gate, started) = (gate.clone(), started.clone());
        rt.spawn_blocking(move || {
            started.add();
            gate.wait_blocking();
        })
    }).collect();
    eventually("the closures run", || started.get() == 4);
    let handle = rt.handle();
    let task = rt.spawn(async move {
        for _ in 0..100 {
            yield_now().await;
        }
        handle.sleep(5 * MS).await;
        thread::current().id()
    });
    assert_ne!(rt.block_on(task).expect("the task ends"), there, "a task ran on a blocking thread");
    gate.open();
    rt.block_on(async {
        for closure in busy {
            closure.await.expect("the closure ends");
        }
    });
}

/// A closure starts without its handle being polled, and without anybody driving the runtime.
///
/// Intent: "write this to disk" must happen though nobody waits for it.
///
/// If this fails, check for a pool whose handle is a lazy future.
Capability fn starts_without_a_poll(rt: Any + Blocking) {
    let (kept, dropped) = (Gate::new(), Gate::new());
    let opener = kept.clone();
    let handle = rt.spawn_blocking(move || opener.open());
    let opener = dropped.clone();
    drop(rt.spawn_blocking(move || opener.open()));
    eventually("both closures run", || kept.is_open() && dropped.is_open());
    rt.block_on(handle).expect("the closure ends");
}

/// A closure that was submitted runs exactly once, whatever happens to its handle, and joining yields its value.
///
/// Intent: a write that is lost, or made twice, corrupts data.
///
/// If this fails, check what the drop and the abort of the adapter's blocking task do to a closure that waits in the queue.
Capability fn runs_exactly_once(rt: Any + Blocking) {
    let runs: Arc<Vec<Count>> = Arc::new((0..300).map(|_| Count::new()).collect());
    let mut joined = Vec::new();
    for i in 0..runs.len() {
        let counts = runs.clone();
        let mut handle = rt.spawn_blocking(move || {
            thread::yield_now();
            counts[i].add();
            i
        });
        match i % 5 {
            0 => drop(handle),
            1 => handle.detach(),
            2 => drop(handle.abort_on_drop()),
            3 => {
                handle.abort();
                joined.push((i, handle));
            }
            _ => joined.push((i, handle)),
        }
    }
    step("every closure ends whose handle was kept");
    rt.block_on(async {
        for (i, handle) in joined {
            assert_eq!(handle.await.expect("it ran"), i, "the value of another closure");
        }
    });
    eventually("every closure runs", || runs.iter().all(|count| count.get() >= 1));
    // Those that were to run a second time have had their turn when these are through.
    for _ in 0..20 {
        rt.block_on(rt.spawn_blocking(thread::yield_now)).expect("the closure ends");
    }
    assert!(runs.iter().all(|count| count.get() == 1), "a closure ran more than once");
}

/// A closure with a name is a closure: it runs where others run, exactly once, and yields its value or its panic.
///
/// Intent: a name helps whoever observes the program, and must not change what the closure does.
///
/// If this fails, check the adapter's `spawn_blocking_with` against its `spawn_blocking`.
Capability fn named_closure_is_a_closure(rt: Any + Blocking) {
    let (runs, here) = (Count::new(), thread::current().id());
    let run = runs.clone();
    let mut kept = rt.spawn_blocking_named("kept", move || {
        run.add();
        thread::current().id()
    });
    kept.abort();
    let plain = rt.spawn_blocking(|| thread::current().id());
    let run = runs.clone();
    drop(rt.spawn_blocking_named("dropped", move || {
        run.add();
    }));
    let panics = rt.spawn_blocking_named("", || resume_unwind(Box::new(5_u8)));
    rt.block_on(async {
        // A backend that runs closures on the thread that drives it declares so elsewhere.
        let (plain, named) = (plain.await.expect("it ran"), kept.await.expect("it ran"));
        assert_eq!(named == here, plain == here, "on the thread that drives the runtime: with a name, without");
        let panicked: Result<(), _> = panics.await;
        let payload = panicked.expect_err("the closure panicked").try_into_panic();
        let payload = payload.expect("a panic is told from a cancellation");
        assert_eq!(payload.downcast_ref(), Some(&5_u8), "the payload of the panic");
    });
    eventually("both closures run", || runs.get() == 2);
}

/// A closure submitted with a name after the shutdown ends as one without: both run, or both are dropped and say cancelled.
///
/// Intent: the call of the runtime that takes names may have an error of its own for a pool that is gone.
///
/// If this fails, check what the adapter's `spawn_blocking_with` does with that error.
Capability fn named_after_shutdown_ends_as_a_plain_one(rt: Any + Blocking + Owned) {
    let (handle, drops) = (rt.handle(), Count::new());
    rt.shutdown(Duration::from_secs(10));
    let [plain, named] = [drops.guard(), drops.guard()];
    let plain = park_on(handle.spawn_blocking(move || drop(plain)));
    let named = park_on(handle.spawn_blocking_named("late", move || drop(named)));
    assert_eq!(named.is_ok(), plain.is_ok(), "with a name and without");
    for end in [plain, named] {
        assert!(end.is_ok() || end.is_err_and(|error| error.is_cancelled()), "neither run nor cancelled");
    }
    assert_eq!(drops.get(), 2, "what the closures held is dropped");
}

/// The value of a closure reaches its joiner; a thousand closures all complete.
///
/// Intent: the pool starts and retires threads while the closures come in.
///
/// If this fails, check the way from the closure's end to the joiner's waker.
Capability fn value_reaches_the_joiner(rt: Any + Blocking) {
    let n = scaled(1_000);
    let closures: Vec<_> = (0..n).map(|i| rt.spawn_blocking(move || Box::new(i))).collect();
    step("every closure ends");
    let sum = rt.block_on(async {
        let mut sum = 0;
        for closure in closures {
            sum += *closure.await.expect("the closure ends");
        }
        sum
    });
    assert_eq!(sum, n * (n - 1) / 2);
}

/// As many closures run at once as the backend declares, also when the pool has had nothing to do for a while; where it declares one,
/// no two do.
///
/// Intent: closures wait for each other more often than their authors know: a client and a server in one test, say.
///
/// If this fails, correct `blocking_parallelism`, or the number of threads of the pool.
Capability fn runs_in_parallel(rt: Any + Blocking + SystemThreads) {
    let n = rt.claims().blocking_parallelism;
    let alone = n == 1;
    for idle in [None, Some(600 * MS)] {
        if let Some(idle) = idle {
            rt.block_on(rt.sleep(idle));
            pause(if rt.claims().virtual_time { idle } else { Duration::ZERO });
        }
        let (together, running) = (Arc::new(Barrier::new(n)), Arc::new(AtomicUsize::new(0)));
        step(format_args!("{n} closures wait for each other"));
        let closures: Vec<_> = (0..if alone { 4 } else { n }).map(|_| {
            let (together, running) = (together.clone(), running.clone());
            rt.spawn_blocking(move || {
                let beside = running.fetch_add(1, Ordering::SeqCst);
                if alone {
                    // Long enough for one that is started beside it to be seen.
                    pause(5 * MS);
                }
                let is_leader = together.wait().is_leader();
                running.fetch_sub(1, Ordering::SeqCst);
                (beside, is_leader)
            })
        }).collect();
        let (mut beside, mut leaders) = (0, 0);
        rt.block_on(async {
            for closure in closures {
                let (others, is_leader) = closure.await.expect("the closure ends");
                beside = beside.max(others);
                leaders += usize::from(is_leader);
            }
        });
        if alone {
            assert_eq!(beside, 0, "closures beside another, where one at a time is declared");
        } else {
            assert_eq!(leaders, 1, "leaders of the {n} closures that met");
        }
    }
}

/// Beyond the limit of the pool, closures wait in a queue and run later; tasks and timers go on meanwhile.
///
/// Intent: a burst must be slow, not lost, and must not take the rest of the program with it.
///
/// If this fails, check what the pool does with a closure that no thread is free for.
Capability fn queues_beyond_the_limit(rt: Any + Blocking) {
    let n = rt.claims().blocking_limit + 100;
    let (gate, ran) = (Gate::new(), Count::new());
    let _open = OnDrop(|| gate.open());
    let closures: Vec<_> = (0..n).map(|_| {
        let (gate, ran) = (gate.clone(), ran.clone());
        rt.spawn_blocking(move || {
            gate.wait_blocking();
            ran.add();
        })
    }).collect();
    let handle = rt.handle();
    let task = rt.spawn(async move {
        for _ in 0..3 {
            handle.sleep(5 * MS).await;
            yield_now().await;
        }
    });
    step("tasks and timers go on beside a full pool");
    rt.block_on(task).expect("the task ends");
    assert_eq!(ran.get(), 0, "closures passed a closed gate");
    gate.open();
    rt.block_on(async {
        for closure in closures {
            closure.await.expect("the closure ends");
        }
    });
    assert_eq!(ran.get(), n);
}

/// A closure may spawn, make sleeps and submit further closures through a handle.
///
/// Intent: synchronous code calls back into asynchronous code; on most runtimes the ambient functions panic there.
///
/// If this fails, check that the adapter's handle carries its runtime instead of looking for one on the thread.
Capability fn closure_may_use_the_handle(rt: Shared + Blocking) {
    let handle = rt.handle();
    let outer = rt.spawn_blocking(move || {
        let sleep = handle.sleep(MS);
        (handle.spawn(async { 1 }), sleep, handle.spawn_blocking(|| 2))
    });
    step("what a closure started ends");
    let sum = rt.block_on(async {
        let (task, sleep, inner) = outer.await.expect("the closure ends");
        sleep.await;
        task.await.expect("the task ends") + inner.await.expect("the inner closure ends")
    });
    assert_eq!(sum, 3);
}

/// Dropping the runtime waits for a running closure, leaves it alone, or never has one, as the backend declares.
///
/// Intent: programs that write in closures must know whether the last write is done when the runtime is gone.
///
/// If this fails, correct `blocking_at_shutdown`, or what the drop of the adapter's runtime does.
Capability fn shutdown_policy_is_as_declared(rt: Any + Blocking + Owned + SystemThreads) {
    if rt.claims().blocking_at_shutdown == AtShutdown::NoneRuns {
        let there = rt.block_on(rt.spawn_blocking(|| thread::current().id())).expect("the closure ends");
        assert_eq!(there, thread::current().id(), "a closure ran elsewhere than on the thread that drives");
        let (ran, dropped) = (Count::new(), Count::new());
        let (run, guard) = (ran.clone(), dropped.guard());
        let queued = rt.spawn_blocking(move || {
            run.add();
            drop(guard);
        });
        drop(rt);
        assert_eq!((ran.get(), dropped.get()), (0, 1), "runs and drops of a closure in the queue");
        assert!(park_on(queued).is_err_and(|error| error.is_cancelled()), "a closure that was dropped is cancelled");
    } else {
        let waits = rt.claims().blocking_at_shutdown == AtShutdown::Waits;
        // A runtime that waits although it says that it does not is let go after a while, and then seen to have waited.
        let patience = if waits { 100 * MS } else { 4_000 * MS };
        let (started, gate, ended, this) = (Gate::new(), Gate::new(), Count::new(), Watched::here());
        let (start, wait, end) = (started.clone(), gate.clone(), ended.clone());
        rt.spawn_blocking(move || {
            start.open();
            wait.wait_blocking();
            end.add();
        })
        .detach();
        started.wait_blocking();
        let returned = Gate::new();
        let told = returned.clone();
        let opener = thread::spawn(move || {
            // A drop that returns at once is not taken for one that waits where this thread waits for a processor.
            this.pause_until_it_slept(patience, || told.is_open());
            gate.open();
        });
        step("the runtime is dropped while a closure runs");
        drop(rt);
        let at_return = ended.get();
        returned.open();
        opener.join().expect("the thread ends");
        assert_eq!(at_return == 1, waits, "had the closure ended when the drop returned?");
        eventually("the closure ends", || ended.get() == 1);
    }
}

/// `shutdown` does not wait for a running closure longer than its grace.
///
/// Intent: a closure that hangs must not hang the end of the program.
///
/// If this fails, check that the adapter passes the grace on.
Capability fn shutdown_does_not_wait_past_its_grace(rt: Any + Blocking + Owned) {
    let runs = rt.claims().blocking_at_shutdown != AtShutdown::NoneRuns;
    let (started, gate, ended) = (Gate::new(), Gate::new(), Count::new());
    let (start, wait, end) = (started.clone(), gate.clone(), ended.clone());
    rt.spawn_blocking(move || {
        start.open();
        wait.wait_blocking();
        end.add();
    })
    .detach();
    // Where closures run on this thread, one that waits in the queue must not be waited for, either.
    if runs {
        started.wait_blocking();
    }
    let (begun, patience) = (now(), Patience::new(Duration::from_secs(10)));
    step("the shutdown returns though a closure runs on");
    rt.shutdown(50 * MS);
    assert!(!patience.is_over(), "it took {:?} with a grace of 50 ms", now().duration_since(begun));
    assert_eq!(ended.get(), 0, "the closure passed a closed gate");
    gate.open();
    if runs {
        eventually("the closure ends by itself", || ended.get() == 1);
    }
}

/// Do idle threads of the pool retire within a fifth of a second?
///
/// Intent: a burst in the morning should not hold five hundred threads all day.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn idle_threads_retire(rt: Any + Blocking + Threads + SystemThreads) {
    let n = rt.claims().blocking_limit.min(20);
    let together = Arc::new(Barrier::new(n));
    let closures: Vec<_> = (0..n).map(|_| {
        let together = together.clone();
        rt.spawn_blocking(move || together.wait().is_leader())
    }).collect();
    rt.block_on(async {
        for closure in closures {
            closure.await.expect("the closure ends");
        }
    });
    let busy = other_thread_names().len();
    pause(200 * MS);
    let idle = other_thread_names().len();
    if idle < busy { String::from("some do") } else { String::from("none does") }
}

/// `abort` on the handle of a closure has no effect on the join, whether the closure waits in the queue or runs.
///
/// Intent: a closure cannot be stopped from outside, and one that may or may not have run is of no use.
///
/// If this fails, check that the adapter's blocking task ignores `abort`, also before the closure has started.
Capability fn abort_has_no_effect(rt: Any + Blocking) {
    let n = rt.claims().blocking_limit + 50;
    let gate = Gate::new();
    let _open = OnDrop(|| gate.open());
    let mut closures: Vec<_> = (0..n).map(|i| {
        let gate = gate.clone();
        rt.spawn_blocking(move || {
            gate.wait_blocking();
            i
        })
    }).collect();
    for closure in &mut closures {
        closure.abort();
        closure.abort_handle().abort();
    }
    gate.open();
    rt.block_on(async {
        for (i, closure) in closures.into_iter().enumerate() {
            assert_eq!(closure.await.expect("an aborted closure runs all the same"), i);
        }
    });
}

/// How many threads does the pool have after fifty short closures?
///
/// Intent: tells a pool that starts a thread for each closure from one that uses its threads again.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn thread_count(rt: Any + Blocking + Threads) {
    let before = other_thread_names().len();
    for _ in 0..50 {
        rt.block_on(rt.spawn_blocking(|| ())).expect("the closure ends");
    }
    match other_thread_names().len().saturating_sub(before) {
        0..=2 => String::from("one or two"),
        3..=10 => String::from("three to ten"),
        _ => String::from("more than ten"),
    }
}

/// The handles of a closure tell that the closure has ended, before it is joined, and do not tell so while it runs, even when it was
/// aborted.
///
/// Intent: a program that counts its work by abort handles must not miss a closure that still runs.
///
/// If this fails, check what `is_finished` of the closure's handle and of its abort handle look at: an abort ends no closure.
Capability fn abort_handle_tells_the_end(rt: Any + Blocking) {
    let on_the_driver = rt.claims().blocking_at_shutdown == AtShutdown::NoneRuns;
    for aborts in [false, true] {
        let (started, gate) = (Gate::new(), Gate::new());
        let _open = OnDrop(|| gate.open());
        let (start, wait) = (started.clone(), gate.clone());
        let mut closure = rt.spawn_blocking(move || {
            start.open();
            if !on_the_driver {
                wait.wait_blocking();
            }
            7
        });
        let handle = closure.abort_handle();
        if on_the_driver {
            assert!(!started.is_open(), "it ran although nobody drives the runtime");
        } else {
            step("the closure starts");
            started.wait_blocking();
        }
        if aborts {
            handle.abort();
            closure.abort();
        }
        assert!(!handle.is_finished() && !closure.is_finished(), "finished before its end (aborted: {aborts})");
        gate.open();
        step("the closure resolves");
        assert_eq!(rt.block_on(&mut closure).expect("an abort ends no closure"), 7);
        assert!(handle.is_finished(), "its abort handle does not know the end (aborted: {aborts})");
        let kept = rt.spawn_blocking(|| 8);
        rt.block_on(yield_until("the handle of a closure knows the end before it is joined", || kept.is_finished()));
        assert_eq!(rt.block_on(kept).expect("it has ended"), 8);
        let mut detached = rt.spawn_blocking(|| ());
        let handle = detached.abort_handle();
        detached.detach();
        rt.block_on(yield_until("the abort handle of a detached closure knows the end", || handle.is_finished()));
    }
}

/// `shutdown` waits, within its grace, for a closure that is running, also where the drop of the runtime leaves closures alone, and
/// where a `block_on` has panicked on this thread. It does not wait for a closure that has panicked.
///
/// Intent: programs write in closures, and a write that is half done is finished where there is time for it.
///
/// If this fails, check that the adapter passes the grace on, that it counts the closures that run, and that it does not end in
/// the background.
Capability fn shutdown_waits_within_its_grace(rt: Any + Blocking + Owned) {
    let policy = rt.claims().blocking_at_shutdown;
    let other = rt.another();
    let boom = other.spawn_blocking(|| panic_any("boom"));
    assert!(other.block_on(boom).is_err_and(|error| error.is_panic()), "it panicked");
    step("a shutdown returns where a closure has panicked");
    other.shutdown(HOUR);
    let other = rt.another();
    let boom = catch(|| other.block_on(async { panic_any("boom") }));
    assert!(boom.is_err(), "a panic of the root was lost");
    drop(other);

    let (started, ended, this) = (Gate::new(), Count::new(), Watched::here());
    let (start, end) = (started.clone(), ended.clone());
    let closure = rt.spawn_blocking(move || {
        start.open();
        // Not so long as this thread only waits for a processor: a shutdown that does not wait would seem to have waited.
        this.pause_until_it_slept(300 * MS, || false);
        end.add();
    });
    match policy {
        AtShutdown::NoneRuns => rt.block_on(closure).expect("the closure ends"),
        AtShutdown::Waits | AtShutdown::Leaves => {
            closure.detach();
            started.wait_blocking();
        }
    }
    rt.shutdown(Duration::from_secs(10));
    assert_eq!(ended.get(), 1, "it returned before the closure had ended, although the grace had not passed");
}

}
