//! `TaskMap` and `LocalTaskMap`, and what groups learnt with them.

mod common;

use std::collections::HashSet;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use anyrt_core::{Config, prelude::*, yield_now};
use anyrt_structured::{
    CancellationToken, Either, LocalTaskMap, TaskGroup, TaskMap, TaskSet, select,
};

use self::common::{Latch, on_every_local_runtime, on_every_runtime};

on_every_runtime! {
    a_task_replaces_the_one_under_its_key,
    each_task_is_returned_once_with_its_key,
    a_key_aborts_its_task,
    dropping_the_map_aborts_all,
    dropping_join_next_loses_nothing,
    shutdown_waits_for_the_destructors,
    removed_and_detached_tasks_run_on,
    ids_name_the_tasks_that_end,
    a_spawn_returns_what_aborts_its_task,
    sets_are_collected,
}

on_every_local_runtime! { local_tasks_replace_each_other }

async fn a_task_replaces_the_one_under_its_key<R: Runtime>(rt: R) {
    let (latch, mut map) = (Latch::new(100), TaskMap::new(rt));
    for n in 0..100 {
        let guard = latch.guard();
        let replaced = map.spawn("key", async move {
            let _guard = guard;
            pending::<u32>().await
        });
        assert_eq!((replaced, map.len()), (n > 0, 1));
    }
    assert!(map.spawn_blocking("key", || 7));
    latch.opened().await;
    let (key, output) = map.join_next().await.unwrap();
    assert_eq!((key, output.unwrap()), ("key", 7));
    assert!(
        map.join_next().await.is_none(),
        "a replaced task is never returned"
    );
    assert!(!map.spawn("key", async { 8 }), "the key is free again");
}

async fn each_task_is_returned_once_with_its_key<R: Runtime>(rt: R) {
    let mut map = TaskMap::new(rt);
    map.extend((0..500_u32).map(|n| (n.to_string(), async move { n })));
    assert!(map.contains_key("7") && !map.contains_key("500"));
    assert_eq!(map.keys().count(), 500);
    let mut seen = HashSet::new();
    while let Some((key, output)) = map.join_next().await {
        assert!(!map.contains_key(&key));
        assert_eq!(key, output.unwrap().to_string());
        assert!(seen.insert(key));
    }
    assert_eq!(seen.len(), 500);
    map.spawn("a".to_owned(), async { 1 });
    map.spawn("b".to_owned(), async { 2 });
    map.spawn("a".to_owned(), async { 3 });
    let all = map.join_all().await;
    let all: Vec<_> = all
        .into_iter()
        .map(|(key, output)| (key, output.unwrap()))
        .collect();
    assert_eq!(all, [("b".to_owned(), 2), ("a".to_owned(), 3)]);
}

async fn a_key_aborts_its_task<R: Runtime>(rt: R) {
    let mut map = TaskMap::new(rt);
    for key in 0..3 {
        map.spawn(key, pending::<()>());
    }
    assert!(map.abort(&1) && !map.abort(&3));
    let (key, ended) = map.join_next().await.unwrap();
    assert_eq!((key, ended.unwrap_err().is_cancelled()), (1, true));
    assert!(!map.abort(&1) && map.abort_handle(&1).is_none());
    map.abort_handle(&2).unwrap().abort();
    assert_eq!(map.join_next().await.unwrap().0, 2);
    map.abort_all();
    assert_eq!(map.join_next().await.unwrap().0, 0);
    assert!(map.try_join_next().is_none() && map.is_empty());
}

async fn dropping_the_map_aborts_all<R: Runtime>(rt: R) {
    let (latch, mut map) = (Latch::new(10), TaskMap::new(rt));
    for key in 0..10 {
        let guard = latch.guard();
        map.spawn(key, async move {
            let _guard = guard;
            pending::<()>().await;
        });
    }
    drop(map);
    latch.opened().await;
}

async fn dropping_join_next_loses_nothing<R: Runtime>(rt: R) {
    let mut map = TaskMap::new(rt);
    for n in 0..100 {
        map.spawn(n, async move { yield_now().await });
    }
    let mut seen = 0;
    loop {
        match select(yield_now(), map.join_next()).await {
            Either::Left(()) => {}
            Either::Right(Some((key, _))) => seen += key,
            Either::Right(None) => break,
        }
    }
    assert_eq!(seen, 4950);
}

