//! `TaskTracker` and graceful shutdown.

mod common;

use std::future::pending;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyrt_core::{prelude::*, yield_now};
use anyrt_structured::{CancellationToken, Either, TaskInfo, TaskTracker, select};

use self::common::{
    HandClock, Latch, Wakes, on_every_local_runtime, on_every_runtime, poll, poll_with,
};

on_every_runtime! {
    a_tracker_that_was_reopened_waits_again,
    panics_are_heard_and_reported,
    the_first_64_panics_are_kept,
    wait_resolves_after_the_last_task,
    wait_is_pending_until_the_tracker_is_closed,
    many_wait_at_once,
    a_tracked_task_is_a_task,
    shutdown_is_clean_when_all_listen,
    shutdown_aborts_after_the_grace,
    shutdown_is_bounded,
    what_is_spawned_during_the_abort_is_aborted,
    endless_graces_wait_for_the_tasks,
}

on_every_local_runtime! { local_tasks_are_tracked }

const LONG: Duration = Duration::from_secs(3600);
/// By the hand's clock: within a real grace, tasks would have to run before it is over, and on a busy machine they may not.
const SHORT: Duration = Duration::from_millis(5);
const INSTANT: Duration = Duration::from_nanos(1);

fn names(tasks: &[TaskInfo]) -> Vec<&str> {
    let mut names: Vec<_> = tasks.iter().filter_map(TaskInfo::name).collect();
    names.sort_unstable();
    names
}

async fn wait_resolves_after_the_last_task<R: Runtime>(rt: R) {
    let (tracker, latch) = (TaskTracker::new(), Latch::new(300));
    for n in 0..100 {
        // Dropped with the future, and so before the task has ended.
        let (guard, child_guard, panic_guard) = (latch.guard(), latch.guard(), latch.guard());
        let (inside, runtime) = (tracker.clone(), rt.clone());
        tracker
            .spawn(&rt, async move {
                let _guard = guard;
                for _ in 0..n % 3 {
                    yield_now().await;
                }
                inside
                    .spawn_blocking_named(&runtime, "closure", move || drop(child_guard))
                    .detach();
                let task = inside.spawn(&runtime, async move {
                    let _guard = panic_guard;
                    std::panic::resume_unwind(Box::new(()));
                });
                drop(task);
            })
            .detach();
    }
    tracker.close();
    assert!(tracker.is_closed());
    tracker.wait().await;
    assert_eq!((latch.left(), tracker.len()), (0, 0));
}

async fn wait_is_pending_until_the_tracker_is_closed<R: Runtime>(rt: R) {
    let tracker = TaskTracker::new();
    tracker.spawn(&rt, async {}).await.unwrap();
    while !tracker.is_empty() {
        yield_now().await;
    }
    let mut wait = tracker.wait();
    let (wakes, waker) = Wakes::new();
    assert!(poll_with(&mut wait, &waker).is_pending());
    tracker.close();
    assert_eq!(wakes.count(), 1);
    // One that came since does not take it back.
    let late = tracker.track("late", pending::<()>());
    assert!(poll(&mut wait).is_ready());
    assert!(poll(&mut tracker.wait()).is_pending());
    drop(late);
    tracker.wait().await;
}

async fn many_wait_at_once<R: Runtime>(rt: R) {
    let (tracker, go) = (TaskTracker::new(), CancellationToken::new());
    let seen = go.clone();
    tracker
        .spawn(&rt, async move { seen.cancelled().await })
        .detach();
    tracker.close();
    let waiters: Vec<_> = (0..50).map(|_| rt.spawn(tracker.wait())).collect();
    drop(
        (0..50)
            .map(|_| tracker.wait())
            .map(|mut wait| poll(&mut wait))
            .collect::<Vec<_>>(),
    );
    go.cancel();
    for waiter in waiters {
        waiter.await.unwrap();
    }
}

