//! Blocking a thread on a future.

use std::cell::{Cell, RefCell};
use std::future::{Future as _, pending, poll_fn};
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use anyrt_core::yield_now;

use super::sleep::while_pending;
use crate::backends::other_kinds;
use crate::kit::{
    Count, Gate, Holding, OnDrop, Place, catch, counted, message, on_thread, park_on,
    processor_time, step, threads_are_named,
};
use anyrt_conformance_engine::rules;

/// Something to be done when a thread's locals go.
type Late = OnDrop<Box<dyn FnMut()>>;

rules! { block_on

/// `block_on` returns the output of its future.
///
/// Intent: the least that a runtime must do, and the first thing to look at when everything is red.
///
/// If this fails, check that the adapter's `block_on` drives the runtime that its handle spawns on.
Must fn returns_the_output(rt: Any) {
    step("a future that is ready at once");
    assert_eq!(rt.block_on(async { 6 * 7 }), 42);
    let task = rt.spawn(async { String::from("from a task") });
    step("a task ends");
    assert_eq!(rt.block_on(task).expect("the task ends"), "from a task");
}

/// `block_on` polls its future on the calling thread only, and takes futures that are neither `Send` nor `'static`.
///
/// Intent: a program's root holds borrows, `Rc`s and thread-bound things such as a window or a database handle.
///
/// If this fails, check that the adapter does not spawn the root as a task.
Must fn polls_on_the_calling_thread(rt: Any) {
    let here = thread::current().id();
    let borrowed = String::from("borrowed");
    let seen = Rc::new(Cell::new(0));
    rt.block_on(async {
        for round in 0..10 {
            assert_eq!(thread::current().id(), here, "polled on another thread in round {round}");
            seen.set(seen.get() + borrowed.len());
            rt.sleep(Duration::from_millis(1)).await;
            yield_now().await;
        }
    });
    assert_eq!(seen.get(), 10 * borrowed.len());
}

/// `block_on` has dropped its future, on the calling thread, when it returns.
///
/// Intent: files are closed and locks released before the line after `block_on` runs.
///
/// If this fails, check that the adapter passes the future on by value and does not keep it.
Must fn drops_the_future_before_returning(rt: Any) {
    let place = Place::new();
    rt.block_on(Holding::new(place.guard(), yield_now()));
    let dropped = place.get().expect("the future must be gone when block_on returns");
    assert_eq!(dropped, thread::current().id(), "dropped on another thread");
}

/// `block_on` parks its thread between wakes: waiting for one sleep takes ten polls at most, and where the system tells what a process
/// has used, less than half of the time.
///
/// Intent: a busy loop answers fast in tests and eats a processor in production.
///
/// If this fails, check that the adapter parks the thread instead of polling in a loop.
Must fn parks_between_wakes(rt: Any) {
    let polls = Count::new();
    rt.block_on(counted(&polls, rt.sleep(Duration::from_millis(100))));
    assert!(polls.get() <= 10, "{} polls for one sleep", polls.get());
    if threads_are_named() && !rt.claims().virtual_time {
        let (begun, used) = (rt.now(), processor_time());
        rt.block_on(rt.sleep(Duration::from_millis(300)));
        let (used, took) = (processor_time().saturating_sub(used), rt.now() - begun);
        assert!(2 * used < took, "the process used {used:?} of a processor while nothing was due for {took:?}");
    }
}

/// The future of `block_on` is not polled because unrelated tasks ran: at most ten times beside ten thousand polls of a task.
///
/// Intent: a root that joins thousands of things must not pay for every step of every task.
///
/// If this fails, check that the root has a waker of its own, apart from the executor's.
Should fn is_not_polled_for_unrelated_tasks(rt: Any) {
    let (polls, done) = (Count::new(), Gate::new());
    let opener = done.clone();
    rt.spawn(async move {
        for _ in 0..10_000 {
            yield_now().await;
        }
        opener.open();
    })
    .detach();
    rt.block_on(counted(&polls, done.wait()));
    assert!(polls.get() <= 10, "{} polls of the root beside 10 000 of a task", polls.get());
}

/// `block_on` inside the same runtime completes, or panics with a message; it never hangs.
///
/// Intent: synchronous facades get called from async code sooner or later, and a dead program tells nobody why.
///
/// If this fails, check that the adapter knows its own threads and panics where blocking one could block the executor.
Must fn nested_completes_or_panics(rt: Shared) {
    let nested = |rt: Rt| {
        let inner = rt.clone();
        step("block_on inside the runtime completes or panics");
        match catch(move || rt.block_on(async move { inner.spawn(async { 7 }).await })) {
            Ok(end) => assert_eq!(end.expect("the inner task ends"), 7),
            Err(payload) => assert!(
                !message(&*payload).is_empty(),
                "a panic where blocking is impossible must say so"
            ),
        }
    };
    let handle = rt.handle();
    rt.block_on(async { nested(handle) });
    let handle = rt.handle();
    let task = rt.spawn(async move { nested(handle) });
    rt.block_on(task).expect("the task ends");
    assert_eq!(rt.block_on(rt.spawn(async { 1 })).expect("the runtime works on"), 1);
}

/// The future of `block_on` is woken from any thread.
///
/// Intent: results come from threads that no runtime knows: a library's own pool, a C callback, a signal handler.
///
/// If this fails, check that the root's waker unparks the thread, also while it waits in the poller.
Must fn is_woken_from_any_thread(rt: Any + SystemThreads) {
    let (sender, receiver) = mpsc::channel::<Gate>();
    let waker = thread::spawn(move || receiver.iter().for_each(|gate| gate.open()));
    for _ in 0..200 {
        let gate = Gate::new();
        let mut sent = false;
        let mut wait = Box::pin(gate.wait());
        step("another thread wakes the future of block_on");
        rt.block_on(poll_fn(|cx| {
            let poll = wait.as_mut().poll(cx);
            if !std::mem::replace(&mut sent, true) {
                // Only now: the root is pending, and about to park.
                sender.send(gate.clone()).expect("the thread listens");
            }
            poll
        }));
    }
    drop(sender);
    waker.join().expect("the thread ends");
}

/// A panic of the future passes through `block_on` with its payload, after its locals were dropped, and `block_on` works
/// again afterwards.
///
/// Intent: tests panic inside `block_on`, and the next test runs on the same thread.
///
/// If this fails, check what the adapter leaves set on the thread when `block_on` unwinds.
Must fn passes_a_panic_on(rt: Any) {
    let drops = Count::new();
    let guard = drops.guard();
    let boom = async {
        let _guard = guard;
        yield_now().await;
        std::panic::panic_any(7_u8);
    };
    let payload = catch(|| rt.block_on(boom)).expect_err("the panic must pass through");
    assert_eq!(payload.downcast_ref(), Some(&7_u8), "another payload");
    assert_eq!(drops.get(), 1, "the locals must be gone");
    let next = rt.block_on(rt.spawn(async { 1 }));
    assert_eq!(next.expect("the runtime works on"), 1);
}

/// `block_on` may be called from many threads at once.
///
/// Intent: a synchronous facade is used from a pool of threads.
///
/// If this fails, check for a lock that the adapter's `block_on` holds while it waits.
Must fn runs_on_many_threads_at_once(rt: Shared + SystemThreads) {
    const THREADS: usize = 4;
    let gates: Vec<_> = (0..THREADS).map(|_| Gate::new()).collect();
    let done = Gate::new();
    let left = Count::new();
    thread::scope(|scope| {
        for own in 0..THREADS {
            let (handle, gates, done, left) = (rt.handle(), &gates, &done, &left);
            scope.spawn(move || {
                handle.block_on(async {
                    gates[own].open();
                    for gate in gates {
                        gate.wait().await;
                    }
                    let task = handle.spawn(async move { own });
                    assert_eq!(task.await.expect("the task ends"), own);
                });
                if left.add() + 1 == THREADS {
                    done.open();
                }
            });
        }
        // Some runtimes move only while their owner drives them.
        step("other threads block on the runtime as well");
        rt.block_on(done.wait());
    });
}

/// `block_on` works inside a blocking closure: spawning, joining and sleeping there does.
///
/// Intent: synchronous code that was moved to the blocking pool calls back into async code.
///
/// If this fails, check that the adapter takes the pool's threads for plain ones.
Capability fn works_in_a_blocking_closure(rt: Shared + Blocking) {
    let handle = rt.handle();
    let closure = rt.spawn_blocking(move || {
        handle.block_on(async {
            let inner = handle.spawn(async { 40 }).await.expect("the task ends");
            handle.sleep(Duration::from_millis(1)).await;
            inner + 2
        })
    });
    assert_eq!(rt.block_on(closure).expect("the closure ends"), 42);
}

/// `block_on` inside a task of the same runtime drives tasks and timers, and completes, also where what it waits for was spawned
/// before. The task goes on if it was woken meanwhile.
///
/// Intent: tells those who must block inside a task where they can.
///
/// If this fails, do not claim `nested_block_on`.
Capability fn nested_drives_tasks_and_timers(rt: Shared + NestedBlockOn) {
    let handle = rt.handle();
    let task = rt.spawn(async move {
        let inner = handle.clone();
        handle.block_on(async move {
            inner.sleep(Duration::from_millis(1)).await;
            inner.spawn(async { 42 }).await.expect("the inner task ends")
        })
    });
    assert_eq!(rt.block_on(task).expect("the task must complete"), 42);

    // Both are due when the first of them blocks.
    let (handle, given) = (rt.handle(), Arc::new(Mutex::new(None)));
    let other = given.clone();
    let blocks = rt.spawn(async move {
        let other = other.lock().expect("no panic").take();
        handle.block_on(other.expect("it was spawned"))
    });
    *given.lock().expect("no panic") = Some(rt.spawn(async { 7 }));
    step("a task ends that blocks on one that was spawned before");
    assert_eq!(rt.block_on(blocks).expect("the task ends").expect("the other ends"), 7);

    let (handle, polls) = (rt.handle(), Count::new());
    let counted = polls.clone();
    let task = rt.spawn(poll_fn(move |cx| {
        if counted.add() > 0 {
            return Poll::Ready(());
        }
        let (waker, inner) = (cx.waker().clone(), handle.clone());
        handle.block_on(async move {
            waker.wake();
            inner.sleep(Duration::from_millis(1)).await;
            inner.spawn(yield_now()).await.expect("the inner task ends");
        });
        Poll::Pending
    }));
    step("a task is polled again that was woken while it blocked");
    rt.block_on(task).expect("the task ends");
    assert_eq!(polls.get(), 2);
}

/// A sleep of the runtime fires under another crate's `block_on` inside a task.
///
/// Intent: `futures::executor::block_on` and `pollster` are called inside tasks, and must not wait for ever.
///
/// If this fails, do not claim `foreign_block_on`: the thread that is blocked is the one that drives the timers.
Capability fn foreign_block_on_fires_sleeps(rt: Any + ForeignBlockOn) {
    let handle = rt.handle();
    let task = rt.spawn(async move {
        let mut armed = None;
        park_on(poll_fn(|cx| match &mut armed {
            // One that is over before it is polled shows nothing.
            None => {
                armed = Some(while_pending(Duration::from_millis(5), || handle.now(), |wait| {
                    let mut sleep = handle.sleep(wait);
                    sleep.as_mut().poll(cx).is_pending().then_some(sleep)
                }));
                Poll::Pending
            }
            // It is polled again only when it was woken: a second look finds the time over, whoever drives the timer.
            Some(sleep) => sleep.as_mut().poll(cx),
        }));
    });
    rt.block_on(task).expect("the task ends");
}

/// `block_on` inside the destructor of a thread-local completes or panics; it neither aborts nor hangs.
///
/// Intent: thread-local caches close their connections when a thread ends, after the runtime's own thread-locals are gone.
///
/// If this fails, check that the adapter reaches its thread-locals with `try_with`.
Must fn works_in_a_thread_local_destructor(rt: Shared + SystemThreads) {
    thread_local! {
        static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
    }
    let done = Gate::new();
    let (handle, opener) = (rt.handle(), done.clone());
    let other = thread::spawn(move || {
        LATE.set(Some(OnDrop(Box::new(move || {
            let inner = handle.clone();
            let end = catch(|| {
                handle.block_on(async move { inner.spawn(async { 42 }).await })
            });
            if let Ok(Ok(output)) = end {
                assert_eq!(output, 42);
            }
            opener.open();
        }))));
        // The runtime's thread-locals come later, and are dropped earlier.
    });
    step("a destructor blocks on the runtime while its thread ends");
    rt.block_on(done.wait());
    other.join().expect("the thread ends");
}

/// A wake of the root while it is being polled is not lost.
///
/// Intent: futures wake themselves to yield, and threads answer before the poll that asked them has returned.
///
/// If this fails, check that the adapter forgets wakes before a poll and not after it.
Must fn keeps_a_wake_during_poll(rt: Any + SystemThreads) {
    let mut polls = 0;
    step("the future of block_on is polled again that was woken during its poll");
    rt.block_on(poll_fn(|cx| {
        polls += 1;
        match polls {
            1..=50 => cx.waker().wake_by_ref(),
            51..=100 => {
                let waker = cx.waker().clone();
                on_thread(move || waker.wake());
            }
            _ => return Poll::Ready(()),
        }
        Poll::Pending
    }));
    assert_eq!(polls, 101, "one poll for each wake");
}

/// How many polls do spawned tasks get when the root is ready at once?
///
/// Intent: code must not rely on a task having run because `block_on` was called.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn polls_before_a_ready_root(rt: Any) {
    let polls = Count::new();
    let tasks: Vec<_> = (0..10).map(|_| {
        let polls = polls.clone();
        rt.spawn(async move {
            polls.add();
            pending::<()>().await;
        })
    }).collect();
    rt.block_on(async {});
    let polled = polls.get();
    drop(tasks);
    format!("{polled} of 10 tasks")
}