async fn shutdown_waits_for_the_destructors<R: Runtime>(rt: R) {
    let (latch, mut map) = (Latch::new(20), TaskMap::new(rt));
    for key in 0..20 {
        let guard = latch.guard();
        map.spawn(key, async move {
            let _guard = guard;
            pending::<()>().await;
        });
    }
    map.shutdown().await;
    assert_eq!((latch.left(), map.len(), map.keys().count()), (0, 0, 0));
}

async fn removed_and_detached_tasks_run_on<R: Runtime>(rt: R) {
    let mut map = TaskMap::new(rt);
    map.spawn("removed", async { 7 });
    let task = map.remove("removed").unwrap();
    assert!(map.remove("removed").is_none() && map.is_empty());
    let (latch, go) = (Latch::new(1), CancellationToken::new());
    let (end, wait) = (latch.clone(), go.cancelled());
    map.spawn("detached", async move {
        wait.await;
        end.down();
        8
    });
    map.detach_all();
    assert!(!map.contains_key("detached"));
    drop(map);
    assert_eq!(task.await.unwrap(), 7);
    go.cancel();
    latch.opened().await;
}

async fn ids_name_the_tasks_that_end<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(rt);
    let mut ids: HashSet<_> = (0..100).map(|_| group.spawn(async {})).collect();
    while let Some((id, output)) = group.join_next_with_id().await {
        output.unwrap();
        assert!(ids.remove(&id), "each once");
        assert!(!group.abort(id));
    }
    assert!(ids.is_empty());
}

async fn a_spawn_returns_what_aborts_its_task<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(rt);
    let handles = [(); 3].map(|()| group.spawn_abortable(pending::<()>()));
    handles[1].abort();
    assert!(group.join_next().await.unwrap().unwrap_err().is_cancelled());
    assert_eq!(group.len(), 2);
    group.extend([pending()]);
    assert_eq!(group.len(), 3);
}

async fn sets_are_collected<R: Runtime>(rt: R) {
    let mut set: TaskSet<_, _> = (0..10).map(|n| (n, rt.spawn(async move { n }))).collect();
    set.extend([(10, rt.spawn(async { 10 }))]);
    let (first, _) = set.iter().next().unwrap();
    let (key, handle) = set.remove(first).unwrap();
    assert!(set.remove(first).is_none());
    assert_eq!(handle.await.unwrap(), key);
    assert_eq!(set.join_all().await.len(), 10);
}

async fn local_tasks_replace_each_other<R: LocalRuntime>(rt: R) {
    let held = Rc::new(());
    let mut map = LocalTaskMap::new(rt);
    for n in 0..10 {
        let held = held.clone();
        map.spawn("key", async move {
            if n < 9 {
                pending::<()>().await;
            }
            held
        });
    }
    let (_, output) = map.join_next().await.unwrap();
    drop(output);
    assert!(map.join_next().await.is_none());
    while Rc::strong_count(&held) > 1 {
        yield_now().await;
    }
}

/// Collects futures where the runtime can be looked up.
#[test]
fn a_removed_task_says_whether_it_has_ended() {
    const SECOND: Duration = Duration::from_secs(1);
    let rt = anyrt_sim::Owned::launch(Config::new()).unwrap();
    let mut map = TaskMap::new(rt.handle());
    map.spawn("parked", pending());
    map.spawn("ended", async {});
    // Nothing can run any more when virtual time has passed.
    rt.block_on(rt.handle().sleep(SECOND));
    assert!(map.remove("ended").unwrap().is_finished());
    assert!(!map.remove("parked").unwrap().is_finished());
}

#[test]
fn groups_are_collected_on_the_current_runtime() {
    common::watched(|| {
        let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
        let all = rt.block_on(async {
            let group: TaskGroup<anyrt_tokio::Tokio, _> =
                (0..3).map(|n| async move { n }).collect();
            group.join_all().await
        });
        assert_eq!(all.into_iter().map(Result::unwrap).sum::<i32>(), 3);
    });
}
