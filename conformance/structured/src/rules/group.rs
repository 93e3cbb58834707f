//! Groups of tasks.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::panic::panic_any;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask, yield_now};
use futures::FutureExt as _;

use crate::kit::{
    Count, Gate, Holding, OnDrop, WakeCount, duel, once_cloned, pause, poll_once, scaled,
    yield_until,
};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

/// A value whose destructor takes a while, and counts when it is through.
fn slow_guard(drops: &Count) -> impl Sized + Send + 'static {
    let drops = drops.clone();
    OnDrop(move || {
        pause(Duration::from_millis(1));
        drops.add();
    })
}

/// A task that counts how often its joiner polls it.
struct CountedTask<H: RawTask> {
    task: JoinHandle<H>,
    polls: Count,
}

impl<H: RawTask> CountedTask<H> {
    fn handle(task: JoinHandle<H>, polls: &Count) -> JoinHandle<Self> {
        let polls = polls.clone();
        JoinHandle::new(Self { task, polls })
    }
}

impl<H: RawTask> RawTask for CountedTask<H> {
    type Output = H::Output;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<H::Output, JoinError>> {
        self.polls.add();
        Pin::new(&mut self.task).poll(cx)
    }

    fn abort(&mut self) {
        self.task.abort();
    }

    fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    fn detach(&mut self) {
        // The handle inside detaches when it is dropped.
    }

    fn abort_handle(&mut self) -> AbortHandle {
        self.task.abort_handle()
    }
}

/// A task that never ends, and whose runtime never lets go of the wakers of its joiner.
struct Clinging(Arc<Mutex<Vec<Waker>>>);