/// Running a main task gives its output, runs it as a task of the runtime, and passes its panic on with its payload.
///
/// Intent: a program's `main` is a task where joins are to be fast, and tests tell failures apart by their payload.
///
/// If this fails, check what the adapter's `run` does with the error of the join.
Must fn run_is_a_task_and_passes_its_panic_on(rt: Shared + Owned) {
    let handle = rt.handle();
    let (ran, there) = rt.run(async move {
        yield_now().await;
        let there = thread::current().id();
        (handle.spawn(async { 40 }).await.expect("the task ends") + 2, there)
    });
    assert_eq!(ran, 42);
    if rt.claims().background && rt.claims().multi_thread {
        assert_ne!(there, thread::current().id(), "it ran on the thread that waits for it, and not where tasks run");
    }
    let drops = Count::new();
    let guard = drops.guard();
    let payload = catch(|| rt.run(async move {
        let _guard = guard;
        yield_now().await;
        std::panic::panic_any(7_u8)
    }));
    let payload = payload.map(|never: ()| never).expect_err("the panic must pass through");
    assert_eq!(payload.downcast_ref(), Some(&7_u8), "another payload");
    assert_eq!(drops.get(), 1, "the locals must be gone");
    assert_eq!(rt.run(async { 1 }), 1, "the runtime works on");
}

