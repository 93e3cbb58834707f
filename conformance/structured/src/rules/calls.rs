//! Operations that no other family asks for.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::{pending, poll_fn, ready};
use std::task::{Context, Waker};
use std::time::Duration;

use anyrt_core::{Timer, yield_now};
use anyrt_structured::{
    Backoff, Budget, CancellationToken, DelayQueue, Instrumented, LocalTaskGroup, LocalTaskMap,
    Semaphore, SplitMix64, TaskGroup, TaskMap, TaskSet, TaskTracker, local_scope, race, scope,
    select, try_local_scope, try_scope,
};

use crate::kit::{Count, Gate, Holding, WakeCount, pause, poll_once, step, yield_until};
use crate::slip::slips;
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

anyrt_structured::task_local! {
    static REQUEST: u32;
}

/// The rule about ids, for groups of either kind.
macro_rules! assert_ids {
    ($rt:ident, $group:ident) => {{
        let mut group = $group::new($rt.handle());
        assert!(group.is_empty(), "a new group");
        let gates = [Gate::new(), Gate::new(), Gate::new()];
        let wait = |place: usize| {
            let wait = gates[place].wait();
            async move {
                wait.await;
                place
            }
        };
        let ids = [
            group.spawn(wait(0)),
            group.spawn_named("one", wait(1)),
            group.spawn(wait(2)),
        ];
        let distinct: BTreeSet<_> = ids.iter().map(|id| format!("{id:?}")).collect();
        assert_eq!(distinct.len(), 3, "three tasks, three ids");
        let mut last = ids[0];
        let wrong = slips(&$rt, "group_names_the_wrong_task");
        for place in [1, 0, 2] {
            gates[place].open();
            step(format_args!("the group returns task {place}"));
            let (id, output) = if place == 0 {
                $rt.block_on(poll_fn(|cx| group.poll_join_next_with_id(cx)))
                    .expect("it has tasks")
            } else {
                $rt.block_on(group.join_next_with_id())
                    .expect("it has tasks")
            };
            let id = if wrong {
                std::mem::replace(&mut last, id)
            } else {
                id
            };
            assert_eq!(
                output.expect("the task ends"),
                place,
                "the only one that could end"
            );
            assert_eq!(id, ids[place], "the id of task {place}");
            assert!(!group.abort(ids[place]), "an id of a task that was joined");
            assert!(
                group.abort_handle(ids[place]).is_none(),
                "an id of a task that was joined"
            );
        }
        assert!(group.is_empty(), "all were joined");
        assert!(
            $rt.block_on(group.join_next_with_id()).is_none(),
            "nothing is left"
        );

        let drops = Count::new();
        let abortable = group.spawn_abortable(Holding::new(drops.guard(), pending()));
        let by_id = group.spawn(Holding::new(drops.guard(), pending()));
        let spawned = group.runtime().clone();
        drop(spawned);
        $rt.block_on(yield_now());
        if !slips(&$rt, "group_abort_handle_is_idle") {
            abortable.abort();
        }
        step("the group returns a task that its abort handle stopped");
        let handle = $rt.handle();
        let ended = Timer::timeout(&handle, HOUR / 360, poll_fn(|cx| group.poll_join_next(cx)));
        let ended = $rt.block_on(ended).expect("its abort handle stops it");
        let ended = ended.map(|it| it.is_err_and(|error| error.is_cancelled()));
        assert_eq!(ended, Some(true), "it must resolve cancelled");
        assert_eq!(drops.get(), 1, "one was aborted");
        group
            .abort_handle(by_id)
            .expect("it is in the group")
            .abort();
        assert!(
            $rt.block_on(group.join_next())
                .is_some_and(|it| it.is_err()),
            "it must resolve cancelled"
        );
    }};
}

