//! Maps of tasks: one task under each key.

use std::future::pending;
use std::panic::panic_any;
use std::time::Duration;

use anyrt_core::yield_now;

use crate::kit::{Count, Gate, Holding, OnDrop, pause, yield_until};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

rules! { map

/// A task that is spawned under a key that is taken replaces the one that is there: that one is aborted, and never returned.
///
/// Intent: "the newest request of each user" means that the older ones stop, and that their answers are not taken for the newest.
///
/// If this fails, check what the map does with the handle that it takes out of its set.
Must fn replaces_under_a_key(rt: Any) {
    let (drops, mut map) = (Count::new(), rt.structured().map());
    rt.block_on(async {
        for key in 0..5 {
            let replaced = map.spawn(key, Holding::new(drops.guard(), pending()));
            assert!(!replaced, "nothing was there under the key {key}");
        }
        // One that has ended, and was not joined, is replaced as well.
        map.spawn(5, Holding::new(drops.guard(), async { "old" }));
        yield_until("the task under the key 5 ends", || drops.get() == 1).await;
        for key in 0..6 {
            let replaced = map.spawn(key, async { "new" });
            assert!(replaced, "a task was there under the key {key}");
            assert!(map.contains_key(key), "the new one is there under the key {key}");
        }
        assert_eq!(map.len(), 6, "tasks in the map, under six keys");
        yield_until("the futures of the replaced tasks are dropped", || drops.get() == 6).await;
        let mut seen = Vec::new();
        while let Some((key, output)) = map.join_next().await {
            seen.push((key, output.expect("a replaced task, which was aborted, is not returned")));
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3, 4, 5].map(|key| (key, "new")), "tasks that were returned");
    });
}

/// All tasks that were not replaced are returned exactly once, with their keys; a key is free when its task was returned.
///
/// Intent: the key says whose request it was that failed.
///
/// If this fails, check where the map forgets a key.
Must fn returns_each_task_once(rt: Any) {
    const N: u32 = 60;
    let mut map = rt.structured().map();
    rt.block_on(async {
        for round in 0..2 {
            for key in 0..N {
                let replaced = map.spawn(key, async move {
                    match key % 10 {
                        1 => panic_any(key),
                        2 => pending().await,
                        _ => yield_now().await,
                    }
                    key * 3
                });
                assert!(!replaced, "the key {key} is free in round {round}");
                assert_eq!(key % 10 == 2, key % 10 == 2 && map.abort(key), "the task under {key} is there to be aborted");
            }
            assert!(!map.abort(N), "there is no task under the key {N}");
            let mut seen = vec![0; N as usize];
            while map.len() > 0 {
                let ended = match map.try_join_next() {
                    None => map.join_next().await,
                    ended => ended,
                };
                let (key, output) = ended.expect("a task is left");
                assert!(!map.contains_key(key), "the key {key} of a task that was returned is free");
                seen[key as usize] += 1;
                match (key % 10, output) {
                    (1, Err(error)) => {
                        let payload = error.try_into_panic().expect("a panic");
                        assert_eq!(payload.downcast_ref(), Some(&key), "the payload of the task under {key}");
                    }
                    (2, Err(error)) => assert!(error.is_cancelled(), "the task under {key} was aborted"),
                    (_, output) => assert_eq!(output.expect("the task ends"), key * 3, "the output of the task under {key}"),
                }
            }
            assert_eq!(seen, vec![1; N as usize], "how often each task was returned in round {round}");
        }
        for key in 0..5 {
            map.spawn(key, async move { key * 3 });
        }
        let all = map.join_all().await.into_iter().map(|(key, output)| (key, output.ok())).collect::<Vec<_>>();
        assert_eq!(all, [0, 1, 2, 3, 4].map(|key| (key, Some(key * 3))), "in the order of their spawns");
    });
}

