//! The end of a runtime.

use std::future::pending;
use std::sync::mpsc;
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use anyrt_core::yield_now;

use crate::glob;
use crate::kit::{
    Count, Gate, Holding, OnDrop, catch, eventually, message, other_thread_names, park_on, step,
};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);
const GRACE: Duration = Duration::from_secs(10);

rules! { shutdown

/// Outside async code, `shutdown` and dropping the runtime have run the destructors of all parked tasks when they return, even
/// if wakers live elsewhere.
///
/// Intent: files are flushed and connections closed in destructors; a runtime that forgets its tasks loses the last of both.
///
/// If this fails, check that the adapter drops its executor, and that no handle or waker keeps it alive.
Capability fn drops_parked_tasks(rt: Any + Owned) {
    for by_drop in [false, true] {
        let rt = rt.another();
        let (drops, polled, gate) = (Count::new(), Count::new(), Gate::new());
        for i in 0..60 {
            let (handle, wait, rest, polled) = (rt.handle(), gate.wait(), rt.sleep(HOUR), polled.clone());
            let future = async move {
                polled.add();
                match i % 3 {
                    0 => wait.await,
                    1 => rest.await,
                    _ => pending().await,
                }
                drop(handle);
            };
            rt.spawn_detached(Holding::new(drops.guard(), future));
        }
        step("sixty tasks are polled");
        rt.block_on(async {
            while polled.get() < 60 {
                yield_now().await;
            }
        });
        if by_drop { drop(rt) } else { rt.shutdown(GRACE) }
        assert_eq!(drops.get(), 60, "futures dropped when it returned (by drop: {by_drop})");
        gate.open();
    }
}

/// `shutdown` returns within its grace, though a task does not yield.
///
/// Intent: one stuck request must not keep a service from restarting.
///
/// If this fails, check that the adapter waits for its threads at most as long as the grace says.
Capability fn returns_within_its_grace(rt: Shared + Owned) {
    let (started, gate) = (Gate::new(), Gate::new());
    let _open = OnDrop(|| gate.open());
    let (start, wait) = (started.clone(), gate.clone());
    rt.spawn_detached(async move {
        start.open();
        wait.wait_blocking();
    });
    if rt.claims().background {
        started.wait_blocking();
    }
    let begun = Instant::now();
    step("the shutdown returns though a task does not yield");
    rt.shutdown(50 * MS);
    assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?} with a grace of 50 ms", begun.elapsed());
}

/// Dropping a runtime inside async code, its own or another's, neither panics nor hangs, and its tasks are dropped soon.
///
/// Intent: a test fixture or a plug-in owns a runtime, and its destructor runs wherever it runs.
///
/// If this fails, check that the adapter's drop does not wait where it is inside async code.
Capability fn inside_async_code_is_safe(rt: Any + Owned) {
    for by_drop in [false, true] {
        let (inner, drops) = (rt.another(), Count::new());
        inner.spawn_detached(Holding::new(drops.guard(), pending()));
        inner.block_on(yield_now());
        let ended = rt.block_on(async {
            yield_now().await;
            catch(|| if by_drop { drop(inner) } else { inner.shutdown(GRACE) })
        });
        if let Err(payload) = ended {
            panic!("panicked (by drop: {by_drop}): {}", message(&*payload));
        }
        eventually("the parked task is dropped", || drops.get() == 1);
    }
    assert_eq!(rt.block_on(rt.spawn(async { 1 })).expect("the outer runtime works on"), 1);
}