/// The rule about maps, for maps of either kind.
macro_rules! assert_map_empties {
    ($rt:ident, $map:ident) => {{
        let mut map = $map::new($rt.handle());
        assert!(map.is_empty(), "a new map");
        for key in 0..3 {
            map.spawn(key, async move { key * 10 });
        }
        map.spawn(3, pending());
        assert!(map.abort_handle(&4).is_none(), "no task is under this key");
        map.abort_handle(&3)
            .expect("a task is under this key")
            .abort();
        let mut seen = BTreeSet::new();
        step("the map returns its tasks");
        $rt.block_on(async {
            for round in 0..4 {
                let next = if round == 0 {
                    poll_fn(|cx| map.poll_join_next(cx)).await
                } else {
                    map.join_next().await
                };
                let (key, output) = next.expect("it has tasks");
                match output {
                    Ok(output) => assert_eq!(output, key * 10, "the output of another task"),
                    Err(error) => assert!(
                        key == 3 && error.is_cancelled(),
                        "only this one was aborted"
                    ),
                }
                assert!(seen.insert(key), "returned twice");
            }
        });
        assert!(
            map.is_empty() && !slips(&$rt, "map_never_empties"),
            "all were joined"
        );
        let drops = Count::new();
        for key in 0..3 {
            map.spawn(key, Holding::new(drops.guard(), pending()));
        }
        drop(map.runtime().clone());
        $rt.block_on(yield_now());
        map.abort_all();
        assert_eq!(map.len(), 3, "they stay in there until they are joined");
        step("the map returns the tasks that it aborted");
        $rt.block_on(async {
            while let Some((_, output)) = map.join_next().await {
                assert!(
                    output.is_err_and(|error| error.is_cancelled()),
                    "it must resolve cancelled"
                );
            }
        });
        assert_eq!(drops.get(), 3, "all were aborted");
    }};
}

/// The rule about named tasks of scopes, for scopes of either kind.
macro_rules! assert_scope_waits {
    ($rt:ident, $scope:ident, $try_scope:ident) => {{
        let (handle, ended) = ($rt.handle(), Count::new());
        let forgets = slips(&$rt, "scope_forgets_the_named");
        let (inner, first, second) = (handle.clone(), ended.clone(), ended.clone());
        step("a scope waits for its tasks with names");
        $rt.block_on($scope(&handle, |scope| async move {
            let task = async move {
                inner.sleep(5 * MS).await;
                first.add();
            };
            if forgets {
                drop(task)
            } else {
                scope.spawn_named("slow", task)
            }
            scope.spawn_named("quick", async move {
                second.add();
            });
        }));
        assert_eq!(ended.get(), 2, "tasks that ended before their scope did");
        let failed: Result<(), u32> = $rt.block_on($try_scope(&handle, |scope| async move {
            scope.spawn_result_named("fails", ready(Err(7)));
            scope.spawn_result_named("stays", pending());
            pending::<Result<(), u32>>().await
        }));
        assert_eq!(failed, Err(7), "the error of a task with a name");
    }};
}

