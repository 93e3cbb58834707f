//! `TaskGroup`, `LocalTaskGroup` and `TaskSet`.

mod common;

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask, prelude::*, yield_now};
use anyrt_structured::{CancellationToken, Either, LocalTaskGroup, TaskGroup, TaskSet, select};

use self::common::{Latch, Wakes, on_every_local_runtime, on_every_runtime, park_on, watched};

on_every_runtime! {
    returns_each_task_once,
    join_all_keeps_the_order_of_insertion,
    dropping_the_group_aborts_all,
    abort_all_lets_each_be_joined,
    abort_stops_one_and_no_other,
    an_abort_handle_stops_one,
    a_panic_is_the_value_of_its_task,
    shutdown_waits_for_the_destructors,
    dropping_join_next_loses_nothing,
    tasks_run_without_a_joiner,
    detached_tasks_run_on,
    try_join_next_finds_what_has_ended,
    try_join_next_finds_all_that_have_ended,
    polls_only_woken_tasks,
    draining_polls_about_once_per_task,
    keys_come_back,
    an_empty_group_yields_none,
    dropping_join_all_aborts,
}

on_every_local_runtime! {
    local_tasks_are_joined,
    local_tasks_are_aborted,
}

async fn returns_each_task_once<R: Runtime>(rt: R) {
    const TASKS: usize = 2000;
    let mut group = TaskGroup::new(&rt);
    for n in 0..TASKS {
        if n % 100 == 0 {
            group.spawn_blocking(move || n);
        } else {
            group.spawn(async move {
                for _ in 0..n % 4 {
                    yield_now().await;
                }
                n
            });
        }
    }
    let mut seen = vec![false; TASKS];
    let mut left = TASKS;
    while let Some(n) = group.join_next().await {
        assert!(!std::mem::replace(&mut seen[n.unwrap()], true));
        left -= 1;
        assert_eq!(group.len(), left);
        // Places are used again.
        if left == TASKS / 2 && seen.len() == TASKS {
            seen.push(false);
            left += 1;
            group.spawn(async { TASKS });
        }
    }
    assert!(seen.iter().all(|&seen| seen));
}

async fn join_all_keeps_the_order_of_insertion<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(rt);
    group.spawn(async { 1000 });
    assert_eq!(group.join_next().await.unwrap().unwrap(), 1000);
    for n in 0..100_u32 {
        group.spawn(async move {
            for _ in 0..100 - n {
                yield_now().await;
            }
            n
        });
    }
    let all: Vec<_> = group
        .join_all()
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(all, (0..100).collect::<Vec<_>>());
}

async fn dropping_the_group_aborts_all<R: Runtime>(rt: R) {
    let latch = Latch::new(100);
    let mut group = TaskGroup::new(rt);
    for _ in 0..100 {
        let guard = latch.guard();
        group.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
    }
    yield_now().await;
    assert_eq!(latch.left(), 100);
    drop(group);
    latch.opened().await;
}

async fn dropping_join_all_aborts<R: Runtime>(rt: R) {
    let latch = Latch::new(10);
    let mut group = TaskGroup::new(rt);
    for _ in 0..10 {
        let guard = latch.guard();
        group.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
    }
    let all = Box::pin(group.join_all());
    assert!(matches!(select(all, yield_now()).await, Either::Right(())));
    latch.opened().await;
}

async fn abort_all_lets_each_be_joined<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(rt);
    for _ in 0..50 {
        group.spawn(pending::<()>());
    }
    group.abort_all();
    assert_eq!(group.len(), 50);
    let mut cancelled = 0;
    while let Some(output) = group.join_next().await {
        assert!(output.unwrap_err().is_cancelled());
        cancelled += 1;
    }
    assert_eq!(cancelled, 50);
}

async fn abort_stops_one_and_no_other<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(rt);
    let go = CancellationToken::new();
    let victim = group.spawn(pending::<u32>());
    let seen = go.clone();
    let other = group.spawn(async move {
        seen.cancelled().await;
        7
    });
    assert!(group.abort(victim));
    assert!(group.join_next().await.unwrap().unwrap_err().is_cancelled());
    assert!(!group.abort(victim), "it is gone");
    let successor = group.spawn(pending());
    assert_ne!(victim, successor);
    assert!(!group.abort(victim), "its successor is not it");
    assert!(group.abort_handle(victim).is_none());
    go.cancel();
    assert_eq!(group.join_next().await.unwrap().unwrap(), 7);
    assert!(!group.abort(other));
    assert_eq!(group.len(), 1);
}

