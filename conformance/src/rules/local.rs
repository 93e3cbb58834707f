//! Tasks that stay on one thread.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use anyrt_core::{Timer, yield_now};

use crate::backends::{BlocksByHandle, LocalBlockOn, SharedTimer, SharesTimer};

use crate::kit::{
    Count, Gate, Holding, OnDrop, Place, catch, message, on_thread, park_on, poll_once, step,
};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const GRACE: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_secs(3600);

/// Sends its waker out in every poll, and is never ready.
fn sends_its_waker(sender: mpsc::Sender<Waker>) -> impl Future<Output = ()> {
    poll_fn(move |cx| {
        // The rule may have ended.
        let _ = sender.send(cx.waker().clone());
        Poll::Pending
    })
}

rules! { local

/// A local task may hold what is not `Send`, and is polled only on the thread that owns the runtime, whoever wakes it.
///
/// Intent: an `Rc` that two threads touch is undefined behaviour.
///
/// If this fails, check where the runtime polls a task that was woken from another thread.
Capability fn polls_on_the_owner_thread(rt: Local + SystemThreads) {
    let owner = thread::current().id();
    let (sender, wakers) = mpsc::channel::<Waker>();
    let waking = thread::spawn(move || wakers.iter().for_each(Waker::wake));
    let polls = Rc::new(Cell::new(0));
    let (counted, mut left) = (polls.clone(), 100);
    let task = rt.spawn(poll_fn(move |cx| {
        assert_eq!(thread::current().id(), owner, "polled on another thread");
        counted.set(counted.get() + 1);
        if left == 0 {
            return Poll::Ready(Rc::new(7));
        }
        left -= 1;
        sender.send(cx.waker().clone()).expect("the thread listens");
        Poll::Pending
    }));
    step("another thread wakes the task a hundred times");
    assert_eq!(*rt.block_on(task).expect("the task ends"), 7);
    assert!(polls.get() >= 101, "{} polls", polls.get());
    waking.join().expect("the thread ends");
}

/// Outside its scope a local runtime cannot be reached: it is not found, and spawning through a kept handle drops the future
/// and resolves cancelled.
///
/// Intent: a task that is parked on a thread which never runs it is lost without a word.
///
/// If this fails, check what the adapter's local handle does when its runtime is gone.
Capability fn fails_loudly_outside_a_scope(rt: Local + Current + SystemThreads) {
    let backend = rt.backend().clone();
    assert!(on_thread(|| backend.no_current()).is_some(), "a local runtime was found on another thread");
    assert!(rt.try_current().is_err(), "a local runtime was found outside its scope");
    let found = rt.block_on(async { rt.try_current() }).expect("inside block_on there is one");
    assert_eq!(rt.block_on(found.spawn(async { 7 })).expect("the task ends"), 7);
    let handle = rt.handle();
    rt.shutdown(GRACE);
    let drops = Count::new();
    let task = handle.spawn(Holding::new(drops.guard(), pending::<()>()));
    assert_eq!(drops.get(), 1, "the future must be dropped, not parked");
    assert!(park_on(task).is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
}

/// A local future is dropped on the thread that owns the runtime: when it ends, when it is aborted and when the runtime goes,
/// also while another thread holds its waker.
///
/// Intent: dropping an `Rc` on another thread is undefined behaviour.
///
/// If this fails, check what the last waker of a task frees.
Capability fn drops_on_the_owner_thread(rt: Local + SystemThreads) {
    let owner = thread::current().id();
    let (sender, wakers) = mpsc::channel::<Waker>();
    let places: Vec<_> = (0..3).map(|_| Place::new()).collect();
    let waker = sender.clone();
    let ended = rt.spawn(Holding::new(places[0].guard(), poll_fn(move |cx| {
        waker.send(cx.waker().clone()).expect("the rule listens");
        Poll::Ready(())
    })));
    let mut aborted = rt.spawn(Holding::new(places[1].guard(), sends_its_waker(sender.clone())));
    rt.spawn(Holding::new(places[2].guard(), sends_its_waker(sender))).detach();
    rt.block_on(ended).expect("the task ends");
    rt.block_on(async {
        for _ in 0..10 {
            yield_now().await;
        }
    });
    aborted.abort();
    assert!(rt.block_on(aborted).is_err(), "aborted");
    rt.shutdown(GRACE);
    step("another thread wakes what is gone");
    on_thread(move || wakers.iter().for_each(Waker::wake));
    for (place, which) in places.iter().zip(["ended", "aborted", "pending"]) {
        assert_eq!(place.get(), Some(owner), "the {which} future was dropped on another thread, or not at all");
    }
}

/// When a local runtime ends, every pending future of it has been dropped.
///
/// Intent: a local task borrows its thread; nothing of it may outlive the scope.
///
/// If this fails, check for a cycle: tasks hold handles, so a handle must not keep the runtime alive.
Capability fn scope_end_drops_everything(rt: Local) {
    let drops = Count::new();
    let gate = Gate::new();
    for i in 0..100 {
        let (handle, wait, rest) = (rt.handle(), gate.wait(), rt.sleep(Duration::from_secs(3600)));
        let future = async move {
            match i % 3 {
                0 => wait.await,
                1 => rest.await,
                _ => pending().await,
            }
            drop(handle);
        };
        rt.spawn_detached(Holding::new(drops.guard(), future));
    }
    rt.block_on(yield_now());
    // Never polled.
    rt.spawn_detached(Holding::new(drops.guard(), pending()));
    rt.shutdown(GRACE);
    assert_eq!(drops.get(), 101, "futures dropped when the scope had ended");
    gate.open();
}

/// Wakes of local tasks from other threads work, and do not block while the owner is busy elsewhere.
///
/// Intent: a waker is called by a driver under its lock; a bounded queue behind it is a deadlock.
///
/// If this fails, check for a queue between threads that has an end.
Capability fn foreign_wakes_work(rt: Local + SystemThreads) {
    const TASKS: usize = 2_000;
    let (sender, wakers) = mpsc::channel::<Waker>();
    let done = Count::new();
    let woken = Gate::new();
    for _ in 0..TASKS {
        let (sender, woken, done) = (sender.clone(), woken.clone(), done.clone());
        rt.spawn_detached(poll_fn(move |cx| {
            if woken.is_open() {
                done.add();
                return Poll::Ready(());
            }
            sender.send(cx.waker().clone()).expect("the rule listens");
            Poll::Pending
        }));
    }
    let root = Rc::new(RefCell::new(Vec::new()));
    step("the tasks are polled once");
    rt.block_on(async {
        while root.borrow().len() < TASKS {
            root.borrow_mut().extend(wakers.try_iter());
            yield_now().await;
        }
    });
    let wakers = root.take();
    woken.open();
    // The owner waits here and drives nothing.
    step("another thread wakes the tasks while their owner waits");
    on_thread(move || wakers.into_iter().for_each(Waker::wake));
    step("the tasks end that another thread has woken");
    rt.block_on(async {
        while done.get() < TASKS {
            yield_now().await;
        }
    });
}

/// The last waker of a local task may be used and dropped on another thread after the runtime is gone.
///
/// Intent: a registered callback outlives the scope; it must find neither the future nor the runtime.
///
/// If this fails, check what a waker of the runtime owns.
Capability fn late_waker_drop_is_safe(rt: Local + SystemThreads) {
    let owner = thread::current().id();
    let (sender, wakers) = mpsc::channel::<Waker>();
    let place = Place::new();
    rt.spawn_detached(Holding::new(place.guard(), sends_its_waker(sender)));
    rt.block_on(yield_now());
    rt.block_on(rt.sleep(MS));
    rt.shutdown(GRACE);
    assert_eq!(place.get(), Some(owner), "the future must be gone with the scope");
    let used = on_thread(move || {
        let mut used = 0;
        for waker in wakers {
            waker.wake_by_ref();
            drop(waker.clone());
            used += 1;
        }
        used
    });
    assert!(used > 0, "the task was never polled");
}

/// Local tasks progress while the thread's `block_on` waits, and while its future yields.
///
/// Intent: the root of a local program mostly waits; its tasks are the program.
///
/// If this fails, check that the local runtime's `block_on` runs its tasks between the polls of the root.
Capability fn progresses_while_block_on_waits(rt: Local) {
    let (handle, waited, seen) = (rt.handle(), Gate::new(), Rc::new(Cell::new(false)));
    let (opener, set) = (waited.clone(), seen.clone());
    rt.spawn_detached(async move {
        for _ in 0..5 {
            yield_now().await;
            handle.sleep(MS).await;
        }
        opener.open();
        for _ in 0..5 {
            yield_now().await;
        }
        set.set(true);
    });
    step("the task goes on while block_on waits, and while it yields");
    rt.block_on(async {
        waited.wait().await;
        while !seen.get() {
            yield_now().await;
        }
    });
}

/// `block_on` inside the same local runtime drives its tasks, or panics with a message; it never hangs. A task that was woken while
/// it blocked is polled again.
///
/// Intent: a nested loop that polls only its own future waits for ever for a task of this thread.
///
/// If this fails, check that the adapter marks a thread that is inside its `block_on`.
Capability fn nested_block_on_drives_or_panics(rt: Local) {
    let rt = Rc::new(rt);
    let nested = |rt: &crate::Started<Rt>| {
        step("block_on inside the runtime completes or panics");
        match catch(|| rt.block_on(rt.spawn(async { 7 }))) {
            Ok(end) => assert_eq!(end.expect("the inner task ends"), 7),
            Err(payload) => assert!(!message(&*payload).is_empty(), "a panic where blocking is impossible must say so"),
        }
    };
    rt.block_on(async { nested(&rt) });
    let inner = rt.clone();
    let task = rt.spawn(async move { nested(&inner) });
    rt.block_on(task).expect("the task ends");
    assert_eq!(rt.block_on(rt.spawn(async { 1 })).expect("the runtime works on"), 1);

    let (inner, given) = (rt.clone(), Rc::new(RefCell::new(None)));
    let other = given.clone();
    let blocks = rt.spawn(async move {
        let other = other.take().expect("it was spawned");
        catch(|| inner.block_on(other)).is_err()
    });
    given.replace(Some(rt.spawn(async { 7 })));
    step("a task ends that blocks on one that was spawned before");
    rt.block_on(blocks).expect("the task ends");

    let (inner, polls) = (rt.clone(), Count::new());
    let counted = polls.clone();
    let task = rt.spawn(poll_fn(move |cx| {
        if counted.add() > 0 {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        // Where blocking is impossible, the wake comes before the panic.
        waker.wake_by_ref();
        let _ = catch(|| inner.block_on(async {
            waker.wake();
            inner.sleep(Duration::from_millis(1)).await;
        }));
        Poll::Pending
    }));
    step("a task is polled again that was woken while it blocked");
    rt.block_on(task).expect("the task ends");
    assert_eq!(polls.get(), 2);
}

/// What holds for handles and tasks holds for local ones, with outputs that are not `Send`: dropping detaches, the future is
/// dropped before the join resolves, abort cancels once and for all, a finished task keeps its output, and the last waker is
/// the one that is woken.
///
/// Intent: one meaning, whichever of the two families a library takes.
///
/// If this fails, compare the adapter's local task with its `Send` one.
Capability fn task_rules_hold(rt: Local + SystemThreads) {
    let detached = Gate::new();
    let opener = detached.clone();
    drop(rt.spawn(async move {
        yield_now().await;
        opener.open();
        Rc::new(())
    }));
    step("the detached task runs");
    rt.block_on(detached.wait());

    let drops = Count::new();
    let output = rt.block_on(rt.spawn(Holding::new(drops.guard(), async { Rc::new(5) })));
    assert_eq!((drops.get(), *output.expect("the task ends")), (1, 5), "dropped, output");

    let mut parked = rt.spawn(Holding::new(drops.guard(), pending::<Rc<()>>()));
    rt.block_on(yield_now());
    assert!(!parked.is_finished(), "it is parked");
    parked.abort();
    parked.abort();
    step("the aborted task resolves");
    assert!(rt.block_on(parked).is_err_and(|error| error.is_cancelled()), "aborted");
    assert_eq!(drops.get(), 2, "the destructor has run when the join says cancelled");

    let mut finished = rt.spawn(async { Rc::new(6) });
    rt.block_on(async {
        while !finished.is_finished() {
            yield_now().await;
        }
    });
    finished.abort();
    let mut finished = Box::pin(finished);
    assert_eq!(*rt.block_on(finished.as_mut()).expect("it had finished"), 6);
    let again = catch(|| finished.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    assert!(again.is_err(), "a second poll after the output must panic");

    let gate = Gate::new();
    let mut joined = rt.spawn(gate.wait());
    rt.block_on(async { assert!(poll_once(Pin::new(&mut joined)).await.is_pending()) });
    // Polled again by another task: that one is woken.
    let other = rt.spawn(async move { joined.await.is_ok() });
    rt.block_on(yield_now());
    on_thread(move || gate.open());
    step("the joiner that polled last is woken");
    assert!(rt.block_on(other).expect("the joining task ends"));
}

/// Does a closure on the runtime's blocking pool find the local runtime?
///
/// Intent: it runs on another thread, where spawning a local task would be unsound; a handle cannot be moved there, as it is
/// not `Send`.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn inside_a_send_task(rt: Local + Blocking + Current) {
    let backend = rt.backend().clone();
    let found = rt.spawn_blocking(move || backend.no_current().map(|error| error.to_string()));
    match rt.block_on(found).expect("the closure ends") {
        None => String::from("it is found"),
        Some(error) => format!("an error: {error}"),
    }
}

/// The timer that a local runtime shares shows the runtime's clock, goes to other threads, and its sleeps fire on the runtime.
///
/// Intent: a client that is `Send` is used from a local task, and has its limits from there.
///
/// If this fails, check what the adapter's `shared_timer` makes its sleeps of.
Capability fn shared_timer_is_the_runtimes(rt: Local + SharedTimer + SystemThreads) {
    let shared = rt.backend().extension::<SharesTimer>().expect("declared with `SharedTimer`").0;
    let timer = shared(&rt);
    let before = rt.now();
    let shown = timer.now();
    assert!(before <= shown && shown <= rt.now(), "it shows another clock than the runtime's");
    let moved = timer.clone();
    let (made, sleep) = on_thread(move || (moved.now(), moved.sleep(5 * MS)));
    assert!(made >= before, "its clock went back on another thread");
    step("a sleep of the shared timer fires that another thread made");
    rt.block_on(rt.spawn(sleep)).expect("the task ends");
    assert!(rt.now() >= made + 5 * MS, "it was early");
    step("a limit of the shared timer passes");
    let limited = rt.block_on(rt.spawn(async move { timer.timeout(5 * MS, pending::<()>()).await }));
    assert!(limited.expect("the task ends").is_err(), "a value of a future that has none");
}

/// Blocking through the handle of a local runtime drives its tasks, and code inside finds the runtime there and nowhere after.
///
/// Intent: a synchronous callback has a handle, and not the runtime itself.
///
/// If this fails, check that the adapter's `block_on` of the handle enters the same scope as that of the runtime.
Capability fn handle_blocks_in_its_scope(rt: Local + Current + LocalBlockOn) {
    let block = rt.backend().extension::<BlocksByHandle>().expect("declared with `LocalBlockOn`").0;
    let ran = Rc::new(Cell::new(false));
    let (there, handle) = (ran.clone(), rt.handle());
    step("a task runs while the handle blocks");
    block(&rt, Box::pin(async {
        let found = rt.try_current().expect("inside block_on of the handle there is one");
        let task = handle.spawn(async move {
            yield_now().await;
            there.set(true);
        });
        found.spawn(async { task.await.expect("the task ends") }).await.expect("the task ends");
    }));
    assert!(ran.get(), "it returned before its future was ready");
    assert!(rt.try_current().is_err(), "a local runtime was found outside its scope");
}

/// A local runtime that is dropped, or shut down, inside the `block_on` of its handle ends with that: its tasks are dropped before it
/// returns, their destructors find the runtime, and nobody waits for a closure that runs.
///
/// Intent: a callback of a window system has a handle, and closes the program.
///
/// If this fails, check who drops the runtime when the `block_on` of a handle was the last to keep it.
Capability fn ends_inside_its_handles_block_on(rt: Local + Owned + Current + LocalBlockOn) {
    let block = rt.backend().extension::<BlocksByHandle>().expect("declared with `LocalBlockOn`").0;
    let has = |capability| rt.backend().has(capability);
    // In a simulation a closure that waits for the outside stands still.
    let has_closures = has(crate::capability::Blocking) && has(crate::capability::SystemThreads) && !rt.claims().virtual_time;
    for by_drop in [false, true] {
        let (rt, found, drops, closes) = (rt.another(), Count::new(), Count::new(), Gate::new());
        let handle = rt.handle();
        for polled in [true, false] {
            let (find, counter, dropped) = (rt.lookup(), found.clone(), drops.clone());
            let held = OnDrop(move || {
                dropped.add();
                if find().is_ok() {
                    counter.add();
                }
            });
            rt.spawn_detached(Holding::new(held, pending()));
            if polled {
                rt.block_on(yield_now());
            }
        }
        if has_closures {
            let (began, closure) = (Gate::new(), closes.wait());
            let begins = began.wait();
            rt.spawn_blocking(move || {
                began.open();
                park_on(closure);
            }).detach();
            step("the closure begins");
            rt.block_on(begins);
        }
        step(format_args!("`block_on` of the handle returns beside a closure that runs (by drop: {by_drop})"));
        block(&handle, Box::pin(async move {
            yield_now().await;
            if by_drop { drop(rt) } else { rt.shutdown(HOUR) }
        }));
        closes.open();
        assert_eq!(drops.get(), 2, "tasks that were dropped when it returned (by drop: {by_drop})");
        assert_eq!(found.get(), 2, "destructors that found their runtime (by drop: {by_drop})");
    }
}

}