/// Blocking on a runtime inside another one completes, or panics with a message; it never hangs, and both work on.
///
/// Intent: a library with a runtime of its own is called inside its user's.
///
/// If this fails, check that the adapter tells whether blocking is possible on this thread at all, whoever runs there.
Must fn inside_another_completes_or_panics(rt: Any + Owned) {
    let other = rt.another();
    for round in 0..2 {
        step("block_on inside another runtime completes or panics");
        let nested = other.block_on(async {
            yield_now().await;
            catch(|| rt.block_on(async { rt.spawn(async { 7 }).await }))
        });
        match nested {
            Ok(end) => assert_eq!(end.expect("the inner task ends"), 7),
            Err(payload) => assert!(!message(&*payload).is_empty(), "a panic where blocking is impossible must say so"),
        }
        assert_eq!(other.block_on(other.spawn(async move { round })).expect("the outer runtime works on"), round);
        assert_eq!(rt.block_on(rt.spawn(async move { round })).expect("the inner runtime works on"), round);
    }
}

/// Blocking inside the `block_on` of another kind of runtime, or of a bare executor, completes or panics with a message. Both
/// go on working.
///
/// Intent: a library that blocks on its own runtime is called from whatever runtime its user has.
///
/// If this fails, check that the adapter tells whether blocking is possible on this thread at all, whoever runs there.
Must fn inside_another_kind_completes_or_panics(rt: Any) {
    let nested = |block: &dyn Fn() -> i32| match catch(block) {
        Ok(end) => assert_eq!(end, 7),
        Err(payload) => assert!(!message(&*payload).is_empty(), "a panic where blocking is impossible must say so"),
    };
    for backend in other_kinds(rt.backend()) {
        let other = backend.start_shared();
        step(format_args!("block_on inside that of {}", backend.key()));
        other.block_on(async {
            yield_now().await;
            nested(&|| rt.block_on(async { rt.spawn(async { 7 }).await.expect("the inner task ends") }));
        });
        step(format_args!("block_on of {} inside this one", backend.key()));
        rt.block_on(async {
            yield_now().await;
            nested(&|| other.block_on(async { other.spawn(async { 7 }).await.expect("the inner task ends") }));
        });
        assert_eq!(other.block_on(other.spawn(async { 1 })).expect("the other runtime works on"), 1);
    }
    step("block_on inside a bare executor");
    park_on(async {
        yield_now().await;
        nested(&|| rt.block_on(async { rt.spawn(async { 7 }).await.expect("the inner task ends") }));
    });
    step("a bare executor inside block_on");
    assert_eq!(rt.block_on(async { park_on(async { 8 }) }), 8, "what an executor without a runtime gives");
    assert_eq!(rt.block_on(rt.spawn(async { 2 })).expect("the runtime works on"), 2);
}

}
