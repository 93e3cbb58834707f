//! What types and errors say of themselves, and what streams say of their length.

use std::future::{Future, pending, ready};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::{Config, prelude::*};
use anyrt_sim::Sim;
use anyrt_structured::{
    Backoff, Budget, CancellationToken, DelayQueue, Instrumented, LocalTaskGroup, PinnedPool,
    Semaphore, TaskGroup, TaskMap, TaskSet, TaskTracker, budgeted, for_each_concurrent,
    local_scope, race, retry, scope, select, task_local, try_scope,
};
use futures::{Stream, stream};

const SECOND: Duration = Duration::from_secs(1);

task_local! {
    static NUMBER: u32;
}

/// Each `Debug` begins with the name of its type.
macro_rules! assert_shows {
    ($($value:expr => $name:literal),+ $(,)?) => {$(
        let shown = format!("{:?}", $value);
        assert!(shown.starts_with($name), "{shown}");
    )+};
}

#[test]
fn each_type_shows_its_name() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let mut set = TaskSet::new();
    set.insert("key", sim.spawn(pending::<()>()));
    let mut group = TaskGroup::new(&sim);
    group.spawn(pending::<()>());
    let mut queue = DelayQueue::new(&sim);
    queue.insert("value", SECOND);
    let token = CancellationToken::new();
    let semaphore = Semaphore::new(2);
    let tracker = TaskTracker::new();
    assert_shows! {
        set => "TaskSet",
        set.join_next() => "JoinNext",
        set.shutdown() => "Shutdown",
        set.join_all() => "JoinAll",
        group => "TaskGroup",
        LocalTaskGroup::<_, ()>::new(&sim) => "LocalTaskGroup",
        TaskMap::<_, u32, ()>::new(&sim) => "TaskMap",
        queue => "DelayQueue { len: 1",
        budgeted(stream::pending::<()>(), 3) => "Budgeted",
        semaphore => "Semaphore",
        semaphore.acquire() => "Acquire",
        semaphore.acquire().or_closed() => "AcquireOrClosed",
        semaphore.try_acquire().unwrap() => "Permit",
        token => "CancellationToken",
        token.cancelled() => "Cancelled",
        token.run_until_cancelled(pending::<()>()) => "RunUntilCancelled",
        tracker => "TaskTracker",
        tracker.wait() => "Wait",
        tracker.shutdown(&sim, SECOND) => "GracefulShutdown",
        tracker.track("task", pending::<()>()) => "Tracked",
        race([pending::<()>()]) => "Race",
        select(pending::<()>(), pending::<()>()) => "Select",
        retry(&sim, &Backoff::constant(SECOND), || ready(Ok::<(), ()>(()))) => "Retry",
        for_each_concurrent(&sim, 2, [1], |_| async {}) => "ForEachConcurrent",
        scope(&sim, |_| async {}) => "ScopeFuture",
        local_scope(&sim, |_| async {}) => "ScopeFuture",
        try_scope(&sim, |_| async { Ok::<(), ()>(()) }) => "TryScopeFuture",
        NUMBER => "TaskLocal",
        NUMBER.scope(1, pending::<()>()) => "WithTaskLocal",
        Instrumented::new(sim.clone()) => "Instrumented",
    }
    let error = NUMBER.get().unwrap_err();
    assert!(error.to_string().contains("TaskLocal::scope"), "{error}");
    semaphore.close();
    let Poll::Ready(Err(closed)) = poll(semaphore.acquire().or_closed()) else {
        panic!("a closed semaphore gives nothing");
    };
    assert!(closed.to_string().contains("closed"), "{closed}");
}

#[test]
fn a_pool_shows_its_name() {
    let pool: PinnedPool<anyrt_tokio::Local> = PinnedPool::launch(1, Config::new()).unwrap();
    assert_shows! { pool => "PinnedPool" }
}

#[test]
fn a_stream_says_how_long_it_is() {
    let numbers = budgeted(stream::iter([1, 2, 3]), 2);
    assert_eq!(numbers.size_hint(), (3, Some(3)));
    let sim = Sim::builder().build().handle();
    let mut queue = DelayQueue::new(&sim);
    assert_eq!(queue.size_hint(), (0, None));
    for n in 0..3 {
        queue.insert(n, SECOND);
    }
    // More may be inserted at any time.
    assert_eq!(queue.size_hint(), (3, None));
    let mut delays = Backoff::constant(SECOND).attempts(4).delays();
    for left in [3, 2, 1, 0] {
        assert_eq!(delays.size_hint(), (left, Some(left)));
        assert_eq!(delays.next().is_some(), left > 0);
    }
}

#[test]
fn a_budget_that_is_refilled_is_whole() {
    let mut budget = Budget::new(2);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(budget.poll_step(&mut cx).is_ready());
    budget.refill();
    assert!(budget.poll_step(&mut cx).is_ready() && budget.poll_step(&mut cx).is_ready());
    assert!(budget.poll_step(&mut cx).is_pending());
}

#[test]
fn tokens_are_equal_where_they_are_one() {
    let (one, other) = (CancellationToken::new(), CancellationToken::new());
    assert!(one == one.clone() && one != other && one != one.child_token());
    let hash = |token: &CancellationToken| {
        let mut hasher = DefaultHasher::new();
        token.hash(&mut hasher);
        hasher.finish()
    };
    assert_eq!(hash(&one), hash(&one.clone()));
    assert_ne!(hash(&one), hash(&other));
}

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}