impl RawTask for Clinging {
    type Output = ();

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        self.0.lock().expect("no panic").push(cx.waker().clone());
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

/// A task that another thread ends by a call, at once.
#[derive(Clone, Default)]
struct Called(Arc<Mutex<(bool, Option<Waker>)>>);

impl Called {
    fn end(&self) {
        let waker = {
            let mut state = self.0.lock().expect("no panic");
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl RawTask for Called {
    type Output = ();

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        let mut state = self.0.lock().expect("no panic");
        if state.0 {
            return Poll::Ready(Ok(()));
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }

    fn abort(&mut self) {}

    fn is_finished(&self) -> bool {
        self.0.lock().expect("no panic").0
    }

    fn detach(&mut self) {}

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| true)
    }
}

rules! { group

/// A task that ends on another thread while somebody begins to wait for the next one is not missed.
///
/// Intent: between "has one ended?" and "wake me" there must be no gap.
///
/// If this fails, check that `TaskSet` looks at its queue again under the lock under which it keeps the joiner's waker.
Must fn no_gap_before_the_wait(rt: Any + SystemThreads) {
    let tasks: Vec<_> = (0..scaled(5000)).map(|_| Called::default()).collect();
    let mut sets: Vec<_> = tasks.iter().map(|task| {
        let mut set = rt.structured().set();
        set.insert((), JoinHandle::new(task.clone()));
        set
    }).collect();
    let (wakes, is_pending) = (WakeCount::new(), Cell::new(false));
    duel(
        sets.len(),
        |i| is_pending.set(wakes.with(|cx| pin!(sets[i].join_next()).poll(cx).is_pending())),
        |i| {
            if i % 2 == 0 {
                once_cloned(&wakes);
            }
            tasks[i].end();
        },
        |i| {
            let (is_pending, woken) = (is_pending.get(), wakes.take());
            assert_eq!(woken, usize::from(is_pending), "wakes in round {i} (the wait was pending: {is_pending})");
        },
    );
    rt.block_on(rt.spawn(yield_now())).expect("the task ends");
}

/// Dropping a group aborts all tasks in it.
///
/// Intent: a function that returns early, or is cancelled itself, must not leave helpers behind.
///
/// If this fails, check the drop of `TaskSet`, and what `abort_and_detach` of the adapter's task does.
Must fn drop_aborts_all(rt: Any) {
    let (polled, drops) = (Count::new(), Count::new());
    let mut group = rt.structured().group::<()>();
    for i in 0..20 {
        let polled = polled.clone();
        group.spawn(Holding::new(drops.guard(), async move {
            polled.add();
            if i % 2 == 0 {
                pending().await
            }
            loop {
                yield_now().await;
            }
        }));
    }
    rt.block_on(async {
        yield_until("all tasks were polled", || polled.get() == 20).await;
        assert_eq!(drops.get(), 0, "futures dropped before the group was");
        drop(group);
        yield_until("the 20 futures of a dropped group are dropped", || drops.get() == 20).await;
    });
}

/// A group returns every task exactly once: with its output, with its panic, or as cancelled.
///
/// Intent: a batch job counts what it got back; a result that is lost is work that is silently not done.
///
/// If this fails, check how `TaskSet` takes a task that has ended out of its place, and puts the next one in.
Must fn returns_each_task_once(rt: Any) {
    let n = scaled(3000).max(60);
    let mut group = rt.structured().group();
    let (mut values, mut panics) = (vec![0; n], vec![0; n]);
    let (mut cancelled, mut returned) = (0, 0);
    rt.block_on(async {
        for i in 0..n {
            let id = group.spawn(async move {
                match i % 30 {
                    1 => panic_any(i),
                    2 => pending().await,
                    _ => yield_now().await,
                }
                i
            });
            if i % 30 == 2 {
                group.abort(id);
            }
            // So that places are used again.
            if i % 7 == 0 {
                yield_now().await;
            }
        }
        while let Some(ended) = group.join_next().await {
            returned += 1;
            match ended {
                Ok(i) => values[i] += 1,
                Err(error) => match error.try_into_panic() {
                    Ok(payload) => panics[*payload.downcast::<usize>().expect("the payload that was thrown")] += 1,
                    Err(_) => cancelled += 1,
                },
            }
        }
    });
    assert_eq!(returned, n, "tasks returned of a group of {n}");
    assert_eq!(cancelled, (0..n).filter(|i| i % 30 == 2).count(), "tasks that were aborted");
    for i in 0..n {
        let expected = match i % 30 {
            1 => (0, 1),
            2 => (0, 0),
            _ => (1, 0),
        };
        assert_eq!((values[i], panics[i]), expected, "times that task {i} returned a value, and a panic");
    }
}

/// A set polls only those of its tasks that have something to say.
///
/// Intent: joining a hundred thousand connections one after another must not cost their square.
///
/// If this fails, check which places `TaskSet` looks at when it is woken.
Must fn polls_only_woken_tasks(rt: Any) {
    const N: usize = 100;
    let polls = Count::new();
    let gates: Vec<_> = (0..N).map(|_| Gate::new()).collect();
    let mut set = rt.structured().set();
    for (i, gate) in gates.iter().enumerate() {
        set.insert(i, CountedTask::handle(rt.spawn(gate.wait()), &polls));
    }
    rt.block_on(async {
        assert!(poll_once(pin!(set.join_next())).await.is_pending(), "a task ended before its gate was opened");
        for (i, gate) in gates.iter().enumerate() {
            let wakes = WakeCount::new();
            let mut next = pin!(set.join_next());
            assert!(wakes.with(|cx| next.as_mut().poll(cx)).is_pending(), "task {i} ended before its gate was opened");
            gate.open();
            yield_until("the joiner is woken", || wakes.get() > 0).await;
            let (key, output) = next.await.expect("a task is left");
            output.expect("the task ends");
            assert_eq!(key, i, "only this one's gate was opened");
        }
    });
    // A runtime may interrupt the joiner, and have it look at the same task again.
    assert!(polls.get() <= 3 * N, "{} polls of {N} tasks, each of which had something to say once", polls.get());
}

/// `try_join_next` of a group and of a set, called until it has nothing, returns every task that has ended.
///
/// Intent: a loop that tidies up in passing must not stop at the budget that a runtime gives to its task.
///
/// If this fails, check that `try_join` of the adapter's task takes nothing of the runtime's budget.
Must fn try_join_next_sees_all(rt: Any) {
    const N: usize = 1000;
    let (mut group, mut set, ended) = (rt.structured().group(), rt.structured().set(), Count::new());
    rt.block_on(async {
        for i in 0..N {
            let ended = ended.clone();
            group.spawn(async move {
                ended.add();
                i
            });
        }
        let tasks: Vec<_> = (0..N).map(|i| rt.spawn(async move { i })).collect();
        yield_until("all tasks ended", || tasks.iter().all(JoinHandle::is_finished)).await;
        for (i, task) in tasks.into_iter().enumerate() {
            set.insert(i, task);
        }
        let returned = std::iter::from_fn(|| set.try_join_next()).count();
        assert_eq!(returned, N, "tasks of a set returned of {N} that had ended");
        // A thread that waits for a processor may hold back some of the group, though all that were spawned later have ended.
        yield_until("all tasks of the group end", || ended.get() == N).await;
        let mut seen = Vec::new();
        let mut first = None;
        while seen.len() < N {
            while let Some(output) = group.try_join_next() {
                seen.push(output.expect("the task ends"));
            }
            let found = *first.get_or_insert(seen.len());
            // Each thread of the runtime may have one left that is just about to end.
            assert!(found > N / 2, "the first sweep found {found} of the {N} tasks of a group that had ended");
            yield_now().await;
        }
        assert!(group.try_join_next().is_none() && group.len() == 0, "all were joined");
        seen.sort_unstable();
        assert_eq!(seen, (0..N).collect::<Vec<_>>(), "tasks that were returned");
    });
}

/// A set returns each task under the key that it was inserted with.
///
/// Intent: the key says which request it was that failed.
///
/// If this fails, check what `TaskSet` keeps in a place that is used again.
Must fn keys_stay_with_their_tasks(rt: Any) {
    let mut set = rt.structured().set();
    rt.block_on(async {
        for round in 0..10 {
            for i in 0..10 {
                let number = round * 10 + i;
                set.insert(number, rt.spawn(async move {
                    yield_now().await;
                    number * 3
                }));
            }
            for _ in 0..5 {
                let (key, output) = set.join_next().await.expect("a task is left");
                assert_eq!(output.expect("the task ends"), key * 3, "the output of the task under the key {key}");
            }
        }
        let mut left = 0;
        while let Some((key, output)) = set.join_next().await {
            left += 1;
            assert_eq!(output.expect("the task ends"), key * 3, "the output of the task under the key {key}");
        }
        assert_eq!(left, 50, "tasks that were left");
    });
}

/// The tasks of a group run whether or not anybody joins them.
///
/// Intent: a future that joins other futures runs them only while it is polled; a group's tasks are tasks.
///
/// If this fails, check that the group spawns at once.
Must fn runs_without_a_joiner(rt: Any) {
    let done = Count::new();
    let mut group = rt.structured().group();
    for _ in 0..10 {
        let done = done.clone();
        group.spawn(async move {
            yield_now().await;
            done.add();
        });
    }
    rt.block_on(async {
        yield_until("10 tasks end that nobody joins", || done.get() == 10).await;
        assert_eq!(group.join_all().await.into_iter().filter(Result::is_ok).count(), 10, "tasks that ended well");
    });
}

/// A group keeps nothing of its joiner once it is dropped, though its tasks are still there.
///
/// Intent: a joiner's waker keeps the joiner's memory, and a task that does not end would keep it for ever.
///
/// If this fails, check that the drop of `TaskSet` forgets the joiner's waker.
Must fn pins_no_joiner(rt: Any) {
    let (joiner, go) = (WakeCount::new(), Gate::new());
    let mut group = rt.structured().group();
    for _ in 0..10 {
        group.spawn(go.wait());
    }
    rt.block_on(async {
        yield_now().await;
        let joined = joiner.with(|cx| group.poll_join_next(cx));
        assert!(joined.is_pending(), "a task ended before its gate was opened");
        drop(group);
        assert_eq!(Arc::strong_count(&joiner) - 1, 0, "wakers of the joiner that are left after the drop of the group");
    });
    go.open();
    let wakers = Arc::default();
    let mut set = rt.structured().set();
    set.insert((), JoinHandle::new(Clinging(Arc::clone(&wakers))));
    assert!(joiner.with(|cx| pin!(set.join_next()).poll(cx)).is_pending(), "its task does not end");
    drop(set);
    assert_eq!(wakers.lock().expect("no panic").len(), 1, "wakers of the set that a task keeps");
    assert_eq!(Arc::strong_count(&joiner) - 1, 0, "wakers of the joiner that a task keeps through its set's");
}

/// Whoever waits in `poll_join_next` is woken for a task that is spawned meanwhile, at once or when that ends, and when the group is
/// emptied.
///
/// Intent: one task joins through a lock, and another one spawns.
///
/// If this fails, check that `TaskSet` wakes its joiner for a new task that it has not looked at yet.
Must fn wait_sees_new_tasks(rt: Any) {
    let (mut group, wakes) = (rt.structured().group(), WakeCount::new());
    group.spawn(pending().boxed());
    rt.block_on(async {
        for i in 0..3 {
            assert!(wakes.with(|cx| group.poll_join_next(cx)).is_pending(), "the only task does not end");
            wakes.take();
            group.spawn(async move { i }.boxed());
            yield_until("who waits is woken for a new task", || wakes.get() > 0).await;
            let output = poll_fn(|cx| group.poll_join_next(cx)).await;
            assert_eq!(output.and_then(Result::ok), Some(i), "the output of the new task");
        }
        assert!(wakes.with(|cx| group.poll_join_next(cx)).is_pending(), "the only task does not end");
        wakes.take();
        group.detach_all();
        assert!(wakes.get() > 0, "who waits is woken when the group is emptied");
        assert!(poll_fn(|cx| group.poll_join_next(cx)).await.is_none(), "the group is empty");
    });
}

/// A wait for the next task that is given up loses no task.
///
/// Intent: `select` of a group and a timer drops the wait each time the timer wins.
///
/// If this fails, check that the tasks stay in the set while its `JoinNext` waits.
Must fn dropped_join_next_loses_nothing(rt: Any) {
    let go = Gate::new();
    let mut group = rt.structured().group();
    for i in 0..30 {
        let go = go.wait();
        group.spawn(async move {
            go.await;
            i
        });
    }
    let mut seen = rt.block_on(async {
        assert!(poll_once(pin!(group.join_next())).await.is_pending(), "a task ended before its gate was opened");
        go.open();
        let mut seen = Vec::new();
        loop {
            let next = poll_once(pin!(group.join_next())).await;
            match next {
                Poll::Ready(Some(ended)) => seen.push(ended.expect("the task ends")),
                Poll::Ready(None) => break,
                Poll::Pending => yield_now().await,
            }
        }
        seen
    });
    seen.sort_unstable();
    assert_eq!(seen, (0..30).collect::<Vec<_>>(), "tasks returned after waits that were given up");
}

/// `join_all` returns the outputs in the order of the spawns, whatever the order in which the tasks ended; a group that is
/// extended spawns each future that it is given, in their order.
///
/// Intent: results go with the inputs that they were asked for.
///
/// If this fails, check by what `JoinAll` sorts, and what `extend` passes over.
Must fn join_all_keeps_the_order(rt: Any) {
    let gates: Vec<_> = (0..=20).map(|_| Gate::new()).collect();
    let mut group = rt.structured().group();
    let work = |i: usize| {
        let (own, after) = (gates[i].clone(), gates[i + 1].wait());
        async move {
            after.await;
            own.open();
            i
        }
    };
    group.extend((0..10).map(work));
    for i in 10..20 {
        group.spawn(work(i));
    }
    let mut all = pin!(group.join_all());
    let all = rt.block_on(async {
        assert!(poll_once(all.as_mut()).await.is_pending(), "no gate is open");
        gates[20].open();
        all.await
    });
    let all: Vec<_> = all.into_iter().map(|output| output.expect("the task ends")).collect();
    assert_eq!(all, (0..20).collect::<Vec<_>>(), "the last one ended first");
}

/// To abort one task of a group stops that one, and the id of a task that was joined stops none.
///
/// Intent: places in a group are used again, and an id may be kept longer than its task.
///
/// If this fails, check that `TaskSet` compares the serial number of an id with that of the task in its place.
Must fn abort_stops_one_task(rt: Any) {
    let go = Gate::new();
    let mut group = rt.structured().group();
    let first = group.spawn(async { "first" });
    let (mut ended, mut cancelled) = (Vec::new(), 0);
    rt.block_on(async {
        group.join_next().await.expect("a task is left").expect("the first task ends");
        let mut ids = ["second", "third", "fourth"].map(|name| {
            let go = go.wait();
            group.spawn(async move {
                go.await;
                name
            })
        }).into_iter();
        assert!(!group.abort(first), "a task that was joined is no longer there to be aborted");
        assert!(group.abort(ids.nth(1).expect("there are three")), "the third task is there to be aborted");
        go.open();
        while let Some(output) = group.join_next().await {
            match output {
                Ok(name) => ended.push(name),
                Err(_) => cancelled += 1,
            }
        }
    });
    ended.sort_unstable();
    assert_eq!((ended, cancelled), (vec!["fourth", "second"], 1), "tasks that ended, and how many were stopped");
}

/// The shutdown of a group aborts its tasks and waits until their destructors have run.
///
/// Intent: what the tasks held, ports and files, is free when it returns.
///
/// If this fails, check that `Shutdown` joins every task that it aborted.
Must fn shutdown_waits_for_destructors(rt: Any) {
    let drops = Count::new();
    let mut group = rt.structured().group::<()>();
    for _ in 0..20 {
        group.spawn(Holding::new(slow_guard(&drops), pending()));
    }
    rt.block_on(async {
        yield_now().await;
        group.shutdown().await;
    });
    assert_eq!((drops.get(), group.len()), (20, 0), "futures dropped, and tasks left in the group");
}

/// Tasks that were detached from a group run on, and the group is empty.
///
/// Intent: the way out for the few tasks that may outlive their owner.
///
/// If this fails, check that `detach_all` takes the handles out before anything aborts them.
Must fn detach_all_lets_them_run(rt: Any) {
    let (done, drops, go) = (Count::new(), Count::new(), Gate::new());
    let mut group = rt.structured().group();
    for _ in 0..10 {
        let (done, go) = (done.clone(), go.wait());
        group.spawn(Holding::new(drops.guard(), async move {
            go.await;
            done.add();
        }));
    }
    rt.block_on(async {
        yield_now().await;
        group.detach_all();
        assert_eq!(group.len(), 0, "tasks left in the group");
        assert!(group.join_next().await.is_none(), "a group without tasks returned one");
        drop(group);
        go.open();
        yield_until("the futures of the detached tasks are dropped", || drops.get() == 10).await;
    });
    assert_eq!(done.get(), 10, "detached tasks that ran to their end");
}

/// The length of a group counts the tasks that were not joined, ended or not.
///
/// Intent: "at most ten at a time" is a comparison with it.
///
/// If this fails, check where `TaskSet` counts down.
Must fn len_counts_the_unjoined(rt: Any) {
    let done = Count::new();
    let mut group = rt.structured().group();
    for _ in 0..5 {
        let done = done.clone();
        group.spawn(async move { done.add() });
    }
    rt.block_on(async {
        yield_until("the tasks end", || done.get() == 5).await;
        for left in (0..5).rev() {
            assert_eq!(group.len(), left + 1, "before a task is joined");
            group.join_next().await.expect("a task is left").expect("the task ends");
            assert_eq!(group.len(), left, "after a task was joined");
        }
    });
}

/// A group joins blocking closures beside its tasks, and to abort them has no effect.
///
/// Intent: a closure that writes a file is not stopped half-way, and says so when it is joined.
///
/// If this fails, check that the group keeps the handle of the closure itself, and `blocking::abort_has_no_effect`.
Must fn closures_run_to_their_end(rt: Shared + Blocking) {
    let go = Gate::new();
    let mut group = rt.structured().group();
    for i in 0..4 {
        let go = go.clone();
        group.spawn_blocking(move || {
            go.wait_blocking();
            i
        });
    }
    group.spawn(pending());
    group.abort_all();
    go.open();
    let ended = rt.block_on(group.join_all());
    let ended: Vec<_> = ended.into_iter().map(Result::ok).collect();
    assert_eq!(ended, [Some(0), Some(1), Some(2), Some(3), None], "four closures and a task that was aborted");
}

}