async fn an_abort_handle_stops_one<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(&rt);
    let id = group.spawn(pending::<()>());
    let handle = group.abort_handle(id).unwrap();
    rt.spawn_blocking(move || handle.abort()).await.unwrap();
    assert!(group.join_next().await.unwrap().unwrap_err().is_cancelled());
}

async fn a_panic_is_the_value_of_its_task<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(rt);
    group.spawn(async { 1 });
    group.spawn(async { panic!("boom") });
    group.spawn_blocking(|| panic!("boom"));
    group.spawn(async { 2 });
    let mut all = group.join_all().await.into_iter();
    assert_eq!(all.next().unwrap().unwrap(), 1);
    for _ in 0..2 {
        let payload = all.next().unwrap().unwrap_err().into_panic();
        assert_eq!(payload.downcast_ref(), Some(&"boom"));
    }
    assert_eq!(all.next().unwrap().unwrap(), 2);
}

async fn shutdown_waits_for_the_destructors<R: Runtime>(rt: R) {
    let latch = Latch::new(20);
    let mut group = TaskGroup::new(rt);
    for _ in 0..20 {
        let guard = latch.guard();
        group.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
    }
    group.shutdown().await;
    assert_eq!(latch.left(), 0);
    assert!(group.is_empty());
}

async fn dropping_join_next_loses_nothing<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(rt);
    for n in 0..100 {
        group.spawn(async move {
            yield_now().await;
            n
        });
    }
    let mut seen = 0;
    loop {
        match select(yield_now(), group.join_next()).await {
            Either::Left(()) => {}
            Either::Right(Some(output)) => seen += output.unwrap(),
            Either::Right(None) => break,
        }
    }
    assert_eq!(seen, 4950);
}

async fn tasks_run_without_a_joiner<R: Runtime>(rt: R) {
    let latch = Latch::new(30);
    let mut group = TaskGroup::new(rt);
    for _ in 0..30 {
        let guard = latch.guard();
        group.spawn(async move { drop(guard) });
    }
    latch.opened().await;
    assert_eq!(group.len(), 30);
}

async fn detached_tasks_run_on<R: Runtime>(rt: R) {
    let (latch, go) = (Latch::new(1), CancellationToken::new());
    let mut group = TaskGroup::new(rt);
    let (guard, seen) = (latch.guard(), go.clone());
    group.spawn(async move {
        seen.cancelled().await;
        drop(guard);
    });
    group.detach_all();
    assert!(group.is_empty());
    assert!(group.join_next().await.is_none());
    drop(group);
    go.cancel();
    latch.opened().await;
}

async fn try_join_next_finds_what_has_ended<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(rt);
    assert!(group.try_join_next().is_none());
    let go = CancellationToken::new();
    let seen = go.clone();
    group.spawn(async move { seen.cancelled().await });
    assert!(group.try_join_next().is_none());
    assert!(group.try_join_next().is_none());
    go.cancel();
    while group.try_join_next().is_none() {
        yield_now().await;
    }
    assert!(group.is_empty());
}

/// A runtime that gives its tasks a budget, as tokio does, once showed 127 of them.
async fn try_join_next_finds_all_that_have_ended<R: Runtime>(rt: R) {
    const TASKS: usize = 1000;
    let spawner = rt.clone();
    let found = rt.spawn(async move {
        let mut set = TaskSet::new();
        for _ in 0..TASKS {
            let task = spawner.spawn(async {});
            while !task.is_finished() {
                yield_now().await;
            }
            set.insert((), task);
        }
        yield_now().await;
        std::iter::from_fn(|| set.try_join_next()).count()
    });
    assert_eq!(found.await.unwrap(), TASKS);
}

async fn an_empty_group_yields_none<R: Runtime>(rt: R) {
    let mut group = TaskGroup::<_, ()>::new(rt);
    assert!(group.is_empty());
    assert!(group.join_next().await.is_none());
    group.shutdown().await;
    assert!(group.join_all().await.is_empty());
}

async fn keys_come_back<R: Runtime>(rt: R) {
    let mut set = TaskSet::new();
    for n in 0..50_u64 {
        set.insert(format!("task {n}"), rt.spawn(async move { n }));
    }
    let odd: Vec<_> = set
        .iter()
        .filter(|(_, key)| key.ends_with('1'))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(odd.len(), 5);
    while let Some((key, output)) = set.join_next().await {
        assert_eq!(key, format!("task {}", output.unwrap()));
    }
    assert!(odd.into_iter().all(|id| !set.abort(id)));
}

/// Counts how often a task is polled for its end.
struct Counting<H: RawTask>(JoinHandle<H>, Arc<AtomicUsize>);

