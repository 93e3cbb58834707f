//! Pools of threads with a local runtime each.

use std::cell::Cell;
use std::collections::HashSet;
use std::future::pending;
use std::panic::panic_any;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;

use anyrt_core::yield_now;

use crate::kit::{Count, Gate, Holding, Place, eventually, park_on};
use crate::pieces::OnPool as _;
use anyrt_conformance_engine::rules;

rules! { pinned

/// A pool makes, polls and drops a task on one of its threads, always the same. The local tasks that it spawns run there as
/// well.
///
/// Intent: a task may hold what is not `Send`: a window, a database connection, an `Rc`.
///
/// If this fails, check that nothing but the thread itself touches the future, the drop after an abort included.
Must fn stays_on_its_thread(rt: Local + Owned) {
    let pool = rt.pool(2);
    let mut homes = HashSet::new();
    for n in 0..20 {
        let (stuck, place, go) = (n % 2 == 1, Place::new(), Gate::new());
        let (guard, entered) = (place.guard(), go.clone());
        let home = Arc::new(Mutex::new(None));
        let made = home.clone();
        let mut task = pool.spawn_pinned(move |rt| {
            let here = thread::current().id();
            *made.lock().expect("no panic") = Some(here);
            let sum = Rc::new(Cell::new(n));
            Holding::new((guard, sum.clone()), async move {
                for _ in 0..3 {
                    yield_now().await;
                    let sum = sum.clone();
                    let below = rt.spawn(async move {
                        sum.set(sum.get() + 1);
                        thread::current().id()
                    });
                    assert_eq!(below.await.expect("the task ends"), here, "the thread of a local task");
                    assert_eq!(thread::current().id(), here, "the thread of a poll");
                }
                entered.open();
                if stuck {
                    pending::<()>().await;
                }
                sum.get()
            })
        });
        go.wait_blocking();
        if stuck {
            task.abort();
        }
        let output = park_on(task);
        assert_eq!(output.ok(), (!stuck).then_some(n + 3), "the output (aborted: {stuck})");
        let home = home.lock().expect("no panic").take();
        assert!(home.is_some() && place.get() == home, "the thread of the drop (aborted: {stuck})");
        homes.extend(home);
    }
    assert!(homes.len() <= 2, "{} threads had tasks of a pool of two", homes.len());
    assert!(!homes.contains(&thread::current().id()), "the caller's thread had tasks");
    pool.shutdown();
}

/// A new task goes to the thread of the pool with the fewest tasks.
///
/// Intent: one session must not wait for the others while a core is idle.
///
/// If this fails, check what `spawn_pinned` counts, and when a task stops counting.
Must fn spreads_the_tasks(rt: Local + Owned) {
    let pool = rt.pool(3);
    assert_eq!(pool.threads(), 3, "threads of the pool");
    let starts = |go: &Gate| {
        let wait = go.wait();
        let home = Arc::new(Mutex::new(None));
        let here = home.clone();
        let task = pool.spawn_pinned(move |_| async move {
            *here.lock().expect("no panic") = Some(thread::current().id());
            wait.await;
        });
        eventually("the task runs", || home.lock().expect("no panic").is_some());
        let home = home.lock().expect("no panic").take();
        (task, home)
    };
    let gates = [Gate::new(), Gate::new(), Gate::new()];
    let mut tasks: Vec<_> = gates.iter().map(starts).collect();
    let homes: HashSet<_> = tasks.iter().map(|(_, home)| *home).collect();
    assert_eq!(homes.len(), 3, "threads that three tasks are on");
    // The thread whose task ends is the next one's.
    gates[1].open();
    let (ended, home) = tasks.remove(1);
    park_on(ended).expect("the task ends");
    let (next, its_home) = starts(&gates[1]);
    assert_eq!(its_home, home, "the thread that had no task");
    park_on(next).expect("the task ends");
    pool.shutdown();
}

/// A task of a pool is a task like any other: it gives its output or the payload of its panic, an abort cancels it, and it runs
/// on when its handle is dropped.
///
/// Intent: where a task runs must not change what it means.
///
/// If this fails, check what `Finish` sets, and what ends a task that is aborted.
Must fn task_rules_hold(rt: Local + Owned) {
    let (pool, drops, go) = (rt.pool(1), Count::new(), Gate::new());
    let (guard, wait) = (drops.guard(), go.wait());
    drop(pool.spawn_pinned(move |_| Holding::new(guard, wait)));
    assert_eq!(park_on(pool.spawn_pinned(|_| async { String::from("kept") })).expect("the task ends"), "kept");
    let made_to_panic: [fn() -> u8; 2] = [|| panic_any(42_u8), || 0];
    for in_create in [true, false] {
        let [panics, does_not] = made_to_panic;
        let (create, body) = if in_create { (panics, does_not) } else { (does_not, panics) };
        let task = pool.spawn_pinned(move |_| {
            create();
            async move { body() }
        });
        let error = park_on(task).expect_err("it panics");
        let payload = error.try_into_panic().expect("a panic");
        assert_eq!(payload.downcast_ref::<u8>(), Some(&42), "the payload that was thrown (while it was made: {in_create})");
    }
    let guard = drops.guard();
    let mut aborted = pool.spawn_pinned(move |_| Holding::new(guard, pending::<()>()));
    let handle = aborted.abort_handle();
    assert!(!handle.is_finished(), "it does not end by itself");
    handle.abort();
    assert!(park_on(aborted).is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    assert_eq!(drops.get(), 1, "futures dropped when the abort was joined");
    assert!(handle.is_finished(), "it was joined");
    go.open();
    eventually("the detached task ends", || drops.get() == 2);
    pool.shutdown();
}

/// A pool that is shut down or dropped drops its tasks, and their handles resolve *cancelled*. The shutdown waits for that.
///
/// Intent: when the shutdown returns, the files and windows of its threads are closed, and no joiner waits for ever.
///
/// If this fails, check what ends the queue in front of a thread, and what the end of its runtime drops.
Must fn shutdown_cancels(rt: Local + Owned) {
    for by_drop in [false, true] {
        let (pool, polled, drops) = (rt.pool(2), Count::new(), Count::new());
        let tasks: Vec<_> = (0..6).map(|_| {
            let (polled, guard) = (polled.clone(), drops.guard());
            pool.spawn_pinned(move |_| Holding::new(guard, async move {
                polled.add();
                pending::<()>().await
            }))
        }).collect();
        eventually("all tasks were polled", || polled.get() == 6);
        if by_drop {
            drop(pool);
        } else {
            pool.shutdown();
            assert_eq!(drops.get(), 6, "futures dropped when the shutdown returned");
        }
        eventually("the tasks of the pool have ended", || tasks.iter().all(anyrt_core::JoinHandle::is_finished));
        assert_eq!(drops.get(), 6, "futures dropped when the tasks have ended (by a drop of the pool: {by_drop})");
        for task in tasks {
            assert!(park_on(task).is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
        }
    }
}

}