rules! { calls

/// The id that a group gives with an output is the one that its spawn returned, and names no task any more; the abort handle
/// that comes with a task stops that task.
///
/// Intent: whoever keeps something for each task takes it out by the id.
///
/// If this fails, check what `join_next_with_id` takes the id from.
Must fn ids_name_what_ended(rt: Shared) {
    assert_ids!(rt, TaskGroup);
}

/// The id that a group of local tasks gives with an output is the one that its spawn returned, and names no task any more; the
/// abort handle that comes with a task stops that task.
///
/// Intent: the same, on one thread.
///
/// If this fails, check what `join_next_with_id` takes the id from.
Must fn local_ids_name_what_ended(rt: Local + Owned) {
    assert_ids!(rt, LocalTaskGroup);
}

/// A map whose tasks were all joined is empty, and the tasks that it aborts are returned as cancelled, each once.
///
/// Intent: a loop that joins until its map is empty ends.
///
/// If this fails, check what `join_next` of the map takes out.
Must fn map_is_empty_when_joined(rt: Shared) {
    assert_map_empties!(rt, TaskMap);
}

/// A map of local tasks that were all joined is empty, and the tasks that it aborts are returned as cancelled, each once.
///
/// Intent: the same, on one thread.
///
/// If this fails, check what `join_next` of the map takes out.
Must fn local_map_is_empty_when_joined(rt: Local + Owned) {
    assert_map_empties!(rt, LocalTaskMap);
}

/// A task that is removed from a set is given back with its key and its handle, runs on, and is in the set no more.
///
/// Intent: a connection that is upgraded leaves its server's set and lives on.
///
/// If this fails, check what `TaskSet::remove` does with the slot.
Must fn set_gives_back_what_is_removed(rt: Any) {
    let (mut set, gate) = (TaskSet::new(), Gate::new());
    let mut ids = Vec::new();
    for key in 0..3 {
        let wait = gate.wait();
        ids.push(set.insert(key, rt.spawn(async move {
            wait.await;
            key
        })));
    }
    let listed: Vec<_> = set.iter().map(|(id, key)| (id, *key)).collect();
    for (place, id) in ids.iter().enumerate() {
        assert!(listed.contains(&(*id, place)), "{id:?} with its key is not in {listed:?}");
    }
    let asked = if slips(&rt, "set_removes_another") { ids[2] } else { ids[1] };
    let (key, handle) = set.remove(asked).expect("it is in the set");
    assert_eq!(key, 1, "the key of the task that was removed");
    assert!(set.remove(ids[1]).is_none(), "it is there no more");
    assert_eq!((set.len(), set.is_empty()), (2, false), "the others are");
    gate.open();
    step("a task that was removed from its set resolves");
    assert_eq!(rt.block_on(handle).expect("it runs on"), 1);
    step("the set returns the others");
    let mut left: Vec<_> = rt.block_on(set.join_all()).into_iter().map(|(key, output)| (key, output.ok())).collect();
    left.sort_unstable();
    assert_eq!(left, [(0, Some(0)), (2, Some(2))], "the tasks that are left, with their outputs");
}

/// A set aborts one task, all of its tasks, or lets them run on; its shutdown waits for their destructors.
///
/// Intent: a set of handles ends as a group does.
///
/// If this fails, check which handle the call reaches.
Must fn set_aborts_and_detaches(rt: Any) {
    let drops = Count::new();
    let parked = || rt.spawn(Holding::new(drops.guard(), pending::<()>()));
    let mut set = TaskSet::new();
    let (one, other) = (set.insert("one", parked()), set.insert("other", parked()));
    rt.block_on(yield_now());
    let abort = set.abort_handle(other).expect("it is in the set");
    assert!(set.abort(one), "it is in the set");
    step("a set returns the task that it aborted");
    let (key, output) = rt.block_on(poll_fn(|cx| set.poll_join_next(cx))).expect("it has tasks");
    assert!(key == "one" && output.is_err_and(|error| error.is_cancelled()), "it must resolve cancelled");
    assert!(!set.abort(one) && set.abort_handle(one).is_none(), "an id of a task that was joined");
    abort.abort();
    let (key, _) = rt.block_on(set.join_next()).expect("it has tasks");
    assert_eq!((key, drops.get()), ("other", 2), "the task that its handle aborted");
    set.insert("all", parked());
    set.insert("all", parked());
    rt.block_on(yield_now());
    if !slips(&rt, "set_forgets_an_abort") {
        set.abort_all();
    }
    step("a set returns the tasks that it aborted");
    let ended = rt.block_on(rt.timeout(HOUR / 360, async move {
        let mut ended = 0;
        while set.join_next().await.is_some() {
            ended += 1;
        }
        (ended, set)
    }));
    let (ended, mut set) = ended.expect("they are aborted");
    assert_eq!((ended, drops.get()), (2, 4), "all of them");
    set.insert("shut down", parked());
    rt.block_on(yield_now());
    rt.block_on(set.shutdown());
    assert_eq!((set.len(), drops.get()), (0, 5), "the shutdown waits for destructors");
    let (gate, ran) = (Gate::new(), Count::new());
    let (wait, counter) = (gate.wait(), ran.clone());
    set.insert("detached", rt.spawn(async move {
        wait.await;
        counter.add();
    }));
    set.detach_all();
    assert!(set.is_empty(), "detached tasks are in no set");
    gate.open();
    rt.block_on(yield_until("the detached task ends", || ran.get() == 1));
}

/// A scope waits for its tasks and closures with names, and the error of one ends it; a group returns its closure with a name.
///
/// Intent: a name is for those who look on.
///
/// If this fails, check `Scope::spawn_named` against `Scope::spawn`.
Must fn scope_waits_for_the_named(rt: Shared + Blocking) {
    assert_scope_waits!(rt, scope, try_scope);
    let ended = Count::new();
    let counter = ended.clone();
    step("a scope waits for its closure with a name");
    rt.block_on(scope(&rt.handle(), |scope| async move {
        scope.spawn_blocking_named("slow", move || {
            pause(5 * MS);
            counter.add();
            Ok::<(), Infallible>(())
        });
    }));
    assert_eq!(ended.get(), 1, "closures that ended before their scope did");
    let mut group = TaskGroup::new(rt.handle());
    group.spawn_blocking_named("closure", || 7);
    step("a group returns its closure with a name");
    assert_eq!(rt.block_on(group.join_next()).expect("it has a closure").ok(), Some(7));
}

/// A scope of local tasks waits for its tasks with names, and the error of one ends it.
///
/// Intent: the same, on one thread.
///
/// If this fails, check `LocalScope::spawn_named` against `LocalScope::spawn`.
Must fn local_scope_waits_for_the_named(rt: Local + Owned) {
    assert_scope_waits!(rt, local_scope, try_local_scope);
}

/// A tracker that is given a token has that token, and what it tracks is empty once all of it has ended: tasks with and without
/// a name, and closures.
///
/// Intent: one token stops a whole program, whose parts have trackers of their own.
///
/// If this fails, check what `with_token` keeps.
Must fn tracker_takes_a_token(rt: Shared + Blocking) {
    let (token, handle) = (CancellationToken::new(), rt.handle());
    let tracker = if slips(&rt, "tracker_keeps_a_token_of_its_own") {
        TaskTracker::new()
    } else {
        TaskTracker::with_token(token.clone())
    };
    assert!(tracker.is_empty(), "a new tracker");
    let stop = tracker.token().clone();
    let plain = tracker.spawn(&handle, async move {
        stop.cancelled().await;
        7
    });
    let closure = tracker.spawn_blocking_named(&handle, "closure", || 8);
    assert!(!tracker.is_empty(), "a task waits");
    step("a tracked closure ends");
    assert_eq!(rt.block_on(closure).expect("the closure ends"), 8);
    token.cancel();
    step("a tracked task ends that waits for the token its tracker was given");
    let output = rt.block_on(rt.timeout(HOUR / 360, plain)).expect("the tracker has the token that it was given");
    assert_eq!(output.expect("the task ends"), 7);
    rt.block_on(yield_until("the tracker is empty", || tracker.is_empty()));
}

/// Pauses grow by the factor that was set, from the first one to the limit; constant ones do not grow.
///
/// Intent: a schedule of retries is read off its constructor.
///
/// If this fails, check `Delays::next`.
Must fn backoff_grows_by_its_factor(rt: Any) {
    let tripled = Backoff::exponential(2 * MS).factor(3).max_delay(40 * MS).attempts(6);
    let delays: Vec<_> = tripled.delays().collect();
    assert_eq!(delays, [2 * MS, 6 * MS, 18 * MS, 40 * MS, 40 * MS], "by three, to the limit");
    let constant = Backoff::constant(5 * MS).attempts(4);
    let constant = if slips(&rt, "backoff_grows_anyway") { constant.factor(2) } else { constant };
    assert_eq!(constant.delays().collect::<Vec<_>>(), [5 * MS; 3], "constant");
}

/// A generator gives each number below its bound and no other, and the same ones from the same seed.
///
/// Intent: an index that is one too high is a panic in the one run that nobody repeats.
///
/// If this fails, check `SplitMix64::below`.
Must fn generator_keeps_its_bound(rt: Any) {
    let reaches = u64::from(slips(&rt, "generator_reaches_its_bound"));
    for bound in [1, 2, 7, u64::MAX] {
        let (mut one, mut other) = (SplitMix64::new(bound), SplitMix64::new(bound));
        let mut seen = BTreeSet::new();
        for _ in 0..500 {
            let number = one.below(bound).saturating_add(reaches);
            assert!(number < bound, "{number} is not below {bound}");
            assert_eq!(number, other.below(bound), "the same seed");
            seen.insert(number);
        }
        assert!(bound > 7 || seen.len() as u64 == bound, "of the numbers below {bound} came {seen:?}");
        assert_eq!(one.next_u64(), other.next_u64(), "the same seed");
    }
}

/// A budget that is refilled lasts for all its steps again, and a step that is polled by hand counts as one that is awaited.
///
/// Intent: a loop that had to wait for something else has given way already.
///
/// If this fails, check what `refill` sets.
Must fn budget_is_full_after_a_refill(rt: Any) {
    let mut budget = Budget::new(4);
    let refills = !slips(&rt, "budget_is_not_refilled");
    rt.block_on(async {
        let poll = |budget: &mut Budget| budget.poll_step(&mut Context::from_waker(Waker::noop()));
        for round in 0..3 {
            assert!(poll(&mut budget).is_ready() && poll_once(budget.step()).await.is_ready(), "round {round}: two of four");
            assert!(poll(&mut budget).is_ready() && poll_once(budget.step()).await.is_ready(), "round {round}: four of four");
            if refills {
                budget.refill();
            }
        }
        for _ in 0..4 {
            assert!(poll(&mut budget).is_ready(), "a budget that was refilled");
        }
        assert!(poll(&mut budget).is_pending(), "a budget that is used up");
    });
}

/// A queue that was cleared is empty, and what it held is returned by nobody; whoever waits for it is woken.
///
/// Intent: a configuration that is replaced takes its timers with it.
///
/// If this fails, check what `clear` leaves in the queue, and that it wakes.
Must fn queue_is_empty_when_cleared(rt: Any) {
    let mut queue = DelayQueue::new(rt.handle());
    assert!(queue.is_empty(), "a new queue");
    let key = queue.insert("cleared", MS);
    queue.insert("cleared, too", HOUR);
    if !slips(&rt, "queue_keeps_the_cleared") {
        queue.clear();
    }
    assert!(queue.is_empty(), "it was cleared, and holds {}", queue.len());
    assert!(queue.remove(key).is_none(), "a key of a value that was cleared");
    queue.insert("kept", 5 * MS);
    step("a queue returns what came after it was cleared");
    rt.block_on(async {
        assert_eq!(queue.next_expired().await, Some("kept"));
        assert_eq!(queue.next_expired().await, None, "nothing is left");
        let wakes = WakeCount::new();
        queue.insert("far", HOUR);
        assert!(wakes.with(|cx| queue.poll_expired(cx)).is_pending(), "it is over in an hour");
        queue.clear();
        assert!(wakes.get() > 0, "who waits is woken when the queue is cleared");
        assert!(wakes.with(|cx| queue.poll_expired(cx)).is_ready(), "the queue is empty");
    });
}

/// A runtime that names its tasks gives back the runtime that it was made of.
///
/// Intent: a wrapper that cannot be taken off is one too many.
///
/// If this fails, check `Instrumented::into_inner`.
Must fn wrapper_gives_its_runtime_back(rt: Shared + Owned) {
    let other = rt.another();
    let named = Instrumented::new(rt.handle());
    drop(named.runtime().clone());
    let inner = if slips(&rt, "wrapper_gives_another") { other.handle() } else { named.into_inner() };
    other.shutdown(Duration::from_secs(10));
    step("a task ends on the runtime that a wrapper gave back");
    assert_eq!(rt.block_on(inner.spawn(async { 7 })).expect("the task ends"), 7);
}

/// To acquire takes one permit, at once where one is free, and gives it back.
///
/// Intent: it is what most callers call.
///
/// If this fails, check how many permits `acquire` and `try_acquire` ask for.
Must fn semaphore_takes_one(rt: Any) {
    let semaphore = Semaphore::new(3);
    let take = |semaphore: &Semaphore| {
        if slips(&rt, "semaphore_takes_two") { semaphore.try_acquire_many(2) } else { semaphore.try_acquire() }
    };
    let permit = take(&semaphore).expect("three are free");
    assert_eq!((permit.permits(), semaphore.available_permits()), (1, 2), "permits taken, and left");
    step("a permit is acquired that is free");
    let other = rt.block_on(semaphore.acquire());
    assert_eq!((other.permits(), semaphore.available_permits()), (1, 1), "permits taken, and left");
    drop((permit, other));
    assert_eq!(semaphore.available_permits(), 3, "they come back");
}

/// With a seed, another than the first may win among those that are ready, and the same seed lets the same one win.
///
/// Intent: fairness that can be replayed.
///
/// If this fails, check where `seeded` of `Race` and of `Select` uses its seed.
Must fn seeds_choose_another_first(rt: Any) {
    let prefers_the_first = slips(&rt, "seed_of_a_race_is_dropped");
    let mut winners = BTreeSet::new();
    let mut sides = BTreeSet::new();
    rt.block_on(async {
        for seed in 0..64 {
            let entrants = || (0..4).map(ready);
            let winner = if prefers_the_first { race(entrants()).await } else { race(entrants()).seeded(seed).await };
            assert!(prefers_the_first || winner == race(entrants()).seeded(seed).await, "the same seed");
            winners.insert(winner);
            let side = select(ready(()), ready(())).seeded(seed).await;
            sides.insert(format!("{side:?}"));
        }
    });
    assert_eq!(winners.len(), 4, "of four that are ready these won: {winners:?}");
    assert_eq!(sides.len(), 2, "of two that are ready these won: {sides:?}");
}

/// A value that a task carries is read in place, the innermost one, in the task and in what it calls; elsewhere there is none.
///
/// Intent: what a request carries is often too big to be cloned.
///
/// If this fails, check what `TaskLocal::with` borrows.
Must fn local_value_is_read_in_place(rt: Any) {
    let outer = slips(&rt, "local_value_shows_the_outer");
    let task = rt.spawn(REQUEST.scope(1, async move {
        yield_now().await;
        let read = || REQUEST.with(|value| *value);
        let inner = if outer { read() } else { REQUEST.sync_scope(2, read) };
        (read(), inner)
    }));
    step("a task reads its value");
    let (seen, inner) = rt.block_on(task).expect("the task ends");
    assert_eq!(seen.ok(), Some(1), "in the task");
    assert_eq!(inner.ok(), Some(2), "in what it calls");
    assert!(REQUEST.with(|_| ()).is_err(), "outside of the task");
}

}
