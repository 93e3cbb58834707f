//! Starting tasks.

use std::cell::Cell;
use std::collections::HashSet;
use std::future::{Future, pending};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyrt_core::yield_now;

use crate::kit::{
    Count, Gate, Holding, OnDrop, Patience, allocations, eventually, on_thread, park_on, scaled,
    step, yield_until,
};
use anyrt_conformance_engine::rules;

/// The stack that spawning a big future may take, in sizes of the future. Without optimisation every move is a copy, and
/// the copies are not the adapter's choice: boxed first, a future takes four to eight of them, and unboxed more than sixteen.
const COPIES: usize = if cfg!(debug_assertions) { 10 } else { 3 };

rules! { spawn

/// Every spawned task is polled and completes while the runtime is driven.
///
/// Intent: no task is forgotten, whether it is ready at once, yields, or waits for another.
///
/// If this fails, check that the adapter hands every future to the executor that its `block_on` drives.
Must fn every_task_completes(rt: Any) {
    let done = Count::new();
    let gate = Gate::new();
    let tasks: Vec<_> = (0..300).map(|i| {
        let (done, gate) = (done.clone(), gate.clone());
        rt.spawn(async move {
            match i % 3 {
                0 => {}
                1 => yield_now().await,
                _ => gate.wait().await,
            }
            done.add();
        })
    }).collect();
    step("every task ends");
    rt.block_on(async {
        gate.open();
        for task in tasks {
            task.await.expect("the task ends");
        }
    });
    assert_eq!(done.get(), 300);
}

/// `spawn` returns before the first poll of the task.
///
/// Intent: code spawns while it holds a lock that the task takes first; an inline poll would deadlock, and recursion would
/// overflow the stack.
///
/// If this fails, check that the adapter only schedules the task, and never polls it inside `spawn`.
Must fn returns_before_the_first_poll(rt: Any) {
    thread_local! {
        static SPAWNING: Cell<bool> = const { Cell::new(false) };
    }
    fn spawn_and_watch(rt: &Rt, inline: &Count) -> impl Future<Output = ()> + use<> {
        let inline = inline.clone();
        SPAWNING.set(true);
        let task = rt.spawn(async move {
            if SPAWNING.get() {
                inline.add();
            }
        });
        SPAWNING.set(false);
        async { task.await.expect("the task ends") }
    }
    let inline = Count::new();
    let outside = spawn_and_watch(&rt, &inline);
    rt.block_on(outside);
    let (handle, seen) = (rt.handle(), inline.clone());
    let inside = rt.spawn(async move {
        for _ in 0..100 {
            spawn_and_watch(&handle, &seen).await;
        }
    });
    rt.block_on(inside).expect("the task ends");
    assert_eq!(inline.get(), 0, "tasks polled inside spawn");
}

/// A task may be spawned through a handle from any thread, and an idle runtime wakes up for it.
///
/// Intent: libraries spawn from callbacks, from drop implementations and from threads of their own.
///
/// If this fails, check that the handle carries its runtime instead of looking for one in thread-local storage, and that
/// scheduling from a foreign thread unparks the runtime.
Must fn works_from_any_thread(rt: Shared + SystemThreads) {
    for round in 0..50 {
        let (idle, ran) = (Gate::new(), Gate::new());
        let (handle, go, opener) = (rt.handle(), idle.clone(), ran.clone());
        let other = thread::spawn(move || {
            go.wait_blocking();
            handle.spawn_detached(async move { opener.open() });
        });
        step("tasks end that other threads spawned");
        rt.block_on(async {
            idle.open();
            ran.wait().await;
        });
        other.join().unwrap_or_else(|_| panic!("spawn panicked on a plain thread in round {round}"));
    }
}

/// Ten thousand tasks run exactly once each.
///
/// Intent: no task is lost or run twice when queues overflow from one level to the next.
///
/// If this fails, check what the adapter does beside handing the future to the runtime.
Must fn runs_each_task_once(rt: Any) {
    let runs: Arc<Vec<AtomicUsize>> = Arc::new((0..10_000).map(|_| AtomicUsize::new(0)).collect());
    let tasks: Vec<_> = (0..runs.len()).map(|i| {
        let runs = runs.clone();
        rt.spawn(async move {
            runs[i].fetch_add(1, Ordering::Relaxed);
            i
        })
    }).collect();
    step("every task runs");
    rt.block_on(async {
        for (i, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.expect("the task ends"), i, "the output of another task");
        }
    });
    let wrong = runs.iter().filter(|runs| runs.load(Ordering::Relaxed) != 1).count();
    assert_eq!(wrong, 0, "tasks that did not run exactly once");
}