impl<H: RawTask> RawTask for Counting<H> {
    type Output = H::Output;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<H::Output, JoinError>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.0).poll(cx)
    }

    fn abort(&mut self) {
        self.0.abort();
    }

    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    fn detach(&mut self) {}

    fn abort_handle(&mut self) -> AbortHandle {
        self.0.abort_handle()
    }
}

async fn polls_only_woken_tasks<R: Runtime>(rt: R) {
    const PARKED: usize = 1000;
    let polls = Arc::new(AtomicUsize::new(0));
    let mut set = TaskSet::new();
    for _ in 0..PARKED {
        set.insert(
            (),
            JoinHandle::new(Counting(rt.spawn(pending()), polls.clone())),
        );
    }
    for _ in 0..100 {
        set.insert(
            (),
            JoinHandle::new(Counting(rt.spawn(yield_now()), polls.clone())),
        );
        set.join_next().await.unwrap().1.unwrap();
    }
    let polls = polls.load(Ordering::Relaxed);
    // Each parked task once, each of the others at most twice, and a few that woke themselves.
    assert!(polls <= PARKED + 100 * 3, "{polls} polls");
}

async fn draining_polls_about_once_per_task<R: Runtime>(rt: R) {
    const TASKS: usize = 5000;
    let polls = Arc::new(AtomicUsize::new(0));
    let mut set = TaskSet::new();
    // All of them before the first is waited for: on a busy machine each wait is a switch of threads.
    let tasks: Vec<_> = (0..TASKS).map(|_| rt.spawn(async {})).collect();
    for task in tasks {
        while !task.is_finished() {
            yield_now().await;
        }
        set.insert((), JoinHandle::new(Counting(task, polls.clone())));
    }
    let mut ended = 0;
    while set.join_next().await.is_some() {
        ended += 1;
    }
    assert_eq!(ended, TASKS);
    let polls = polls.load(Ordering::Relaxed);
    // A runtime that interrupts the joiner every so often, as tokio does after 128 joins, costs a few looks each time.
    assert!(polls <= TASKS + TASKS / 16, "{polls} polls");
}

async fn local_tasks_are_joined<R: LocalRuntime>(rt: R) {
    let hits = Rc::new(Cell::new(0));
    let mut group = LocalTaskGroup::new(&rt);
    for n in 0..100 {
        let hits = hits.clone();
        group.spawn(async move {
            yield_now().await;
            hits.set(hits.get() + n);
            Rc::new(n)
        });
    }
    let mut sum = 0;
    while let Some(n) = group.join_next().await {
        sum += *n.unwrap();
    }
    assert_eq!((hits.get(), sum), (4950, 4950));

    let mut set = TaskSet::new();
    set.insert("closure", rt.spawn_blocking(|| 1));
    assert_eq!(set.join_next().await.unwrap().1.unwrap(), 1);
}

async fn local_tasks_are_aborted<R: LocalRuntime>(rt: R) {
    let held = Rc::new(());
    let mut group = LocalTaskGroup::new(&rt);
    for _ in 0..10 {
        let held = held.clone();
        group.spawn(async move {
            let _held = held;
            pending::<()>().await;
        });
    }
    yield_now().await;
    group.shutdown().await;
    assert_eq!(Rc::strong_count(&held), 1);
    let clone = held.clone();
    group.spawn(async move {
        let _held = clone;
        pending::<()>().await;
    });
    drop(group);
    while Rc::strong_count(&held) > 1 {
        yield_now().await;
    }
}

/// A task that ends when a thread says so.
struct Manual(Arc<Mutex<(bool, Option<Waker>)>>);

impl RawTask for Manual {
    type Output = ();

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        let mut state = self.0.lock().unwrap();
        if state.0 {
            return Poll::Ready(Ok(()));
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }

    fn abort(&mut self) {}

    fn is_finished(&self) -> bool {
        self.0.lock().unwrap().0
    }

    fn detach(&mut self) {}

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| true)
    }
}

#[test]
fn no_end_is_missed_among_threads() {
    watched(|| {
        for round in 0..300 {
            let states: Vec<_> = (0..32)
                .map(|_| Arc::new(Mutex::new((false, None))))
                .collect();
            let mut set = TaskSet::new();
            for state in &states {
                set.insert((), JoinHandle::new(Manual(state.clone())));
            }
            let threads: Vec<_> = (0..2)
                .map(|half| {
                    let states = states[half * 16..][..16].to_vec();
                    thread::spawn(move || {
                        for state in states {
                            for _ in 0..round % 7 * 20 {
                                std::hint::spin_loop();
                            }
                            let waker = {
                                let mut state = state.lock().unwrap();
                                state.0 = true;
                                state.1.take()
                            };
                            if let Some(waker) = waker {
                                waker.wake_by_ref();
                                // A late one, for whoever has the place by then.
                                waker.wake();
                            }
                        }
                    })
                })
                .collect();
            let mut ended = 0;
            while park_on(set.join_next()).is_some() {
                ended += 1;
                if ended <= 8 {
                    // Into a place that may be woken late.
                    set.insert(
                        (),
                        JoinHandle::new(Manual(Arc::new(Mutex::new((true, None))))),
                    );
                }
            }
            assert_eq!(ended, 40);
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
        }
    });
}