async fn a_tracked_task_is_a_task<R: Runtime>(rt: R) {
    let tracker = TaskTracker::new();
    assert_eq!(tracker.spawn(&rt, async { 1 }).await.unwrap(), 1);
    let panicked = tracker.spawn_named(&rt, "panics", async { panic!("boom") });
    assert_eq!(
        panicked.await.unwrap_err().into_panic().downcast_ref(),
        Some(&"boom")
    );
    let stopped = tracker.spawn(&rt, pending::<()>()).cancel().await;
    assert!(stopped.unwrap_err().is_cancelled());
    assert_eq!(
        tracker
            .spawn_blocking_named(&rt, "closure", || 2)
            .await
            .unwrap(),
        2
    );
    let name = tracker.spawn_named(&rt, "named", async { TaskInfo::current().unwrap() });
    let name = name.await.unwrap();
    assert_eq!(
        (name.name(), name.location().file()),
        (Some("named"), file!())
    );
    tracker.close();
    tracker.wait().await;
}

async fn shutdown_is_clean_when_all_listen<R: Runtime>(rt: R) {
    let tracker = TaskTracker::new();
    for n in 0..20 {
        let stop = tracker.token().clone();
        let task = tracker.spawn_named(
            &rt,
            &format!("task {n}"),
            async move { stop.cancelled().await },
        );
        drop(task);
    }
    assert_eq!(tracker.running().len(), 20);
    // Ends at once, and not after the hour.
    let report = tracker.shutdown(&rt, LONG).await;
    assert!(report.is_clean() && report.stuck().is_empty());
    assert_eq!(report.to_string(), "all tasks ended in time");
}

async fn shutdown_aborts_after_the_grace<R: Runtime>(rt: R) {
    let (tracker, latch) = (TaskTracker::new(), Latch::new(1));
    let guard = latch.guard();
    let deaf = tracker.spawn_named(&rt, "deaf", async move {
        let _guard = guard;
        pending::<()>().await;
    });
    let stop = tracker.token().clone();
    tracker
        .spawn_named(&rt, "hears", async move { stop.cancelled().await })
        .detach();
    let clock = HandClock::new();
    let mut shutdown = Box::pin(tracker.shutdown(&clock, SHORT).abort_grace(LONG));
    assert!(poll(&mut shutdown).is_pending());
    while tracker.len() > 1 {
        yield_now().await;
    }
    clock.advance(SHORT - INSTANT);
    assert!(poll(&mut shutdown).is_pending());
    assert_eq!(latch.left(), 1, "never early");
    clock.advance(INSTANT);
    let report = shutdown.await;
    assert_eq!(
        (names(report.late()), report.stuck().len()),
        (vec!["deaf"], 0)
    );
    assert_eq!(latch.left(), 0);
    assert!(
        report.to_string().starts_with("1 task was aborted: deaf ("),
        "{report}"
    );
    assert!(deaf.await.unwrap_err().is_cancelled());
}

async fn shutdown_is_bounded<R: Runtime>(rt: R) {
    let tracker = TaskTracker::new();
    let foreign = tracker.track("foreign", pending::<()>());
    tracker.spawn_named(&rt, "deaf", pending::<()>()).detach();
    let clock = HandClock::new();
    let mut shutdown = Box::pin(tracker.shutdown(&clock, SHORT).abort_grace(SHORT));
    assert!(poll(&mut shutdown).is_pending());
    clock.advance(SHORT);
    assert!(poll(&mut shutdown).is_pending());
    while tracker.len() > 1 {
        yield_now().await;
    }
    clock.advance(SHORT - INSTANT);
    assert!(poll(&mut shutdown).is_pending());
    clock.advance(INSTANT);
    let report = shutdown.await;
    assert_eq!(names(report.late()), ["deaf", "foreign"]);
    assert_eq!(names(report.stuck()), ["foreign"]);
    let text = report.to_string();
    assert!(
        text.starts_with("2 tasks were aborted: ")
            && text.contains("; 1 task was still running: foreign ("),
        "{text}"
    );
    drop(foreign);
    assert!(tracker.is_empty());
}