/// Dropping a runtime, or shutting it down, inside a task of its own returns at once, and its tasks are dropped soon.
///
/// Intent: an actor that holds the last part of a program holds its runtime as well. A worker that waits for all workers waits
/// for itself.
///
/// If this fails, check that the adapter's drop does not wait where it is called on a thread of the runtime itself.
Capability fn inside_its_own_task_is_safe(rt: Shared + Owned + Movable + Background) {
    for by_drop in [false, true] {
        let rt = rt.another();
        let (handle, drops, (sender, returned)) = (rt.handle(), Count::new(), mpsc::channel());
        let parked = handle.spawn(Holding::new(drops.guard(), pending::<()>()));
        let end = rt.into_end();
        handle.spawn_detached(Holding::new(drops.guard(), async move {
            yield_now().await;
            let ended = catch(|| end((!by_drop).then_some(HOUR)));
            // The rule may have given up.
            let _ = sender.send(ended.map_err(|payload| message(&*payload).to_owned()));
        }));
        step(format_args!("ends a runtime inside a task of its own (by drop: {by_drop})"));
        match returned.recv_timeout(GRACE) {
            Ok(ended) => assert_eq!(ended, Ok(()), "panicked (by drop: {by_drop})"),
            Err(error) => panic!("it has not returned after {GRACE:?} (by drop: {by_drop}): {error}"),
        }
        eventually("the parked task and the one that ended the runtime are dropped", || drops.get() == 2);
        assert!(park_on(parked).is_err_and(|error| error.is_cancelled()), "a task of a runtime that is gone");
    }
}

/// Dropping a runtime, or shutting it down, inside a closure on its own blocking pool returns, and its tasks are dropped soon.
///
/// Intent: the clean-up of what a program holds is slow and synchronous, and so moved to the pool; the runtime that is part of
/// it must not wait for the closure that ends it.
///
/// If this fails, check that the adapter's drop does not wait where it is called on a thread of the blocking pool.
Capability fn inside_its_own_closure_is_safe(rt: Shared + Owned + Movable + Blocking) {
    for by_drop in [false, true] {
        let rt = rt.another();
        let (handle, drops, (sender, returned)) = (rt.handle(), Count::new(), mpsc::channel());
        let parked = handle.spawn(Holding::new(drops.guard(), pending::<()>()));
        let end = rt.into_end();
        handle.spawn_blocking(move || {
            let ended = catch(|| end((!by_drop).then_some(HOUR)));
            // The rule may have given up.
            let _ = sender.send(ended.map_err(|payload| message(&*payload).to_owned()));
        }).detach();
        step(format_args!("ends a runtime inside a closure of its own (by drop: {by_drop})"));
        match returned.recv_timeout(GRACE) {
            Ok(ended) => assert_eq!(ended, Ok(()), "panicked (by drop: {by_drop})"),
            Err(error) => panic!("it has not returned after {GRACE:?} (by drop: {by_drop}): {error}"),
        }
        eventually("the parked task is dropped", || drops.get() == 1);
        assert!(park_on(parked).is_err_and(|error| error.is_cancelled()), "a task of a runtime that is gone");
    }
}

/// After the shutdown no thread of the runtime remains.
///
/// Intent: a test suite that starts a thousand runtimes ends with the threads that it began with.
///
/// If this fails, check that the shutdown joins the workers and stops the blocking pool, or declare the threads that belong to
/// the whole process as `process_threads`.
Capability fn leaves_no_thread(rt: Any + Owned + Threads) {
    let stay = rt.claims().process_threads.clone();
    for _ in 0..8 {
        rt.block_on(rt.spawn(yield_now())).expect("the task ends");
        rt.block_on(rt.sleep(MS));
    }
    if rt.backend().has(crate::capability::Blocking) {
        rt.block_on(rt.spawn_blocking(|| ())).expect("the closure ends");
    }
    rt.shutdown(GRACE);
    let left = || -> Vec<_> {
        let names = other_thread_names().into_iter();
        names.filter(|name| !stay.iter().any(|it| glob(it, name))).collect()
    };
    let start = Instant::now();
    step("waiting: the threads of the runtime end");
    while !left().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(10), "threads are left: {:?}", left());
        thread::sleep(MS);
    }
}

