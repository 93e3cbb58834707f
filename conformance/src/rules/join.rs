//! Waiting for tasks.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use anyrt_core::{JoinError, RawTask as _, yield_now};

use super::acting::When;
use super::using::{Using, poll_in_place, polled_in_place};
use crate::Handle;
use crate::kit::{
    Count, Gate, Holding, OnDrop, WakeCount, allocations, catch, has_threads, message, now,
    on_thread, park_on, pause, poll_once, scaled, spin_until, step, yield_until,
};
use anyrt_conformance_engine::rules;

/// A waker that notes its thread and panics.
struct Panicking(Arc<Mutex<Option<ThreadId>>>);

impl Wake for Panicking {
    fn wake(self: Arc<Self>) {
        *self.0.lock().expect("no panic under it") = Some(thread::current().id());
        panic!("the waker panics");
    }
}

/// A value whose destructor takes a while, and counts when it is through.
fn slow_guard(drops: &Count) -> impl Sized + Send + 'static {
    let drops = drops.clone();
    OnDrop(move || {
        pause(Duration::from_millis(1));
        drops.add();
    })
}

rules! { join

/// Dropping the handle of a task detaches the task.
///
/// Intent: fire and forget must not lose work; several layers cancel here, and libraries lost messages to it.
///
/// If this fails, check what the drop of the adapter's task does: `RawTask::detach` must let it run.
Must fn dropping_the_handle_detaches(rt: Any) {
    let ran = Gate::new();
    let opener = ran.clone();
    drop(rt.spawn(async move {
        yield_now().await;
        opener.open();
    }));
    step("the detached task runs");
    rt.block_on(ran.wait());

    // Also after it was polled, when the handle's waker is registered.
    let (go, ran) = (Gate::new(), Gate::new());
    let (wait, opener) = (go.wait(), ran.clone());
    let mut polled = rt.spawn(async move {
        wait.await;
        opener.open();
    });
    step("the task runs that was detached after a poll of its handle");
    rt.block_on(async {
        assert!(poll_once(&mut polled).await.is_pending(), "the gate is closed");
        drop(polled);
        go.open();
        ran.wait().await;
    });
}

/// The future of a task and its captures have been dropped when its handle resolves: to a value, to a panic and to a
/// cancellation.
///
/// Intent: who joins a task relies on its files being closed, its locks released and its ports free.
///
/// If this fails, check that the adapter drops the future before it publishes the output, also when it was aborted.
Must fn future_is_dropped_first(rt: Any) {
    let drops = Count::new();
    for round in 0..30 {
        let (held, before) = (slow_guard(&drops), drops.get());
        let mut task = match round % 3 {
            0 => rt.spawn(Holding::new(held, poll_fn(|_| Poll::Ready(())))),
            1 => rt.spawn(Holding::new(held, poll_fn(|_| panic!("boom")))),
            _ => rt.spawn(Holding::new(held, pending())),
        };
        step("the task resolves");
        let end = rt.block_on(async {
            if round % 3 == 2 {
                yield_now().await;
                task.abort();
            }
            task.await
        });
        assert_eq!(drops.get(), before + 1, "the future is still there after {end:?}");
    }
}

/// The waker of the last poll of a handle is the one that is woken.
///
/// Intent: handles move between tasks and into `select`s; a wake that goes to where they were is lost.
///
/// If this fails, check that every pending poll of the adapter's task stores its waker, and not only the first.
Must fn last_waker_is_woken(rt: Any) {
    let gate = Gate::new();
    let mut task = rt.spawn(gate.wait());
    let (first, last) = (WakeCount::new(), WakeCount::new());
    for waker in [&first, &last] {
        let poll = waker.with(|cx| Pin::new(&mut task).poll(cx));
        assert!(poll.is_pending(), "the gate is closed");
    }
    gate.open();
    rt.block_on(yield_until("the last waker is woken", || last.get() > 0));
    assert_eq!(first.get(), 0, "wakes of the waker that was replaced");
    rt.block_on(task).expect("the task ends");
}

/// A handle lets go of each waker when it is polled with another one, and of the last when the task was joined.
///
/// Intent: `join_all` and its kin make a waker for each poll; one that is kept also keeps the task alive to which it belongs.
///
/// If this fails, look for a list of wakers in the adapter's task: its handle is one, and needs one waker.
Must fn replaced_wakers_are_let_go(rt: Any) {
    let gate = Gate::new();
    let mut task = rt.spawn(gate.wait());
    let wakers: Vec<_> = (0..100).map(|_| WakeCount::new()).collect();
    for waker in &wakers {
        let poll = waker.with(|cx| Pin::new(&mut task).poll(cx));
        assert!(poll.is_pending(), "the gate is closed");
    }
    let kept = || wakers.iter().filter(|it| Arc::strong_count(it) > 1).count();
    assert!(kept() <= 1, "{} of the {} wakers are kept", kept(), wakers.len());
    gate.open();
    step("the task ends");
    rt.block_on(task).expect("the task ends");
    rt.block_on(yield_until("no waker is kept", || kept() == 0));
}

/// A handle that was polled and is dropped lets go of its waker, though the task runs on.
///
/// Intent: `select!` polls a handle, and drops it with the other branches; the waker keeps alive the task to which it belongs.
///
/// If this fails, take the waker out where the adapter's task is detached.
Should fn dropped_handle_lets_go_of_its_waker(rt: Any) {
    let (gate, count) = (Gate::new(), WakeCount::new());
    let mut handles: Vec<_> = (0..10).map(|_| rt.spawn(gate.wait())).collect();
    for task in &mut handles {
        let poll = count.with(|cx| Pin::new(task).poll(cx));
        assert!(poll.is_pending(), "the gate is closed");
    }
    drop(handles);
    rt.block_on(async {
        for _ in 0..50 {
            yield_now().await;
        }
    });
    assert_eq!(Arc::strong_count(&count) - 1, 0, "wakers of dropped handles that are kept");
    gate.open();
}

/// Polling a handle again after it resolved panics: it never hangs, and never returns another value.
///
/// Intent: a loop that joins the same handle twice must be seen at once, and on every runtime.
///
/// If this fails, check that the adapter's task keeps a state for "was joined".
Must fn second_poll_panics(rt: Any) {
    let mut ends = [rt.spawn(async {}), rt.spawn(async { panic!("boom") }), rt.spawn(pending())];
    ends[2].abort();
    for (i, task) in ends.iter_mut().enumerate() {
        step("the task resolves");
        let first = rt.block_on(&mut *task);
        assert_eq!(first.is_ok(), i == 0);
        let second = catch(|| WakeCount::new().with(|cx| Pin::new(task).poll(cx)));
        let what = ["a value", "a panic", "a cancellation"][i];
        assert!(second.is_err(), "after {what}, the second poll gave {second:?}");
    }
}

/// `is_finished` is false while a task runs, and true after it completed, panicked or was cancelled.
///
/// Intent: pools and supervisors reap finished tasks without awaiting them.
///
/// If this fails, check that the adapter asks the runtime's task and keeps no guess of its own.
Must fn is_finished_tells_the_truth(rt: Any) {
    let gate = Gate::new();
    let (value, panic) = (gate.wait(), gate.wait());
    let mut tasks = [
        rt.spawn(value),
        rt.spawn(async move {
            panic.await;
            panic!("boom");
        }),
        rt.spawn(pending()),
    ];
    rt.block_on(async {
        for _ in 0..20 {
            yield_now().await;
        }
        assert!(!tasks.iter().any(|it| it.is_finished()), "finished before they were");
        gate.open();
        tasks[2].abort();
        for (task, what) in tasks.iter().zip(["completed", "panicked", "was cancelled"]) {
            yield_until(&format!("finished when it {what}"), || task.is_finished()).await;
        }
    });
}

/// Asking `is_finished` takes no wake from whoever waits for the task, even if the call itself finds that the task has ended.
///
/// Intent: a supervisor looks at its tasks now and then, while others wait for them.
///
/// If this fails, check an adapter that polls the runtime's handle to find out: it must use the joiner's waker, and wake it
/// itself when it finds the end, as the runtime then has nobody left to wake.
Must fn is_finished_takes_no_wake(rt: Any) {
    // Only where the runtime goes on by itself can the asking meet the moment in which it is about to wake the joiner.
    let is_beside = rt.claims().background && has_threads();
    // On a busy machine each round waits for its turn: those after the first that are left after a while are left out.
    let (least, most, long_enough) = (25, if is_beside { 1000 } else { 25 }, Duration::from_secs(2));
    let (begun, mut rounds, mut found) = (now(), 0, 0);
    for round in 0..scaled(most) {
        if round >= least && now().duration_since(begun) >= long_enough {
            break;
        }
        rounds += 1;
        // Several that end one after another: while the runtime has a processor beside this thread, it meets each of them.
        let gate = Gate::new();
        let mut tasks: Vec<_> = (0..20).map(|_| (rt.spawn(gate.wait()), WakeCount::new(), 0, false)).collect();
        for (task, joiner, answered, _) in &mut tasks {
            let poll = joiner.with(|cx| Pin::new(&mut *task).poll(cx));
            assert!(poll.is_pending() && !task.is_finished(), "the gate is closed");
            *answered = joiner.get();
        }
        match round % 2 {
            0 => tasks.iter_mut().for_each(|(task, ..)| task.abort()),
            _ => gate.open(),
        }
        for (task, joiner, answered, joined) in &mut tasks {
            let mut ask = || {
                if joiner.get() > *answered && !*joined {
                    *answered = joiner.get();
                    *joined = joiner.with(|cx| Pin::new(&mut *task).poll(cx)).is_ready();
                }
                *joined || task.is_finished()
            };
            if is_beside {
                spin_until(ask);
            } else {
                rt.block_on(async {
                    while !ask() {
                        yield_now().await;
                    }
                });
            }
        }
        for (_, joiner, answered, _) in tasks.iter().filter(|(.., joined)| !joined) {
            found += 1;
            rt.block_on(yield_until("a joiner is woken of a task that is finished", || joiner.get() > *answered));
        }
    }
    format!("the end was found by asking {found} times in {rounds} rounds")
}

/// The output of a task is dropped exactly once, whether it is joined, never joined, or finished and then forgotten.
///
/// Intent: an output may be a connection or a permit; leaking it starves a pool, dropping it twice is unsound.
///
/// If this fails, check who owns the output when the handle is dropped before, while and after the task finishes.
Must fn output_is_dropped_once(rt: Any) {
    let drops = Count::new();
    let joined = drops.guard();
    let joined = rt.block_on(rt.spawn(async move { joined })).expect("the task ends");
    assert_eq!(drops.get(), 0, "dropped before the joiner let go of it");
    drop(joined);
    assert_eq!(drops.get(), 1);

    let (gate, late) = (Gate::new(), drops.guard());
    let wait = gate.wait();
    drop(rt.spawn(async move {
        wait.await;
        late
    }));
    gate.open();
    rt.block_on(yield_until("a detached task's output is dropped", || drops.get() == 2));

    let forgotten = drops.guard();
    let forgotten = rt.spawn(async move { forgotten });
    rt.block_on(yield_until("the task finishes", || forgotten.is_finished()));
    drop(forgotten);
    rt.block_on(yield_until("the output of a forgotten task is dropped", || drops.get() == 3));
    rt.block_on(async {
        for _ in 0..20 {
            yield_now().await;
        }
    });
    assert_eq!(drops.get(), 3, "an output was dropped twice");
}

/// Once `is_finished` is true, the next poll of the handle is ready.
///
/// Intent: `if task.is_finished() { now_or_never(task).unwrap() }` is what the method is for.
///
/// If this fails, check that the adapter calls a task finished only when its output can be taken.
Must fn finished_means_ready(rt: Any) {
    for round in 0..300 {
        let mut task = rt.spawn(async move {
            yield_now().await;
            round
        });
        let poll = rt.block_on(async {
            yield_until("the task finishes", || task.is_finished()).await;
            poll_once(&mut task).await
        });
        assert!(matches!(poll, Poll::Ready(Ok(output)) if output == round), "got {poll:?}");
    }
}

/// The handle of a task with a `Send` output is `Send`, `Sync` and `Unpin`.
///
/// Intent: handles are kept in structs that are shared, and are polled by reference.
///
/// If this fails, the bounds of `Spawn::Task` were weakened: this is a property of types, so no runtime can break it alone.
Must fn handle_is_send_sync_unpin(rt: Shared + SystemThreads) {
    fn check<T: Send + Sync + Unpin>(handle: T) -> T {
        handle
    }
    let task: Handle<u8> = check(rt.spawn(async { 7 }));
    // Sharing it is what is under test; whether it has finished by now is not.
    let _: bool = on_thread(|| task.is_finished());
    assert_eq!(rt.block_on(task).expect("the task ends"), 7);
}

/// A handle can be awaited on any executor.
///
/// Intent: a library's task is joined by a program that runs on something else.
///
/// If this fails, check that the adapter's task uses the waker that it is given and no thread-local of the runtime.
Must fn works_on_any_executor(rt: Shared + SystemThreads) {
    let (gate, joined) = (Gate::new(), Gate::new());
    let wait = gate.wait();
    let task = rt.spawn(async move {
        wait.await;
        42
    });
    thread::scope(|scope| {
        let elsewhere = scope.spawn(|| {
            let mut task = pin!(task);
            let mut polled = false;
            step("another executor is woken at the end of the task");
            let output = park_on(poll_fn(|cx| {
                let poll = task.as_mut().poll(cx);
                if !std::mem::replace(&mut polled, true) {
                    gate.open();
                }
                poll
            }));
            joined.open();
            output
        });
        rt.block_on(joined.wait());
        let output = elsewhere.join().expect("the other executor does not panic");
        assert_eq!(output.expect("the task ends"), 42);
    });
}

/// A task that completed before its runtime was shut down still yields its value.
///
/// Intent: a program shuts its runtime down first and collects results then.
///
/// If this fails, check that the output lives in the task and not in the runtime.
Must fn value_survives_the_runtime(rt: Any + Owned) {
    let task = rt.spawn(async { String::from("kept") });
    rt.block_on(yield_until("the task finishes", || task.is_finished()));
    rt.shutdown(Duration::from_secs(10));
    assert_eq!(park_on(task).expect("the task had ended"), "kept");
}

/// A task that is pending when its runtime goes away resolves cancelled, and whoever waits for it is woken.
///
/// Intent: a joiner on another runtime must not wait for ever.
///
/// If this fails, check that the shutdown drops the tasks, and that the adapter maps what the runtime says then.
Must fn pending_task_is_cancelled_with_the_runtime(rt: Any + Owned) {
    let drops = Count::new();
    let mut task = rt.spawn(Holding::new(drops.guard(), pending::<()>()));
    let joiner = WakeCount::new();
    let poll = joiner.with(|cx| Pin::new(&mut task).poll(cx));
    assert!(poll.is_pending(), "the task never ends");
    rt.block_on(yield_now());
    rt.shutdown(Duration::from_secs(10));
    crate::kit::eventually("the joiner is woken", || joiner.get() > 0);
    let end = park_on(task);
    assert!(end.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
    assert_eq!(drops.get(), 1, "the future must be gone");
}

/// Detaching a task always works and does not allocate.
///
/// Intent: it is what dropping a handle does, also where memory is out.
///
/// If this fails, check what the adapter's `detach` makes.
Must fn detach_does_not_allocate(rt: Any + Heap) {
    const TASKS: usize = 64;
    let (gate, mut least) = (Gate::new(), usize::MAX);
    rt.block_on(async {
        // Other threads allocate as well, now and then: the least of several rounds counts.
        for _ in 0..10 {
            let tasks: Vec<_> = (0..TASKS).map(|_| rt.spawn(gate.wait())).collect();
            yield_now().await;
            let (made, ()) = allocations(|| tasks.into_iter().for_each(|task| task.detach()));
            least = least.min(made);
        }
    });
    gate.open();
    assert!(least < TASKS / 4, "{least} allocations for {TASKS} tasks that were detached");
}

/// Joining a task that panicked gives an error; nothing panics in the joiner.
///
/// Intent: a supervisor that restarts tasks must not die of their panics.
///
/// If this fails, check that the adapter catches what its runtime re-throws where the handle is polled.
Must fn panic_is_an_error(rt: Any) {
    let end: Result<(), JoinError> = rt.block_on(rt.spawn(async { panic!("boom") }));
    let error = end.expect_err("the task panicked");
    assert!(error.is_panic() && !error.is_cancelled(), "not told from a cancellation: {error}");
    assert!(error.to_string().contains("boom"), "the message is lost: {error}");
    assert_eq!(message(&*error.into_panic()), "boom");
}

/// A joiner's waker that panics kills neither the process nor the runtime.
///
/// Intent: wakers are user code; `futures` combinators run user code in them.
///
/// If this fails, the runtime wakes joiners where a panic aborts; declare it.
Should fn panicking_waker_is_contained(rt: Any) {
    let gate = Gate::new();
    let mut task = rt.spawn(gate.wait());
    let woken = Arc::new(Mutex::new(None));
    let waker = Waker::from(Arc::new(Panicking(woken.clone())));
    let poll = Pin::new(&mut task).poll(&mut Context::from_waker(&waker));
    assert!(poll.is_pending(), "the gate is closed");
    gate.open();
    let hit = || *woken.lock().expect("no panic under it");
    rt.block_on(yield_until("the waker is woken", || hit().is_some()));
    // The thread that was hit goes on: it runs one of the next tasks.
    let again = Gate::new();
    rt.block_on(yield_until("the thread that was hit runs a task", || {
        let (hit, opener) = (hit(), again.clone());
        rt.spawn_detached(async move {
            if hit == Some(thread::current().id()) {
                opener.open();
            }
        });
        again.is_open()
    }));
    rt.block_on(task).expect("the task had ended");
}

/// A joiner's waker may use the task's handles while it is woken, by the end of the task or by an abort: it asks one, aborts by it,
/// and polls the join handle in place.
///
/// Intent: a waker is somebody else's code. That of an event loop may poll in place, and so come back to where it was woken.
///
/// If this fails, check that the handles hold no lock, and no borrow, while they wake the joiner.
Must fn wakers_may_use_the_handles(rt: Any) {
    for aborts in [false, true] {
        let (gate, joined) = (Gate::new(), Rc::new(Cell::new(None)));
        let (uses, elsewhere) = (Count::new(), Count::new());
        let mut task = rt.spawn(gate.wait());
        let abort = task.abort_handle();
        rt.block_on(yield_now());
        let waker = Using::waker(When::Woken, &abort, &uses, &elsewhere);
        assert!(Pin::new(&mut task).poll(&mut Context::from_waker(&waker)).is_pending(), "the gate is closed");
        let end = joined.clone();
        polled_in_place(move |cx| match Pin::new(&mut task).poll(cx) {
            Poll::Ready(ended) => {
                end.set(Some(ended.is_ok()));
                true
            }
            Poll::Pending => false,
        });
        if aborts { abort.abort() } else { gate.open() }
        step(format_args!("waiting: a waker that uses the handles is woken (by an abort: {aborts})"));
        rt.block_on(yield_until("the waker is woken", || uses.get() > 0));
        // Who was woken here has polled, and is woken until the task is joined. Nothing is polled on other threads, so it is polled here.
        rt.block_on(yield_until("the task is joined", || {
            if elsewhere.get() > 0 {
                poll_in_place(&mut Context::from_waker(Waker::noop()));
            }
            joined.get().is_some()
        }));
        assert_eq!(joined.get(), Some(!aborts), "the end of the task (by an abort: {aborts})");
    }
    // By the join handle itself.
    let uses = Count::new();
    let mut task = rt.spawn(pending::<()>());
    let waker = Using::waker(When::Woken, &task.abort_handle(), &uses, &Count::new());
    assert!(Pin::new(&mut task).poll(&mut Context::from_waker(&waker)).is_pending(), "it never ends");
    step("an abort returns that wakes a waker which uses the handles");
    task.abort();
    rt.block_on(yield_until("the waker is woken", || uses.get() > 0));
    assert!(rt.block_on(task).is_err_and(|error| error.is_cancelled()), "aborted");
}

/// A joiner's waker may use the task's handles while it is dropped: for the waker of a later poll, with the join handle, and after it
/// was woken.
///
/// Intent: to drop the last waker of a task may drop the task, with all the handles in it.
///
/// If this fails, check that the handles hold no lock, and no borrow, while they drop a waker.
Must fn dropped_wakers_may_use_the_handles(rt: Any) {
    let (gates, uses) = ([(); 4].map(|()| Gate::new()), Count::new());
    let mut tasks = Vec::new();
    for gate in &gates {
        let mut task = rt.spawn(gate.wait());
        let abort = task.abort_handle();
        let waker = Using::waker(When::Dropped, &abort, &uses, &Count::new());
        assert!(Pin::new(&mut task).poll(&mut Context::from_waker(&waker)).is_pending(), "the gate is closed");
        tasks.push((task, abort));
    }
    step("a join handle is polled with another waker, another is dropped, and two tasks end, one by an abort");
    // The waker that is replaced aborts the task, which may have ended by the end of this poll.
    let _ = Pin::new(&mut tasks[0].0).poll(&mut Context::from_waker(Waker::noop()));
    tasks.truncate(3);
    tasks[1].1.abort();
    gates[2].open();
    // A runtime may keep a waker until its task ends.
    gates[3].open();
    rt.block_on(yield_until("three tasks end", || {
        uses.get() == 4 || tasks[1..].iter().all(|(task, _)| task.is_finished())
    }));
    drop(tasks);
    gates[0].open();
    step("waiting: each waker is dropped, and uses the handles");
    rt.block_on(yield_until("each waker is dropped", || uses.get() == gates.len()));
}

/// A handle is at most three words large.
///
/// Intent: programs keep thousands of them, and pay for each when they move them.
///
/// If this fails, check what the adapter's task keeps beside the runtime's own.
Should fn handle_is_small(rt: Any) {
    let size = rt.sizes().join_handle;
    assert!(size <= 3 * size_of::<usize>(), "{size} bytes");
    format!("{size} bytes")
}

/// Does awaiting one's own handle resolve?
///
/// Intent: it is a deadlock that no runtime reports.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn own_handle_never_resolves(rt: Shared) {
    let own: Arc<Mutex<Option<Handle<()>>>> = Arc::default();
    let (slot, given, resolved) = (own.clone(), Gate::new(), Gate::new());
    let (wait, opener) = (given.wait(), resolved.clone());
    let task = rt.spawn(async move {
        wait.await;
        let own = slot.lock().expect("no panic").take();
        let end = own.expect("given before the gate opened").await;
        opener.open();
        end.expect("resolved to an error");
    });
    *own.lock().expect("no panic") = Some(task);
    given.open();
    let others = rt.spawn(async {
        for _ in 0..100 {
            yield_now().await;
        }
    });
    rt.block_on(others).expect("the task ends");
    match resolved.is_open() {
        true => String::from("it resolves"),
        false => String::from("it waits for ever"),
    }
}

/// `try_join` sees every task and every closure that has ended, however many they are: a thousand in one poll, in the root and in
/// a task.
///
/// Intent: a group takes what is there without waiting; a runtime's budget for fairness must not hide the rest.
///
/// If this fails, check that the adapter's `try_join` asks the task itself, without the budget of whoever asks.
Must fn try_join_sees_what_has_ended(rt: Any) {
    let look = || {
        let gate = Gate::new();
        let mut tasks: Vec<_> = (0..1000).map(|i| {
            let wait = gate.wait();
            rt.spawn(async move {
                wait.await;
                i
            })
        }).collect();
        rt.block_on(yield_now());
        gate.open();
        rt.block_on(yield_until("a thousand tasks have ended", || tasks.iter().all(|it| it.is_finished())));
        let mut asked = false;
        poll_fn(move |cx| {
            assert!(!std::mem::replace(&mut asked, true), "it was pending");
            let ends = tasks.iter_mut().map(|task| task.try_join(cx)).enumerate();
            let seen = ends.filter(|(i, end)| matches!(end, Poll::Ready(Ok(output)) if output == i));
            Poll::Ready(seen.count())
        })
    };
    let (root, task) = (look(), look());
    assert_eq!(rt.block_on(root), 1000, "of a thousand tasks that have ended, seen in the root");
    let seen = rt.block_on(rt.spawn(task)).expect("the task ends");
    assert_eq!(seen, 1000, "of a thousand tasks that have ended, seen in a task");

    if rt.backend().has(crate::capability::Blocking) {
        let mut closures: Vec<_> = (0..300).map(|i| rt.spawn_blocking(move || i)).collect();
        rt.block_on(yield_until("three hundred closures have ended", || closures.iter().all(|it| it.is_finished())));
        let seen = rt.spawn(poll_fn(move |cx| {
            let ends = closures.iter_mut().map(|closure| closure.try_join(cx)).enumerate();
            let seen = ends.filter(|(i, end)| matches!(end, Poll::Ready(Ok(output)) if output == i));
            Poll::Ready(seen.count())
        }));
        assert_eq!(rt.block_on(seen).expect("the task ends"), 300, "of three hundred closures that have ended, seen in a task");
    }
}

/// Of the wakers that a handle was polled with the last is woken, also where `is_finished` was asked since.
///
/// Intent: a supervisor looks at its tasks while they are waited for, and a handle that has moved waits where it is.
///
/// If this fails, check which waker the adapter polls the task with when it is asked whether it has ended.
Must fn asking_keeps_the_last_waker(rt: Any) {
    let gate = Gate::new();
    let mut task = rt.spawn(gate.wait());
    let (first, last) = (WakeCount::new(), WakeCount::new());
    for waker in [&first, &last] {
        let poll = waker.with(|cx| Pin::new(&mut task).poll(cx));
        assert!(poll.is_pending() && !task.is_finished(), "the gate is closed");
    }
    gate.open();
    rt.block_on(yield_until("the last waker is woken", || last.get() > 0));
    assert_eq!(first.get(), 0, "wakes of the waker that was replaced");
    rt.block_on(task).expect("the task ends");
}

}
