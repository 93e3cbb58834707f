//! Trackers of tasks, and graceful shutdown.

use std::fmt;
use std::future::{Future, pending};
use std::panic::panic_any;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::{Instant, Sleep, Timer, yield_now};

use crate::kit::{Count, Gate, Holding, OnDrop, WakeCount, now, pause, poll_once, yield_until};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// A clock whose sleeps end when the rule says so.
#[derive(Clone)]
struct ByHand {
    now: Instant,
    sleeps: Arc<Mutex<Vec<Gate>>>,
}

impl ByHand {
    fn new() -> Self {
        Self {
            now: now(),
            sleeps: Arc::default(),
        }
    }

    /// Ends all sleeps that were made.
    fn fire(&self) {
        let sleeps = std::mem::take(&mut *self.sleeps.lock().expect("no panic"));
        sleeps.iter().for_each(Gate::open);
    }
}

impl Timer for ByHand {
    type Sleep = ByHandSleep;

    fn sleep(&self, duration: Duration) -> ByHandSleep {
        let gate = Gate::new();
        self.sleeps.lock().expect("no panic").push(gate.clone());
        ByHandSleep {
            wait: Box::pin(gate.wait()),
            gate,
            deadline: self.now.checked_add(duration),
        }
    }

    fn sleep_until(&self, deadline: Instant) -> ByHandSleep {
        self.sleep(deadline - self.now)
    }

    fn now(&self) -> Instant {
        self.now
    }
}

/// A sleep on a [`ByHand`] clock.
struct ByHandSleep {
    gate: Gate,
    deadline: Option<Instant>,
    wait: Pin<Box<dyn Future<Output = ()> + Send + Sync>>,
}

impl Future for ByHandSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.wait.as_mut().poll(cx)
    }
}

impl Sleep for ByHandSleep {
    fn reset(self: Pin<&mut Self>, _: Instant) {
        unreachable!("a tracker makes a sleep for each of its graces");
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        self.gate.is_open()
    }
}

impl fmt::Debug for ByHandSleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByHandSleep").finish_non_exhaustive()
    }
}