/// A second runtime works after the first is gone.
///
/// Intent: every test of a test suite starts one.
///
/// If this fails, check for a static that the first runtime leaves used up.
Capability fn a_second_runtime_works(rt: Any + Owned) {
    let mut rt = rt;
    for round in 0..5 {
        let handle = rt.handle();
        let task = rt.spawn(async move {
            handle.sleep(MS).await;
            handle.spawn(async move { round }).await.expect("the inner task ends")
        });
        step("a task ends on the next runtime of this process");
        assert_eq!(rt.block_on(task).expect("the task ends"), round);
        rt = rt.restarted(GRACE);
    }
}

/// After the shutdown every handle resolves: of a task that had ended, with its output; of one that had not, cancelled. A
/// sleep that outlives its runtime fires in time or panics with a message. Nothing hangs.
///
/// Intent: handles lie in statics, caches and other runtimes' tasks.
///
/// If this fails, check who wakes the joiner of a task that its runtime drops.
Capability fn handles_resolve_afterwards(rt: Any + Owned) {
    let (handle, started) = (rt.handle(), Gate::new());
    let opener = started.clone();
    let ended = rt.spawn(async { 7 });
    let parked = rt.spawn(async move {
        opener.open();
        pending::<()>().await;
    });
    let mut unpolled = Vec::new();
    let mut sleep = rt.sleep(20 * MS);
    rt.block_on(async {
        started.wait().await;
        while !ended.is_finished() {
            yield_now().await;
        }
    });
    unpolled.push(rt.spawn(pending::<()>()));
    let armed = catch(|| sleep.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop())).is_ready());
    assert!(armed.is_ok(), "a sleep may be polled outside its runtime while that lives");
    rt.shutdown(GRACE);
    step("a task that had ended resolves after the shutdown");
    assert_eq!(park_on(ended).expect("it had ended"), 7);
    unpolled.push(parked);
    unpolled.push(handle.spawn(pending::<()>()));
    for task in unpolled {
        step("a task that had not ended resolves after the shutdown");
        assert!(park_on(task).is_err_and(|error| error.is_cancelled()), "a task of a runtime that is gone");
    }
    for outlives in [sleep, handle.sleep(20 * MS)] {
        step("a sleep that outlives its runtime fires or panics");
        if let Err(payload) = catch(|| park_on(outlives)) {
            assert!(!message(&*payload).is_empty(), "a sleep that outlives its runtime must say so");
        }
    }
}

/// Whether tasks are polled while nobody blocks on the runtime is as declared.
///
/// Intent: a program must know whether "spawn, then return from `block_on`" does anything.
///
/// If this fails, correct the claim `background`.
Must fn background_progress_is_as_declared(rt: Any) {
    rt.block_on(yield_now());
    let ran = Gate::new();
    let opener = ran.clone();
    rt.spawn_detached(async move {
        yield_now().await;
        opener.open();
    });
    if rt.claims().background {
        eventually("the task runs", || ran.is_open());
    } else {
        thread::sleep(50 * MS);
        assert!(!ran.is_open(), "the task ran, although nobody drives the runtime");
    }
    rt.block_on(ran.wait());
}

/// Leaving `main` with parked tasks and a runtime that was not shut down neither hangs nor crashes.
///
/// Intent: most programs end so.
///
/// If this fails, check what runs in destructors of statics and of thread-locals.
Must fn leaving_main_is_clean(rt: Any) {
    let gate = Gate::new();
    for i in 0..100 {
        let (wait, rest) = (gate.wait(), rt.sleep(HOUR));
        rt.spawn_detached(async move {
            if i % 2 == 0 { wait.await } else { rest.await }
        });
    }
    rt.spawn_detached(async {
        loop {
            yield_now().await;
        }
    });
    rt.block_on(yield_now());
    // The process ends with the runtime alive; the case goes red if that crashes or hangs.
    std::mem::forget((rt, gate));
}

}