/// Where there is no runtime, looking for the current one is an error that says so; where there is one, a task that is
/// spawned on it runs. A task is never silently lost.
///
/// Intent: a task parked on a thread that never runs it is the hardest of all bugs to see.
///
/// If this fails, check that the adapter's `try_current` finds only runtimes that somebody drives.
Must fn fails_loudly_without_a_runtime(rt: Shared + Current + SystemThreads) {
    let backend = rt.backend();
    let found = on_thread(|| backend.try_current_shared());
    assert_eq!(found.is_ok(), rt.claims().always_current, "found on a plain thread: {found:?}");
    match found {
        Ok(handle) => assert_eq!(park_on(handle.spawn(async { 7 })).expect("the task ends"), 7),
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(error.runtime()), "the error must name the runtime: {text}");
        }
    }
    let inside = rt.block_on(async { rt.try_current() }).expect("inside block_on there is one");
    assert_eq!(rt.block_on(inside.spawn(async { 7 })).expect("the task ends"), 7);
}

/// Spawning works inside tasks, and inside the destructor of a task's future.
///
/// Intent: connections are closed by a task that the connection's own destructor spawns.
///
/// If this fails, check for a lock or a borrow that the adapter holds while it polls or drops a future.
Must fn works_inside_tasks_and_destructors(rt: Any) {
    let (handle, ran) = (rt.handle(), Gate::new());
    let opener = ran.clone();
    let parent = rt.spawn(async move {
        let inner = handle.clone();
        let _last = OnDrop(move || {
            let opener = opener.clone();
            inner.spawn(async move { opener.open() }).detach();
        });
        handle.spawn(async { 7 }).await.expect("the child ends")
    });
    rt.block_on(async {
        assert_eq!(parent.await.expect("the parent ends"), 7);
        ran.wait().await;
    });
}

/// Spawning from a destructor while the runtime shuts down neither panics nor hangs, and the new future is run or dropped.
///
/// Intent: connections close themselves in destructors; the last ones do so in the shutdown.
///
/// If this fails, check that spawning on a runtime that goes away drops the future instead of queueing it.
Must fn works_while_shutting_down(rt: Any + Owned) {
    let (handle, gone, late) = (rt.handle(), Count::new(), Count::new());
    let (tried, gone_too) = (late.clone(), gone.clone());
    let parked = Gate::new();
    let opener = parked.clone();
    rt.spawn(async move {
        let _last = OnDrop(move || {
            let guard = gone_too.guard();
            handle.spawn(async move { drop(guard) }).detach();
            tried.add();
        });
        opener.open();
        pending::<()>().await;
    })
    .detach();
    rt.block_on(parked.wait());
    rt.shutdown(Duration::from_secs(10));
    eventually("the destructor of the parked task ends", || late.get() == 1);
    eventually("the future that it spawned is gone", || gone.get() == 1);
}

/// A task spawned after the shutdown is dropped unrun, and its handle resolves cancelled.
///
/// Intent: handles outlive their runtime in statics and caches; using one then must be an error and no hang.
///
/// If this fails, check that the adapter notices that its runtime is gone, also through a weak reference.
Must fn after_shutdown_is_cancelled(rt: Any + Owned) {
    let (handle, runs, drops) = (rt.handle(), Count::new(), Count::new());
    rt.shutdown(Duration::from_secs(10));
    let (run, guard) = (runs.clone(), drops.guard());
    step("a task resolves that was spawned after the shutdown");
    let end = park_on(handle.spawn(async move {
        run.add();
        drop(guard);
    }));
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    assert_eq!((runs.get(), drops.get()), (0, 1), "polled, dropped");
}

/// A task with a name is a task: it runs whether or not anybody joins it, it yields its value or its panic, and an abort
/// cancels it and drops what it holds.
///
/// Intent: a name helps whoever observes the program, and must not change what the task does.
///
/// If this fails, check the adapter's `spawn_with` against its `spawn`: it must make the same task of the same future.
Must fn named_task_is_a_task(rt: Any) {
    let (ran, drops) = (Count::new(), Count::new());
    let guard = drops.guard();
    let kept = rt.spawn_named("kept", async move {
        drop(guard);
        7
    });
    let (run, guard) = (ran.clone(), drops.guard());
    drop(rt.spawn_named("dropped", async move {
        yield_now().await;
        drop(guard);
        run.add();
    }));
    let panics = rt.spawn_named("panics", async { resume_unwind(Box::new(5_u8)) });
    let guard = drops.guard();
    let mut stopped = rt.spawn_named("", async move {
        let _guard = guard;
        pending::<()>().await;
    });
    rt.block_on(async {
        assert_eq!(kept.await.expect("the task ends"), 7);
        let panicked: Result<(), _> = panics.await;
        let payload = panicked.expect_err("the task panicked").try_into_panic();
        let payload = payload.expect("a panic is told from a cancellation");
        assert_eq!(payload.downcast_ref(), Some(&5_u8), "the payload of the panic");
        yield_until("the task whose handle was dropped runs", || ran.get() == 1).await;
        stopped.abort();
        let end = stopped.await;
        assert!(end.is_err_and(|error| error.is_cancelled()), "the aborted task must be cancelled");
    });
    assert_eq!(drops.get(), 3, "what the tasks held is dropped");
}