async fn what_is_spawned_during_the_abort_is_aborted<R: Runtime>(rt: R) {
    struct SpawnOnDrop<R: Runtime>(TaskTracker, R);

    impl<R: Runtime> Drop for SpawnOnDrop<R> {
        fn drop(&mut self) {
            self.0
                .spawn_named(&self.1, "late", pending::<()>())
                .detach();
        }
    }

    let tracker = TaskTracker::new();
    let last_will = SpawnOnDrop(tracker.clone(), rt.clone());
    tracker
        .spawn_named(&rt, "first", async move {
            let _last_will = last_will;
            pending::<()>().await;
        })
        .detach();
    let report = tracker
        .shutdown(&rt, Duration::ZERO)
        .abort_grace(LONG)
        .await;
    assert_eq!(names(report.late()), ["first"]);
    assert!(report.stuck().is_empty());
}

async fn endless_graces_wait_for_the_tasks<R: Runtime>(rt: R) {
    let (tracker, go) = (TaskTracker::new(), CancellationToken::new());
    let seen = go.clone();
    tracker
        .spawn(&rt, async move { seen.cancelled().await })
        .detach();
    let shutdown = Box::pin(
        tracker
            .shutdown(&rt, Duration::MAX)
            .abort_grace(Duration::MAX),
    );
    // Dropping it aborts nothing.
    assert!(matches!(
        select(shutdown, yield_now()).await,
        Either::Right(())
    ));
    assert_eq!(tracker.len(), 1);
    go.cancel();
    assert!(tracker.shutdown(&rt, Duration::MAX).await.is_clean());
}

async fn local_tasks_are_tracked<R: LocalRuntime>(rt: R) {
    let (tracker, latch) = (TaskTracker::new(), Latch::new(1));
    let held = std::rc::Rc::new(latch.guard());
    tracker
        .spawn_local_named(&rt, "local", async move {
            let _held = held;
            pending::<()>().await;
        })
        .detach();
    assert_eq!(names(&tracker.running()), ["local"]);
    let clock = HandClock::new();
    let mut shutdown = Box::pin(tracker.shutdown(&clock, SHORT).abort_grace(LONG));
    assert!(poll(&mut shutdown).is_pending());
    clock.advance(SHORT);
    let report = shutdown.await;
    assert_eq!(
        (names(report.late()), report.stuck().len(), latch.left()),
        (vec!["local"], 0, 0)
    );
}

#[test]
fn a_stuck_closure_is_reported() {
    use anyrt_core::Config;

    // Not on sim, where closures run when they are waited for.
    common::watched(|| {
        let owned = anyrt_tokio::Owned::launch(Config::new()).unwrap();
        let (rt, tracker) = (owned.handle(), TaskTracker::new());
        let (release, released) = mpsc::channel::<()>();
        let closure = tracker.spawn_blocking_named(&rt, "compress", move || {
            let _ = released.recv();
            7
        });
        let clock = HandClock::new();
        let mut shutdown = Box::pin(tracker.shutdown(&clock, SHORT).abort_grace(SHORT));
        for _ in 0..2 {
            assert!(poll(&mut shutdown).is_pending());
            clock.advance(SHORT);
        }
        let report = owned.block_on(shutdown);
        assert_eq!(names(report.stuck()), ["compress"]);
        release.send(()).unwrap();
        assert_eq!(owned.block_on(closure).unwrap(), 7);
        owned.block_on(tracker.wait());
    });
}

#[test]
fn shutdown_uses_the_timers_clock() {
    use anyrt_core::Config;

    common::watched(|| {
        let owned = anyrt_sim::Owned::launch(Config::new()).unwrap();
        let rt = owned.handle();
        owned.block_on(async {
            let tracker = TaskTracker::new();
            let kept = tracker.track("kept", pending::<()>());
            let start = rt.now();
            let report = tracker.shutdown(&rt, LONG).abort_grace(2 * LONG).await;
            // Three hours, in no time.
            assert_eq!(rt.now() - start, 3 * LONG);
            assert_eq!(names(report.stuck()), ["kept"]);
            drop(kept);
        });
    });
}