#[test]
fn a_dropped_group_keeps_nothing_of_its_joiner() {
    let (wakes, waker) = Wakes::new();
    let state = Arc::new(Mutex::new((false, None)));
    let mut set = TaskSet::new();
    set.insert((), JoinHandle::new(Manual(state.clone())));
    assert!(
        set.poll_join_next(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert_eq!(Arc::strong_count(&wakes), 3);
    drop(set);
    assert_eq!(
        Arc::strong_count(&wakes),
        2,
        "though the task holds the waker of its place"
    );
    assert!(state.lock().unwrap().1.is_some());
}

#[test]
fn the_joiners_last_waker_is_woken_once() {
    let ((first, old), (second, new)) = (Wakes::new(), Wakes::new());
    let states: Vec<_> = (0..3)
        .map(|_| Arc::new(Mutex::new((false, None::<Waker>))))
        .collect();
    let mut set = TaskSet::new();
    for state in &states {
        set.insert((), JoinHandle::new(Manual(state.clone())));
    }
    assert!(
        set.poll_join_next(&mut Context::from_waker(&old))
            .is_pending()
    );
    assert!(
        set.poll_join_next(&mut Context::from_waker(&new))
            .is_pending()
    );
    for state in &states {
        let waker = {
            let mut state = state.lock().unwrap();
            state.0 = true;
            state.1.take().unwrap()
        };
        waker.wake();
    }
    assert_eq!((first.count(), second.count()), (0, 1));
    let all = park_on(poll_fn(|cx| {
        let mut ended = 0;
        while let Poll::Ready(Some(_)) = set.poll_join_next(cx) {
            ended += 1;
        }
        Poll::Ready(ended)
    }));
    assert_eq!(all, 3);
}

#[test]
fn try_join_next_finds_what_has_just_been_woken() {
    let state = Arc::new(Mutex::new((false, None::<Waker>)));
    let mut set = TaskSet::new();
    set.insert((), JoinHandle::new(Manual(state.clone())));
    assert!(set.try_join_next().is_none());
    let waker = {
        let mut state = state.lock().unwrap();
        state.0 = true;
        state.1.take().unwrap()
    };
    waker.wake();
    assert!(set.try_join_next().is_some(), "at the first call");
}

/// A task that is interrupted so often, as by a budget that is used up: it wakes itself and is pending.
struct Interrupted(u32, Arc<AtomicUsize>);

impl RawTask for Interrupted {
    type Output = ();

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        let polls = self.1.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(polls < 1000, "the joiner never returns");
        let Some(left) = self.0.checked_sub(1) else {
            return Poll::Ready(Ok(()));
        };
        self.0 = left;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn abort(&mut self) {}

    fn is_finished(&self) -> bool {
        false
    }

    fn detach(&mut self) {}

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| true)
    }
}

#[test]
fn a_task_that_always_wakes_itself_lets_the_joiner_return() {
    let (wakes, waker) = Wakes::new();
    let polls = Arc::new(AtomicUsize::new(0));
    let mut set = TaskSet::new();
    set.insert((), JoinHandle::new(Interrupted(u32::MAX, polls.clone())));
    let mut cx = Context::from_waker(&waker);
    assert!(set.poll_join_next(&mut cx).is_pending());
    assert_eq!((polls.load(Ordering::Relaxed), wakes.count()), (2, 1));
}

#[test]
fn one_interruption_hides_no_task_that_has_ended() {
    let polls = Arc::new(AtomicUsize::new(0));
    let mut set = TaskSet::new();
    set.insert(
        "interrupted",
        JoinHandle::new(Interrupted(1, polls.clone())),
    );
    set.insert("ended", JoinHandle::new(Interrupted(0, polls)));
    let mut cx = Context::from_waker(Waker::noop());
    let found = [set.poll_join_next(&mut cx), set.poll_join_next(&mut cx)];
    let [
        Poll::Ready(Some((first, _))),
        Poll::Ready(Some((second, _))),
    ] = found
    else {
        panic!("both are there at once")
    };
    assert_eq!([first, second], ["ended", "interrupted"]);
}
