//! The end of a runtime.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use anyrt_core::{AbortHandle, yield_now};

use crate::glob;
use crate::kit::{
    Count, Gate, Holding, OnDrop, Patience, Random, catch, eventually, message, now,
    other_thread_names, park_on, pause, scaled, step, yield_until,
};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);
const GRACE: Duration = Duration::from_secs(10);

/// How many tasks each round of the rules about destructors has.
const TASKS: usize = 8;
/// More than a runtime takes in one turn.
const PARKED: usize = 1000;

thread_local! {
    /// Set on a thread while it makes a call that may run no destructor of a task.
    static CALLING: Cell<bool> = const { Cell::new(false) };
}

/// What the destructors of tasks note: how many ran, and how many of them inside a call that may run none.
#[derive(Clone, Default)]
struct Destructors {
    ran: Count,
    inside: Count,
}

impl Destructors {
    /// Makes `call`, in which no destructor may run.
    fn around(call: impl FnOnce()) {
        CALLING.set(true);
        let _end = OnDrop(|| CALLING.set(false));
        call();
    }

    /// A value whose destructor notes where it runs, and makes `call`.
    fn guard(&self, call: impl Fn() + Send + 'static) -> impl Sized + Send + 'static {
        let this = self.clone();
        OnDrop(move || {
            this.ran.add();
            if CALLING.get() {
                this.inside.add();
            } else {
                Self::around(&call);
            }
        })
    }
}

/// Where tasks leave their wakers, under a lock that their destructors take as well.
#[derive(Clone)]
struct Wakers(Arc<Mutex<Vec<Option<Waker>>>>);

impl Wakers {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(vec![None; TASKS])))
    }

    /// A future that leaves its waker in each poll, and is never ready.
    fn leave(&self, place: usize) -> impl Future<Output = ()> + Send + 'static {
        let this = self.clone();
        poll_fn(move |cx| {
            let waker = Some(cx.waker().clone());
            let before = std::mem::replace(
                &mut this.0.lock().unwrap_or_else(PoisonError::into_inner)[place],
                waker,
            );
            drop(before);
            Poll::Pending
        })
    }

    /// Whether every task has left its waker.
    fn are_full(&self) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().all(Option::is_some)
    }

    /// Wakes every task, under the lock.
    fn wake_all(&self) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().flatten().for_each(Waker::wake_by_ref);
    }

    /// Wakes one task.
    fn wake(&self, place: usize) {
        let waker = self.0.lock().unwrap_or_else(PoisonError::into_inner)[place].clone();
        waker.into_iter().for_each(Waker::wake);
    }
}

/// Repeats `call` on another thread while `end` runs on this one.
fn while_it_ends(call: impl Fn() + Send + Sync, end: impl FnOnce()) {
    let (begun, stop) = (Gate::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                call();
                begun.open();
                thread::yield_now();
            }
        });
        let _stop = OnDrop(|| stop.store(true, Ordering::SeqCst));
        begun.wait_blocking();
        end();
    });
}

/// Holds every thread of a runtime by tasks that wait for `gate`.
fn hold_every_thread(rt: &crate::Started<crate::Shared>, gate: &Gate) {
    let (started, threads) = (Count::new(), rt.backend().worker_threads());
    let hold = || {
        let (start, wait) = (started.clone(), gate.clone());
        rt.spawn_detached(async move {
            start.add();
            wait.wait_blocking();
        });
    };
    // More than it has threads; the rest of them stays in the queue.
    (0..threads.map_or(64, |it| 2 * it)).for_each(|_| hold());
    if let Some(threads) = threads {
        // Each of them, however long it waits for a processor: one that is free would do what the held ones cannot.
        let looks = Cell::new(0);
        return eventually("every thread of the runtime is held", || {
            looks.set(looks.get() + 1);
            if looks.get() % 100 == 0 {
                // Wakes a thread that went to sleep beside the queue: a scheduler need not wake all of them for it.
                hold();
            }
            started.get() >= threads
        });
    }
    step("every thread of the runtime is held");
    // A thread that gets no processor for a moment takes one of the 64 later: what counts is that none does for a while.
    let (mut held, mut same) = (0, 0);
    while held == 0 || same < 6 {
        pause(50 * MS);
        same = if started.get() == held { same + 1 } else { 0 };
        held = started.get();
    }
}