#[test]
fn dropped_waiters_leave_nothing() {
    let tracker = TaskTracker::new();
    let (wakes, waker) = Wakes::new();
    let mut waiters: Vec<_> = (0..100).map(|_| tracker.wait()).collect();
    for wait in &mut waiters {
        assert!(poll_with(wait, &waker).is_pending() && poll_with(wait, &waker).is_pending());
    }
    assert_eq!(Arc::strong_count(&wakes), 102);
    drop(waiters);
    assert_eq!(Arc::strong_count(&wakes), 2);
    tracker.close();
    assert_eq!(wakes.count(), 0);
}

#[test]
fn a_token_of_the_callers_is_cancelled() {
    let program = CancellationToken::new();
    let tracker = TaskTracker::with_token(program.child_token());
    let timer = anyrt_async_std::AsyncStd::global();
    drop(tracker.shutdown(&timer, LONG));
    assert!(tracker.token().is_cancelled() && tracker.is_closed() && !program.is_cancelled());
    let other = TaskTracker::with_token(program.child_token());
    program.cancel();
    assert!(other.token().is_cancelled() && !other.is_closed());
}

async fn a_tracker_that_was_reopened_waits_again<R: Runtime>(rt: R) {
    let tracker = TaskTracker::new();
    tracker.close();
    tracker.abort_all();
    tracker.wait().await;
    assert!(tracker.reopen());
    let mut wait = tracker.wait();
    assert!(poll(&mut wait).is_pending());
    // A task of the next round is not aborted.
    assert_eq!(tracker.spawn(&rt, async { 7 }).await.unwrap(), 7);
    assert!(poll(&mut wait).is_pending());
    tracker.close();
    wait.await;
}

async fn panics_are_heard_and_reported<R: Runtime>(rt: R) {
    let tracker = TaskTracker::new();
    let heard = Latch::new(3);
    let (count, stop) = (heard.clone(), tracker.token().clone());
    tracker.on_panic(move |panic| {
        stop.cancel_with(panic.to_string());
        count.down();
        panic!("a hook that panics changes nothing");
    });
    tracker
        .spawn_named(&rt, "task", async {
            yield_now().await;
            panic!("boom {}", 1)
        })
        .detach();
    let closure = tracker.spawn_blocking_named(&rt, "closure", || panic!("boom 1"));
    assert!(closure.await.unwrap_err().is_panic());
    let task = tracker.spawn_named(&rt, "also a task", async { panic!("boom 1") });
    let error = task.await.unwrap_err();
    assert_eq!(error.into_panic().downcast_ref(), Some(&"boom 1"));
    heard.opened().await;
    assert!(
        tracker
            .token()
            .cause()
            .unwrap()
            .to_string()
            .contains("panicked: boom 1")
    );
    let report = tracker.shutdown(&rt, Duration::ZERO).await;
    let mut names: Vec<_> = report
        .panics()
        .iter()
        .map(|panic| panic.task().name())
        .collect();
    names.sort_unstable();
    assert_eq!(names, [Some("also a task"), Some("closure"), Some("task")]);
    assert!(
        report
            .panics()
            .iter()
            .all(|panic| panic.message() == Some("boom 1"))
    );
    assert_eq!(
        report.to_string().matches(") panicked: boom 1").count(),
        3,
        "{report}"
    );
}

async fn the_first_64_panics_are_kept<R: Runtime>(rt: R) {
    let tracker = TaskTracker::new();
    for n in 0..70 {
        let task = tracker.spawn(&rt, async move { panic!("{n}") });
        assert!(task.await.unwrap_err().is_panic());
    }
    let kept = tracker.panics();
    let kept: Vec<_> = kept.iter().filter_map(|it| it.message()).collect();
    let first: Vec<_> = (0..64).map(|n| n.to_string()).collect();
    assert_eq!(kept, first);
}

#[test]
fn a_wait_that_is_dropped_lets_go_of_its_waker() {
    let tracker = TaskTracker::new();
    let _task = tracker.track("it", pending::<()>());
    let (wakes, waker) = Wakes::new();
    for _ in 0..100 {
        let mut wait = Box::pin(tracker.wait());
        assert!(poll_with(&mut wait, &waker).is_pending());
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&wakes), 1, "wakers are kept");
}