/// A task spawned with a name after the shutdown is dropped unrun, and its handle resolves cancelled.
///
/// Intent: the call of the runtime that takes names may have an error of its own for a runtime that is gone.
///
/// If this fails, check what the adapter's `spawn_with` does with that error.
Must fn named_after_shutdown_is_cancelled(rt: Any + Owned) {
    let (handle, runs, drops) = (rt.handle(), Count::new(), Count::new());
    rt.shutdown(Duration::from_secs(10));
    let (run, guard) = (runs.clone(), drops.guard());
    let end = park_on(handle.spawn_named("late", async move {
        run.add();
        drop(guard);
    }));
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    assert_eq!((runs.get(), drops.get()), (0, 1), "polled, dropped");
}

/// A million detached tasks complete; here a hundred and fifty thousand, times `ANYRT_CONFORMANCE_SCALE`. A task that
/// was there before is woken after them, and another one is stopped.
///
/// Intent: load comes in bursts, and no queue may have an end that nobody handles; nor may what is numbered meet its own number
/// again.
///
/// If this fails, check for a bounded queue under the adapter's spawn, or for ids that begin anew.
Must fn a_million_detached_tasks_complete(rt: Any) {
    // More than 2^17.
    let n = scaled(150_000);
    let (ran, all, dropped) = (Count::new(), Gate::new(), Count::new());
    let last = Gate::new();
    let (woken, stopped) = (rt.spawn(last.wait()), rt.spawn(Holding::new(dropped.guard(), pending::<()>())));
    rt.block_on(yield_now());
    for _ in 0..n {
        let (ran, all) = (ran.clone(), all.clone());
        rt.spawn_detached(async move {
            if ran.add() + 1 == n {
                all.open();
            }
        });
    }
    step("the last detached task runs");
    rt.block_on(all.wait());
    assert_eq!(ran.get(), n);
    assert_eq!(dropped.get(), 0, "a task that was there before has gone");
    step("what was there before still works");
    last.open();
    rt.block_on(woken).expect("nobody aborted it");
    assert!(rt.block_on(stopped.cancel()).is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    assert_eq!(dropped.get(), 1);
}

/// A chain of a hundred thousand tasks, each of which spawns the next, uses bounded stack.
///
/// Intent: actors and retry loops re-spawn themselves for as long as the program runs.
///
/// If this fails, check that spawning inside a task does not poll the new task.
Must fn a_chain_uses_bounded_stack(rt: Any) {
    fn link(rt: Rt, left: usize, end: Gate) {
        rt.clone().spawn_detached(async move {
            match left {
                0 => end.open(),
                _ => link(rt, left - 1, end),
            }
        });
    }
    let end = Gate::new();
    link(rt.handle(), scaled(100_000), end.clone());
    step("the last task of the chain runs");
    rt.block_on(end.wait());
}

/// Fifty thousand tasks, each of which spawns and awaits the next, complete with bounded stack.
///
/// Intent: recursive algorithms spawn their parts, and completion must not call up the whole chain.
///
/// If this fails, check that completing a task wakes its joiner without polling it.
Must fn nested_joins_use_bounded_stack(rt: Any) {
    fn depth(rt: Rt, left: usize) -> Joined<usize> {
        rt.clone().spawn(async move {
            match left {
                0 => 0,
                _ => depth(rt, left - 1).await.expect("the child ends") + 1,
            }
        })
    }
    let n = scaled(50_000);
    assert_eq!(rt.block_on(depth(rt.handle(), n)).expect("the first task ends"), n);
}

/// Spawning a future of size S needs at most 3 S of stack, or 10 S in builds without optimisation.
///
/// Intent: futures of async functions grow to hundreds of kilobytes, and the threads of a runtime have 2 MiB.
///
/// If this fails, box big futures before they are moved: `if const { size_of::<F>() > 16384 }`.
Should fn big_future_uses_bounded_stack(rt: Shared + SystemThreads) {
    const SIZE: usize = 512 << 10;
    let handle = rt.handle();
    let thread = thread::Builder::new().stack_size(COPIES * SIZE + (256 << 10));
    let spawn = thread.spawn(move || handle.spawn_big()).expect("the system gives a thread");
    let task = spawn.join().expect("spawn returns");
    assert_eq!(rt.block_on(task).expect("the task ends"), SIZE, "bytes that the future kept");
}

/// Futures without size, and outputs without size, work.
///
/// Intent: `async {}` has no size, and an allocator must not be asked for zero bytes.
///
/// If this fails, check the adapter's boxes and layouts.
Must fn takes_zero_sized_futures(rt: Any) {
    for _ in 0..100 {
        step("a task without size ends");
        rt.block_on(rt.spawn_zero_sized()).expect("the task ends");
    }
}

/// Spawning a small task takes one allocation.
///
/// Intent: a task per request, per connection and per message is the style; it must not cost two.
///
/// If this fails, look for a box, an `Arc` or a channel beside the runtime's own task.
Should fn small_task_costs_one_allocation(rt: Any + Heap) {
    const TASKS: usize = 256;
    let (handle, mut least) = (rt.handle(), usize::MAX);
    rt.block_on(async {
        // Other threads allocate as well, and queues grow, now and then: the least of several rounds counts.
        for _ in 0..10 {
            let (made, ()) = allocations(|| (0..TASKS).for_each(|_| handle.spawn_small()));
            least = least.min(made);
            yield_now().await;
        }
    });
    assert!(least <= TASKS + TASKS / 4, "{least} allocations for {TASKS} tasks");
    format!("{least} allocations for {TASKS} tasks")
}

/// In which order do tasks start that one task spawned in a row?
///
/// Intent: code must not depend on it. tokio's workers run the newest first, from their one-task slot.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn start_order(rt: Any) {
    let order = Arc::new(Mutex::new(Vec::new()));
    let handle = rt.handle();
    let noted = order.clone();
    let parent = rt.spawn(async move {
        let tasks = (0..8).map(|i| {
            let noted = noted.clone();
            handle.spawn(async move { noted.lock().expect("no panic").push(i) })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("the task ends");
        }
    });
    rt.block_on(parent).expect("the parent ends");
    let order = order.lock().expect("no panic");
    match &order[..] {
        [0, 1, 2, 3, 4, 5, 6, 7] => String::from("in the order of spawning"),
        [7, 0, 1, 2, 3, 4, 5, 6] => String::from("the newest first, then in the order of spawning"),
        _ => String::from("in another order, which may differ from run to run"),
    }
}

/// Does a task see the thread-locals of the code that spawned it?
///
/// Intent: tracing contexts and locales have to be passed on by hand; a task that runs on the same thread sees them by chance.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn thread_locals_are_not_inherited(rt: Any) {
    thread_local! {
        static CONTEXT: Cell<u8> = const { Cell::new(0) };
    }
    CONTEXT.set(1);
    let here = thread::current().id();
    let task = rt.spawn(async move { (CONTEXT.get(), thread::current().id() == here) });
    match rt.block_on(task).expect("the task ends") {
        (0, _) => String::from("a task on another thread sees none of them"),
        (_, true) => String::from("a task sees them where it runs on the very thread that set them"),
        (_, false) => String::from("a task on another thread sees them"),
    }
}