/// Waits until another thread has said something, for ten seconds in which the process has a processor.
fn hears<T>(said: &mpsc::Receiver<T>) -> Result<T, RecvTimeoutError> {
    let patience = Patience::new(GRACE);
    loop {
        match said.recv_timeout(patience.until_the_next_look()) {
            Err(RecvTimeoutError::Timeout) if !patience.is_over() => {}
            heard => return heard,
        }
    }
}

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
Capability fn returns_within_its_grace(rt: Shared + Owned + SystemThreads) {
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
    let (begun, patience) = (now(), Patience::new(Duration::from_secs(10)));
    step("the shutdown returns though a task does not yield");
    rt.shutdown(50 * MS);
    assert!(!patience.is_over(), "it took {:?} with a grace of 50 ms", now().duration_since(begun));
}

/// When every thread of the runtime is held by a task that does not yield, `shutdown` drops what is parked all the same, however
/// much it is, once its grace has passed. What is spawned then is dropped at once.
///
/// Intent: one stuck request must not keep the others' files open.
///
/// If this fails, declare it: the runtime drops its tasks on the threads that are stuck.
Should fn drops_parked_beside_stuck_tasks(rt: Shared + Owned + Background + SystemThreads) {
    let (polled, drops, gate) = (Count::new(), Count::new(), Gate::new());
    let _open = OnDrop(|| gate.open());
    for _ in 0..PARKED {
        let counter = polled.clone();
        rt.spawn_detached(Holding::new(drops.guard(), async move {
            counter.add();
            pending::<()>().await;
        }));
    }
    rt.block_on(yield_until("every task is polled", || polled.get() == PARKED));
    hold_every_thread(&rt, &gate);
    let handle = rt.handle();
    step("the shutdown returns, and the parked tasks are dropped");
    rt.shutdown(50 * MS);
    let (begun, patience) = (now(), Patience::new(Duration::from_secs(1)));
    while drops.get() < PARKED {
        let late = now().duration_since(begun);
        assert!(!patience.is_over(), "{} of {PARKED} parked tasks are dropped {late:?} later", drops.get());
        pause(MS);
    }
    step("a task resolves that is spawned beside the stuck ones afterwards");
    let late = handle.spawn(Holding::new(drops.guard(), pending::<()>()));
    assert!(park_on(late).is_err_and(|error| error.is_cancelled()), "a task of a runtime that was shut down");
    assert_eq!(drops.get(), PARKED + 1, "the future of a late task is dropped before its handle resolves");
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
Capability fn inside_its_own_task_is_safe(rt: Shared + Owned + Movable + Background + SystemThreads) {
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
        let ended = hears(&returned).unwrap_or_else(|error| panic!("it has not returned after {GRACE:?} (by drop: {by_drop}): {error}"));
        assert_eq!(ended, Ok(()), "panicked (by drop: {by_drop})");
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
Capability fn inside_its_own_closure_is_safe(rt: Shared + Owned + Movable + Blocking + SystemThreads) {
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
        let ended = hears(&returned).unwrap_or_else(|error| panic!("it has not returned after {GRACE:?} (by drop: {by_drop}): {error}"));
        assert_eq!(ended, Ok(()), "panicked (by drop: {by_drop})");
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
    let patience = Patience::new(Duration::from_secs(10));
    step("waiting: the threads of the runtime end");
    while !left().is_empty() {
        assert!(!patience.is_over(), "threads are left: {:?}", left());
        pause(MS);
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
    let (sleep, mut far) = (rt.sleep(20 * MS), rt.sleep(HOUR));
    rt.block_on(async {
        started.wait().await;
        while !ended.is_finished() {
            yield_now().await;
        }
    });
    unpolled.push(rt.spawn(pending::<()>()));
    // One that is not due yet, however busy the machine is.
    let armed = catch(|| far.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop())).is_ready());
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

/// A closure that is submitted while its runtime ends, or after, runs or is dropped unrun, never both and never neither, and its
/// handle resolves: with its output if it ran, cancelled if it did not.
///
/// Intent: destructors hand their clean-up to the pool, and threads that know nothing of the end go on submitting.
///
/// If this fails, check what the adapter's `spawn_blocking` does with a closure that its pool no longer takes.
Capability fn late_closures_run_or_are_cancelled(rt: Any + Owned + Blocking) {
    const CLOSURES: usize = 20;
    for by_drop in [false, true] {
        let rt = rt.another();
        let (handles, ran, drops) = (Arc::new(Mutex::new(Vec::new())), Count::new(), Count::new());
        // Submits one, which counts whether it ran, and that it is gone.
        let submit = {
            let (handles, ran, drops) = (handles.clone(), ran.clone(), drops.clone());
            move |handle: &Rt| {
                let (ran, guard) = (ran.clone(), drops.guard());
                let closure = handle.spawn_blocking(move || {
                    ran.add();
                    drop(guard);
                    7
                });
                handles.lock().unwrap_or_else(PoisonError::into_inner).push(closure);
            }
        };
        for _ in 0..CLOSURES {
            let (handle, submit) = (rt.handle(), submit.clone());
            rt.spawn_detached(Holding::new(OnDrop(move || submit(&handle)), pending()));
        }
        rt.block_on(yield_now());
        let late = rt.handle();
        step(format_args!("closures are submitted while a runtime ends (by drop: {by_drop})"));
        if by_drop { drop(rt) } else { rt.shutdown(GRACE) }
        submit(&late);
        drop(submit);
        let closures = std::mem::take(&mut *handles.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut values, mut cancelled) = (0, 0);
        for closure in closures {
            step(format_args!("a late closure resolves (by drop: {by_drop})"));
            match park_on(closure) {
                Ok(value) => {
                    assert_eq!(value, 7, "the output of another closure");
                    values += 1;
                }
                Err(error) => {
                    assert!(error.is_cancelled(), "no closure panics: {error}");
                    cancelled += 1;
                }
            }
        }
        assert_eq!(values + cancelled, CLOSURES + 1, "closures whose destructor submitted one (by drop: {by_drop})");
        eventually("every closure has run or is dropped", || drops.get() == CLOSURES + 1);
        assert_eq!(ran.get(), values, "closures that ran, and those that say so (by drop: {by_drop})");
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
        pause(50 * MS);
        assert!(!ran.is_open(), "the task ran, although nobody drives the runtime");
    }
    rt.block_on(ran.wait());
}

/// Leaving `main` with parked tasks and a runtime that was not shut down neither hangs nor crashes.
///
/// Intent: most programs end this way.
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

/// No wake runs the destructor of a task, also while the runtime ends: neither one by another thread, nor one by a task that is
/// being polled, nor one by a destructor.
///
/// Intent: connections wake each other under a lock that their destructors take as well.
///
/// If this fails, check what the adapter's wake does with a task once the runtime is closed: it queues it, and leaves the
/// destructors to whoever ends the runtime.
Must fn wake_runs_no_destructor(rt: Any + Owned + SystemThreads) {
    for round in 0..10 {
        let (rt, seen, wakers) = (rt.another(), Destructors::default(), Wakers::new());
        for place in 0..TASKS {
            let others = wakers.clone();
            let held = seen.guard(move || others.wake_all());
            rt.spawn_detached(Holding::new(held, wakers.leave(place)));
        }
        rt.block_on(yield_until("every task is polled", || wakers.are_full()));
        if round < 2 && rt.claims().background {
            let (ran, all, polled) = (seen.ran.clone(), wakers.clone(), Gate::new());
            let opener = polled.clone();
            rt.spawn_detached(async move {
                let begun = now();
                while ran.get() == 0 && now().duration_since(begun) < 300 * MS {
                    Destructors::around(|| all.wake_all());
                    opener.open();
                    thread::yield_now();
                }
            });
            polled.wait_blocking();
        }
        step("the runtime ends while its tasks are woken");
        while_it_ends(
            || Destructors::around(|| wakers.wake_all()),
            || if round % 2 == 0 { rt.shutdown(GRACE) } else { drop(rt) },
        );
        eventually("every task is dropped", || seen.ran.get() == TASKS);
        assert_eq!(seen.inside.get(), 0, "destructors that ran inside a wake, in round {round}");
    }
}

/// No abort runs the destructor of a task, also while the runtime ends: neither one by another thread, nor one by a destructor.
///
/// Intent: a pool aborts its tasks under its own lock, which their destructors take as well.
///
/// If this fails, check what the adapter's abort does with a task once the runtime is closed.
Must fn abort_runs_no_destructor(rt: Any + Owned + SystemThreads) {
    for round in 0..10 {
        let (rt, seen) = (rt.another(), Destructors::default());
        let aborts = Arc::new(Mutex::new(Vec::<AbortHandle>::new()));
        let abort_all = |aborts: &Mutex<Vec<AbortHandle>>| {
            let all = aborts.lock().unwrap_or_else(PoisonError::into_inner);
            all.iter().for_each(AbortHandle::abort);
        };
        for _ in 0..TASKS {
            let others = aborts.clone();
            let held = seen.guard(move || abort_all(&others));
            let mut task = rt.spawn(Holding::new(held, pending::<()>()));
            let abort = task.abort_handle();
            aborts.lock().unwrap_or_else(PoisonError::into_inner).push(abort);
        }
        rt.block_on(yield_now());
        step("the runtime ends while its tasks are aborted");
        while_it_ends(
            || Destructors::around(|| abort_all(&aborts)),
            || if round % 2 == 0 { rt.shutdown(GRACE) } else { drop(rt) },
        );
        eventually("every task is dropped", || seen.ran.get() == TASKS);
        assert_eq!(seen.inside.get(), 0, "destructors that ran inside an abort, in round {round}");
    }
}

/// A spawn runs the destructor of no other task, also while the runtime ends: neither one by another thread, nor one by a
/// destructor.
///
/// Intent: whoever starts a task does not expect the destructor of another to run.
///
/// If this fails, check what the adapter's spawn does once the runtime is closed: it drops its own future, and nothing else.
Must fn spawn_runs_no_destructor_of_others(rt: Shared + Owned + SystemThreads) {
    for round in 0..10 {
        let (rt, seen) = (rt.another(), Destructors::default());
        for _ in 0..TASKS {
            let handle = rt.handle();
            let held = seen.guard(move || handle.spawn_detached(pending()));
            rt.spawn_detached(Holding::new(held, pending()));
        }
        rt.block_on(yield_now());
        let handle = rt.handle();
        step("the runtime ends while tasks are spawned on it");
        while_it_ends(
            || Destructors::around(|| handle.spawn_detached(pending())),
            || if round % 2 == 0 { rt.shutdown(GRACE) } else { drop(rt) },
        );
        eventually("every task is dropped", || seen.ran.get() == TASKS);
        assert_eq!(seen.inside.get(), 0, "destructors that ran inside a spawn, in round {round}");
    }
}

/// However wakes fall against the end of the runtime, every task is dropped and every handle resolves.
///
/// Intent: a task that is woken while the executor is emptied can land in a queue that nobody looks at again; its files stay
/// open, and who joins it waits for ever.
///
/// If this fails, look for a window between "no longer taken from the queue" and "no longer put into it".
Must fn no_task_is_left_behind(rt: Any + Owned + SystemThreads) {
    let (begun, mut random) = (now(), Random::new(9));
    let mut rounds = 0;
    while rounds < scaled(100) && now().duration_since(begun) < Duration::from_secs(2) {
        rounds += 1;
        let (rt, drops, wakers) = (rt.another(), Count::new(), Wakers::new());
        let tasks: Vec<_> = (0..TASKS).map(|place| {
            rt.spawn(Holding::new(drops.guard(), wakers.leave(place)))
        }).collect();
        rt.block_on(yield_until("every task is polled", || wakers.are_full()));
        let (seed, delay) = (Mutex::new(random.clone()), random.below(2_000));
        step("the runtime ends while its tasks are woken");
        while_it_ends(
            || {
                let place = seed.lock().expect("no panic").below(TASKS as u64);
                wakers.wake(place as usize);
            },
            || {
                (0..delay).for_each(|_| std::hint::spin_loop());
                if delay % 2 == 0 { rt.shutdown(GRACE) } else { drop(rt) }
            },
        );
        eventually("every task is dropped", || drops.get() == TASKS);
        for task in tasks {
            step("a task that was woken at the end resolves");
            assert!(park_on(task).is_err_and(|error| error.is_cancelled()), "a task of a runtime that is gone");
        }
    }
    format!("{rounds} rounds")
}

/// `shutdown` waits, within its grace, for a poll that is running, and then drops the task, also if that was its first poll.
///
/// Intent: a write that is half done is finished, where there is time for it.
///
/// If this fails, check that the adapter waits for its threads as long as the grace says, and not less.
Capability fn waits_for_a_running_poll(rt: Shared + Owned + Background + SystemThreads) {
    let (started, ended, drops) = (Gate::new(), Count::new(), Count::new());
    let (start, end) = (started.clone(), ended.clone());
    rt.spawn_detached(Holding::new(drops.guard(), async move {
        start.open();
        pause(300 * MS);
        end.add();
        pending::<()>().await;
    }));
    started.wait_blocking();
    rt.shutdown(GRACE);
    assert_eq!(ended.get(), 1, "it returned before the poll had ended, although the grace had not passed");
    eventually("the task whose poll was waited for is dropped", || drops.get() == 1);
}

/// The destructor of a task finds its runtime also where the runtime was shut down beside tasks that hold every thread of it,
/// whenever it runs.
///
/// Intent: a connection says goodbye from its destructor also at a shutdown that runs out of time, and what it spawns there must
/// not land on another runtime.
///
/// If this fails, check that the adapter marks the thread that calls `shutdown` where that drops what is left.
Capability fn destructor_beside_stuck_tasks_finds_its_runtime(
    rt: Shared + Owned + Current + Background + SystemThreads
) {
    let (polled, ran, found, gate) = (Count::new(), Count::new(), Count::new(), Gate::new());
    let _open = OnDrop(|| gate.open());
    let tasks = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..TASKS {
        let (find, finds, ends, spawned) = (rt.lookup(), found.clone(), ran.clone(), tasks.clone());
        let held = OnDrop(move || {
            if let Ok(runtime) = find() {
                finds.add();
                let task = runtime.spawn(pending::<()>());
                spawned.lock().unwrap_or_else(PoisonError::into_inner).push(task);
            }
            ends.add();
        });
        let counter = polled.clone();
        rt.spawn_detached(Holding::new(held, async move {
            counter.add();
            pending::<()>().await;
        }));
    }
    rt.block_on(yield_until("every task is polled", || polled.get() == TASKS));
    hold_every_thread(&rt, &gate);
    rt.shutdown(50 * MS);
    // Some runtimes drop their tasks on the threads that are held.
    gate.open();
    eventually("every parked task is dropped", || ran.get() == TASKS);
    assert_eq!(found.get(), TASKS, "destructors that found their runtime");
    for task in std::mem::take(&mut *tasks.lock().unwrap_or_else(PoisonError::into_inner)) {
        // On another runtime it would wait for ever.
        step("a task resolves that a destructor spawned on the runtime that it found");
        assert!(park_on(task).is_err_and(|error| error.is_cancelled()), "a task of a runtime that is gone");
    }
}

/// The destructor of a task that the end of its runtime drops finds that runtime.
///
/// Intent: a connection says goodbye from its destructor by the static call that it uses everywhere else.
///
/// If this fails, check that the adapter drops its tasks where it would poll them.
Capability fn destructor_finds_its_runtime(rt: Any + Owned + Current) {
    for by_drop in [false, true] {
        let (rt, found) = (rt.another(), Count::new());
        #[allow(clippy::arc_with_non_send_sync, reason = "a local task is not `Send`, and stays on its thread")]
        let tasks = Arc::new(Mutex::new(Vec::new()));
        for polled in [true, false] {
            let (find, counter, spawned) = (rt.lookup(), found.clone(), tasks.clone());
            let held = OnDrop(move || {
                if let Ok(runtime) = find() {
                    counter.add();
                    let task = runtime.spawn(pending::<()>());
                    spawned.lock().unwrap_or_else(PoisonError::into_inner).push(task);
                }
            });
            rt.spawn_detached(Holding::new(held, pending()));
            if polled {
                rt.block_on(yield_now());
            }
        }
        if by_drop { drop(rt) } else { rt.shutdown(GRACE) }
        assert_eq!(found.get(), 2, "destructors that found their runtime (by drop: {by_drop})");
        for task in std::mem::take(&mut *tasks.lock().unwrap_or_else(PoisonError::into_inner)) {
            // On another runtime it would wait for ever.
            step("a task resolves that a destructor spawned on the runtime that it found");
            assert!(park_on(task).is_err_and(|error| error.is_cancelled()), "a task of a runtime that is gone");
        }
    }
}

}