/// Dropping a map aborts all tasks in it.
///
/// Intent: a function that returns early, or is cancelled itself, must not leave helpers behind.
///
/// If this fails, check that the map holds its tasks in a set, and nowhere else.
Must fn drop_aborts_all(rt: Any) {
    let (polled, drops) = (Count::new(), Count::new());
    let mut map = rt.structured().map::<()>();
    for key in 0..10 {
        let polled = polled.clone();
        map.spawn(key, Holding::new(drops.guard(), async move {
            polled.add();
            pending().await
        }));
    }
    rt.block_on(async {
        yield_until("all tasks were polled", || polled.get() == 10).await;
        assert_eq!(drops.get(), 0, "futures dropped before the map was");
        drop(map);
        yield_until("the 10 futures of a dropped map are dropped", || drops.get() == 10).await;
    });
}

/// The shutdown of a map aborts its tasks and waits until their destructors have run.
///
/// Intent: what the tasks held, ports and files, is free when it returns.
///
/// If this fails, check that the map joins every task that it aborted.
Must fn shutdown_waits_for_destructors(rt: Any) {
    let drops = Count::new();
    let mut map = rt.structured().map::<()>();
    for key in 0..10 {
        let drops = drops.clone();
        let slow = OnDrop(move || {
            pause(Duration::from_millis(1));
            drops.add();
        });
        map.spawn(key, Holding::new(slow, pending()));
    }
    rt.block_on(async {
        yield_now().await;
        map.shutdown().await;
    });
    assert_eq!((drops.get(), map.len()), (10, 0), "futures dropped, and tasks left in the map");
    assert!(!map.spawn(0, async {}), "its keys are free");
}

/// Tasks that are removed from a map, or detached, run on; a removed one is joined by its handle.
///
/// Intent: one session out of many is handed over to somebody else.
///
/// If this fails, check that the map forgets the key and takes the handle out before anything aborts it.
Must fn removed_tasks_run_on(rt: Any) {
    let (go, done, drops) = (Gate::new(), Count::new(), Count::new());
    let mut map = rt.structured().map();
    for key in 0..5 {
        let (go, done) = (go.wait(), done.clone());
        map.spawn(key, Holding::new(drops.guard(), async move {
            go.await;
            done.add();
            key
        }));
    }
    rt.block_on(async {
        yield_now().await;
        let removed = map.remove(3).expect("it is there");
        assert!(map.remove(3).is_none() && !map.contains_key(3), "it is there no longer");
        map.detach_all();
        assert_eq!((map.len(), map.contains_key(0)), (0, false), "tasks and keys left in the map");
        assert!(map.join_next().await.is_none(), "a map without tasks returned one");
        drop(map);
        go.open();
        assert_eq!(removed.await.expect("a removed task is not aborted"), 3);
        yield_until("the futures of the detached tasks are dropped", || drops.get() == 5).await;
    });
    assert_eq!(done.get(), 5, "removed and detached tasks that ran to their end");
}

/// A map joins blocking closures beside its tasks; one that is replaced runs to its end, and is not returned.
///
/// Intent: a closure that writes a file is not stopped half-way.
///
/// If this fails, check that the map keeps the handle of the closure itself, and `blocking::abort_has_no_effect`.
Must fn closures_run_to_their_end(rt: Shared + Blocking) {
    let (go, ended) = (Gate::new(), Count::new());
    let mut map = rt.structured().map();
    for key in [0, 1, 0] {
        let (go, ended) = (go.clone(), ended.clone());
        map.spawn_blocking(key, move || {
            go.wait_blocking();
            ended.add()
        });
    }
    map.spawn(2, async { 7 });
    go.open();
    let keys = rt.block_on(async {
        let all = map.join_all().await;
        yield_until("the closure that was replaced ends", || ended.get() == 3).await;
        let mut keys: Vec<_> = all.into_iter().map(|(key, output)| (key, output.is_ok())).collect();
        keys.sort_unstable();
        keys
    });
    assert_eq!(keys, [(0, true), (1, true), (2, true)], "two closures and a task");
}

}