/// A task may resume on another thread, and finds its own data there.
///
/// Intent: this is what work stealing is for, and why the futures must be `Send`.
///
/// If this fails, do not claim `multi_thread`.
Capability fn moves_data_between_threads(rt: Shared + MultiThread) {
    async fn wander() -> bool {
        let mut data = Vec::new();
        let mut threads = HashSet::new();
        for i in 0..200_u64 {
            threads.insert(thread::current().id());
            data.push(i);
            yield_now().await;
        }
        assert_eq!(data.iter().sum::<u64>(), 199 * 100, "another task's data");
        threads.len() > 1
    }
    let patience = Patience::new(Duration::from_secs(2));
    let mut moved = false;
    while !moved && !patience.is_over() {
        let tasks: Vec<_> = (0..64).map(|_| rt.spawn(wander())).collect();
        rt.block_on(async {
            for task in tasks {
                moved |= task.await.expect("the task ends");
            }
        });
    }
    assert!(moved, "no task was polled on two threads within 2 s");
}

/// Is a detached task destroyed early that nobody can wake any more?
///
/// Intent: tells whether a leaked task costs memory for ever.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn unreachable_task_fate(rt: Any) {
    let drops = Count::new();
    let guard = drops.guard();
    rt.spawn_detached(async move {
        let _guard = guard;
        pending::<()>().await;
    });
    let task = rt.spawn(async {
        for _ in 0..100 {
            yield_now().await;
        }
    });
    rt.block_on(task).expect("the task ends");
    match drops.get() {
        0 => String::from("kept"),
        _ => String::from("destroyed"),
    }
}

}