rules! { tracker

/// `wait` resolves once the tracker is closed and its last task has ended, with that task's destructors.
///
/// Intent: a graceful drain: what the last request wrote is flushed when the program leaves main.
///
/// If this fails, check that `Tracked` drops its future before its registration.
Must fn wait_resolves_after_the_last_task(rt: Any) {
    let tracker = rt.structured().tracker();
    let gates: Vec<_> = (0..10).map(|_| Gate::new()).collect();
    let (is_early, ended) = (Arc::new(AtomicBool::new(false)), Count::new());
    for gate in &gates {
        let (watcher, is_early) = (tracker.clone(), is_early.clone());
        let looks = OnDrop(move || {
            let mut wait = watcher.wait();
            let poll = Pin::new(&mut wait).poll(&mut Context::from_waker(Waker::noop()));
            is_early.fetch_or(poll.is_ready(), Ordering::SeqCst);
        });
        tracker.spawn_named("worker", Holding::new((looks, ended.guard()), gate.wait())).detach();
    }
    rt.block_on(async {
        let mut wait = tracker.wait();
        assert!(poll_once(&mut wait).await.is_pending(), "neither closed nor empty");
        tracker.close();
        for (i, gate) in gates.iter().enumerate() {
            assert!(poll_once(&mut wait).await.is_pending(), "closed, with {} tasks", 10 - i);
            gate.open();
            yield_until("the task ends", || tracker.len() == 9 - i).await;
        }
        wait.await;
    });
    assert!(!is_early.load(Ordering::SeqCst), "a wait was over while a task's destructors ran");
    assert_eq!(ended.get(), 10, "tasks that had ended when the wait was over");
}

/// The end of the last task of a closed tracker wakes everybody who waits, once.
///
/// Intent: a program that drains its server sleeps meanwhile, and nothing else wakes it.
///
/// If this fails, check the drop of `Registration`.
Must fn last_end_wakes_who_waits(rt: Any) {
    let (tracker, gate) = (rt.structured().tracker(), Gate::new());
    let last = tracker.spawn_named("last", gate.wait());
    tracker.close();
    let mut waits = [(); 3].map(|()| (tracker.wait(), WakeCount::new()));
    for (wait, wakes) in &mut waits {
        assert!(wakes.with(|cx| Pin::new(wait).poll(cx)).is_pending(), "closed, with a task");
    }
    gate.open();
    rt.block_on(async {
        last.await.expect("the task ends");
        yield_until("who waits is woken", || waits.iter().all(|it| it.1.get() > 0)).await;
        for (wait, wakes) in &mut waits {
            assert!(poll_once(wait).await.is_ready(), "woken, and not drained");
            assert_eq!(wakes.get(), 1, "wakes of one who waits");
        }
    });
}

/// `wait` is for closed trackers: with no task at all it resolves once the tracker is closed, and not before.
///
/// Intent: between two requests a server has no task, and is not done.
///
/// If this fails, check what `close` wakes.
Must fn wait_asks_for_a_close(rt: Any) {
    let tracker = rt.structured().tracker();
    rt.block_on(tracker.spawn_named("request", async {})).expect("the task ends");
    rt.block_on(async {
        let (mut wait, wakes) = (tracker.wait(), WakeCount::new());
        yield_until("the tracker is empty", || tracker.len() == 0).await;
        assert!(wakes.with(|cx| Pin::new(&mut wait).poll(cx)).is_pending(), "empty, and not closed");
        assert!(!tracker.is_closed());
        tracker.close();
        assert!(wakes.get() > 0, "who waits is woken when the tracker is closed");
        wait.await;
    });
    assert!(tracker.is_closed());
}

/// `shutdown` closes the tracker and cancels its token at once.
///
/// Intent: tasks are asked to stop before they are aborted.
///
/// If this fails, check what `GracefulShutdown` does when it is made.
Must fn shutdown_cancels_its_token(rt: Any) {
    let tracker = rt.structured().tracker();
    let polite = tracker.token().cancelled();
    tracker.spawn_named("polite", polite).detach();
    let shutdown = tracker.shutdown(&rt.handle(), HOUR, HOUR);
    assert!(tracker.is_closed() && tracker.token().is_cancelled(), "closed, and its token cancelled, by the call");
    assert!(rt.block_on(shutdown).is_clean(), "the task ends when it is asked to");
}

/// `shutdown` gives the tasks their grace, and then aborts those that have not ended.
///
/// Intent: one task that does not listen must not keep a service from restarting.
///
/// If this fails, check that the tracker keeps what aborts each of its tasks.
Must fn shutdown_aborts_after_the_grace(rt: Any) {
    let (tracker, drops) = (rt.structured().tracker(), Count::new());
    for _ in 0..5 {
        let drops = drops.clone();
        // So that a shutdown which does not wait for them is over first.
        let slow = OnDrop(move || {
            pause(2 * MS);
            drops.add();
        });
        tracker.spawn_named("deaf", Holding::new(slow, pending::<()>())).detach();
    }
    let begun = rt.now();
    let report = rt.block_on(async {
        yield_now().await;
        let shutdown = tracker.shutdown(&rt.handle(), 10 * MS, HOUR);
        assert_eq!(drops.get(), 0, "tasks that were stopped before the grace was over");
        shutdown.await
    });
    assert!(rt.now() - begun >= 10 * MS, "the grace was 10 ms, and it took {:?}", rt.now() - begun);
    assert_eq!(drops.get(), 5, "futures dropped when the shutdown was over");
    assert_eq!((report.late().len(), report.stuck().len()), (5, 0), "tasks that were late, and those still running");
}

/// The report of a shutdown names the tasks that were late, and those that an abort did not end.
///
/// Intent: "3 tasks still running" sends nobody to the line that is at fault.
///
/// If this fails, check what `ShutdownReport` is made of.
Must fn report_names_the_late(rt: Any) {
    let tracker = rt.structured().tracker();
    tracker.spawn_named("deaf", pending::<()>()).detach();
    let held = tracker.track("held", pending::<()>());
    let report = rt.block_on(async {
        yield_now().await;
        tracker.shutdown(&rt.handle(), 5 * MS, 5 * MS).await
    });
    drop(held);
    let names = |tasks: &[anyrt_structured::TaskInfo]| {
        let mut names: Vec<_> = tasks.iter().map(|it| it.name().unwrap_or_default().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(report.late()), ["deaf", "held"], "the tasks that were late");
    assert!(names(report.stuck()).contains(&"held".to_owned()), "no abort ends what the tracker did not spawn: {report}");
    assert!(report.to_string().contains("deaf (") && !report.is_clean(), "what it prints: {report}");
}

/// `shutdown` is over as soon as the last task has ended, however long the grace is.
///
/// Intent: a long grace costs nothing when all goes well.
///
/// If this fails, check that `GracefulShutdown` waits for the tasks and for its timer at once.
Must fn shutdown_returns_early(rt: Any) {
    let (tracker, clock) = (rt.structured().tracker(), ByHand::new());
    for _ in 0..5 {
        let stop = tracker.token().cancelled();
        tracker.spawn_named("polite", async move {
            stop.await;
            yield_now().await;
        }).detach();
    }
    rt.block_on(async {
        let mut shutdown = pin!(tracker.shutdown(&clock, HOUR, HOUR));
        let first = poll_once(shutdown.as_mut()).await;
        yield_until("the tasks end", || tracker.len() == 0).await;
        let report = match first {
            Poll::Ready(report) => Poll::Ready(report),
            Poll::Pending => poll_once(shutdown.as_mut()).await,
        };
        let Poll::Ready(report) = report else {
            panic!("all tasks have ended, and the shutdown waits on");
        };
        assert!(report.is_clean(), "all tasks ended in time: {report}");
    });
}

/// `shutdown` returns even if a task never ends: after its grace, and a second one for what it aborted.
///
/// Intent: leaving the program must not depend on the worst of its tasks.
///
/// If this fails, check that `GracefulShutdown` arms its timer a second time.
Must fn shutdown_is_bounded(rt: Any) {
    let tracker = rt.structured().tracker();
    let held = tracker.track("held", pending::<()>());
    let begun = rt.now();
    let report = rt.block_on(tracker.shutdown(&rt.handle(), 5 * MS, 5 * MS));
    assert!(rt.now() - begun >= 10 * MS, "two graces of 5 ms took {:?}", rt.now() - begun);
    assert_eq!(report.stuck().len(), 1, "the task that no abort ends: {report}");
    drop(held);
}

/// The graces of a shutdown are counted by the timer that it was given, the first one from the call.
///
/// Intent: a shutdown under a virtual clock is tested in no time, and what else the caller does first comes out of the grace.
///
/// If this fails, check for a clock in `GracefulShutdown` that is not its timer's, and where it makes its first sleep.
Must fn shutdown_uses_the_timers_clock(rt: Any) {
    for is_polled in [true, false] {
        let (tracker, clock, drops) = (rt.structured().tracker(), ByHand::new(), Count::new());
        tracker.spawn_named("deaf", Holding::new(drops.guard(), pending::<()>())).detach();
        rt.block_on(async {
            let mut shutdown = pin!(tracker.shutdown(&clock, MS, HOUR));
            if is_polled {
                for _ in 0..3 {
                    assert!(poll_once(shutdown.as_mut()).await.is_pending(), "the timer it was given stands still");
                    rt.sleep(2 * MS).await;
                }
                assert!(poll_once(shutdown.as_mut()).await.is_pending(), "the timer it was given stands still");
            }
            assert_eq!(drops.get(), 0, "tasks that were stopped before the grace was over");
            clock.fire();
            let next = poll_once(shutdown.as_mut()).await;
            let what = if is_polled { "the task is stopped" } else { "the task is stopped by the first poll, which comes after the grace" };
            yield_until(what, || drops.get() == 1).await;
            let report = match next {
                Poll::Ready(report) => report,
                Poll::Pending => shutdown.await,
            };
            assert_eq!(report.late().len(), 1, "tasks that were late");
        });
    }
}

/// A tracked task keeps the rules of a task: its output, its panic with the payload, its abort, and to be detached.
///
/// Intent: to be tracked must not change what a task means.
///
/// If this fails, check what `Tracked` does around the future.
Must fn task_rules_hold(rt: Any) {
    let (tracker, drops, go) = (rt.structured().tracker(), Count::new(), Gate::new());
    let wait = go.wait();
    drop(tracker.spawn_named("detached", Holding::new(drops.guard(), wait)));
    let output = tracker.spawn_named("output", async { String::from("kept") });
    let panics = tracker.spawn_named("panics", async { panic_any(42_u8) });
    let aborted = tracker.spawn_named("aborted", Holding::new(drops.guard(), pending::<()>()));
    rt.block_on(async {
        assert_eq!(output.await.expect("the task ends"), "kept");
        let error = panics.await.expect_err("it panics");
        let payload = error.try_into_panic().expect("a panic");
        assert_eq!(payload.downcast_ref::<u8>(), Some(&42), "the payload that was thrown");
        yield_now().await;
        assert!(aborted.cancel().await.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
        assert_eq!(drops.get(), 1, "futures dropped when the abort was joined");
        go.open();
        yield_until("the detached task ends", || drops.get() == 2).await;
        yield_until("the tracker is empty", || tracker.len() == 0).await;
    });
}

/// A tracker forgets a task once it has ended, however it ended, and a future that it tracks once that is ready.
///
/// Intent: a server tracks millions of requests in its life.
///
/// If this fails, check the drop of `Registration`, and what `Tracked` keeps when it is ready.
Must fn forgets_ended_tasks(rt: Any) {
    let tracker = rt.structured().tracker();
    rt.block_on(async {
        for i in 0..60 {
            let mut task = tracker.spawn_named("short", async move {
                match i % 3 {
                    0 => panic_any(i),
                    1 => pending().await,
                    _ => yield_now().await,
                }
            });
            if i % 3 == 1 {
                assert_eq!(tracker.running().len(), 1, "a task that runs is in the list");
                task.abort();
            }
            drop(task.await);
            yield_until("the tracker is empty", || tracker.len() == 0).await;
        }
        let mut tracked = pin!(tracker.track("ready", async {}));
        assert_eq!(tracker.len(), 1, "futures that are tracked");
        assert!(poll_once(tracked.as_mut()).await.is_ready(), "it does not wait");
        assert_eq!(tracker.len(), 0, "futures that are tracked, though they were ready, and are kept");
    });
    assert_eq!(tracker.running(), [], "tasks in the list after all have ended");
}

/// A tracker that aborts its tasks aborts new ones as well, also one that a destructor spawns, until it is reopened: then it is
/// as it was before its close, `wait` waits, and new tasks are not aborted.
///
/// Intent: a server that drains its connections for a new configuration goes on with the same tracker; and what says goodbye in
/// a task of its own must not outlive the drain.
///
/// If this fails, check what `abort_all` leaves for tasks whose abort handle comes later, and what `reopen` takes back.
Must fn reopens(rt: Any) {
    let tracker = rt.structured().tracker();
    let (spawner, (sender, spawned)) = (tracker.clone(), mpsc::channel());
    let spawns = OnDrop(move || {
        drop(sender.send(spawner.spawn_named("late", pending::<()>())));
    });
    let old = tracker.spawn_named("old", Holding::new(spawns, pending::<()>()));
    tracker.close();
    tracker.abort_all();
    rt.block_on(async {
        assert!(old.await.is_err_and(|error| error.is_cancelled()), "the tracker aborted it");
        let late = spawned.try_recv().expect("the destructor of the aborted task ran");
        yield_until("a task that is spawned while the tracker aborts is aborted", || late.is_finished()).await;
        assert!(late.await.is_err_and(|error| error.is_cancelled()), "the tracker aborted it as well");
        tracker.wait().await;
        assert!(tracker.reopen(), "it was closed");
        assert!(!tracker.reopen() && !tracker.is_closed(), "it is open");
        let mut wait = tracker.wait();
        let new = tracker.spawn_named("new", async {
            yield_now().await;
            7
        });
        assert_eq!(new.await.expect("a task of the next round is not aborted"), 7);
        yield_until("the tracker is empty", || tracker.len() == 0).await;
        assert!(poll_once(&mut wait).await.is_pending(), "empty, and open again");
        tracker.close();
        wait.await;
    });
}

/// The panic of a tracked task reaches the hook that was set last and the report, with the task's name and its message, and the
/// task's handle; the report keeps the first 64.
///
/// Intent: nobody awaits a detached task, and a program that goes on without one of its parts is worse than one that stops.
///
/// If this fails, check what `Tracked` does with a payload.
Must fn panics_are_reported(rt: Any) {
    let (tracker, heard) = (rt.structured().tracker(), Arc::new(Mutex::new(Vec::new())));
    let (list, stop, own) = (heard.clone(), tracker.token().clone(), tracker.real());
    let replaced = Count::new();
    let earlier = replaced.clone();
    tracker.on_panic(move |_| {
        earlier.add();
    });
    tracker.on_panic(move |panic| {
        stop.cancel_with(panic.to_string());
        // It may look at its tracker.
        assert!(!own.is_closed() && !own.is_empty(), "the task that panicked has not ended");
        list.lock().expect("no panic").push(panic.clone());
        panic!("a hook that panics changes nothing");
    });
    tracker.spawn_named("detached", async {
        yield_now().await;
        panic!("boom {}", 1)
    }).detach();
    rt.block_on(async {
        let hears = || heard.lock().expect("no panic").len() == 1;
        yield_until("a hook is called", || hears() || replaced.get() > 0).await;
        assert_eq!(replaced.get(), 0, "calls of a hook that another one has replaced");
        assert!(tracker.token().is_cancelled(), "what the hook did");
        let joined = tracker.spawn_named("joined", async { panic_any(42_u8) });
        let payload = joined.await.expect_err("it panics").try_into_panic().expect("a panic");
        assert_eq!(payload.downcast_ref::<u8>(), Some(&42), "the payload that was thrown");
        yield_until("the tracker is empty", || tracker.len() == 0).await;
        let report = tracker.shutdown(&rt.handle(), HOUR, HOUR).await;
        let panics = report.panics().iter().map(|panic| (panic.task().name(), panic.message())).collect::<Vec<_>>();
        assert_eq!(panics, [(Some("detached"), Some("boom 1")), (Some("joined"), None)], "panics in the report");
        assert!(report.is_clean() && report.to_string().contains("panicked: boom 1"), "what it prints: {report}");
        assert_eq!(tracker.panics(), report.panics(), "what the tracker and its report say");
        assert_eq!(*heard.lock().expect("no panic"), report.panics(), "what the hook heard");
        let many = rt.structured().tracker();
        for i in 0..70 {
            drop(many.spawn_named(&i.to_string(), async { panic_any(42_u8) }).await);
        }
        let kept: Vec<_> = many.panics().iter().map(|panic| panic.task().name().unwrap_or_default().to_owned()).collect();
        assert_eq!(kept, (0..64).map(|i| i.to_string()).collect::<Vec<_>>(), "the panics that are kept of 70");
    });
}

}
