//! Tasks by the traits of futures, on every runtime.

use std::rc::Rc;

use anyrt_bridge_testing::{on_each_local_runtime, on_each_runtime};
use anyrt_futures::{LocalSpawner, Spawner};
use anyrt_net::prelude::*;
use futures::StreamExt as _;
use futures::channel::{mpsc, oneshot};
use futures::task::{LocalSpawn, LocalSpawnExt as _, Spawn, SpawnExt as _};

async fn tasks_run_and_their_handles_stop_them<R: NetRuntime>(rt: R) {
    // As libraries keep it.
    let spawner: Box<dyn Spawn + Send + Sync> = Box::new(Spawner::new(rt));
    spawner.status().unwrap();
    let (sender, receiver) = mpsc::unbounded();
    for number in 0..1_000_u32 {
        let sender = sender.clone();
        let send = async move { sender.unbounded_send(number).unwrap() };
        spawner.spawn(send).unwrap();
    }
    drop(sender);
    let mut numbers: Vec<_> = receiver.collect().await;
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..1_000));
    assert_eq!(spawner.spawn_with_handle(async { 42 }).unwrap().await, 42);
    // To drop the handle stops the task.
    let (running, is_running) = oneshot::channel();
    let (gone, is_gone) = oneshot::channel::<()>();
    let handle = spawner.spawn_with_handle(async move {
        let _gone = gone;
        running.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    is_running.await.unwrap();
    drop(handle.unwrap());
    is_gone.await.unwrap_err();
}

async fn local_tasks_share_an_rc<R: LocalNet>(rt: R) {
    let spawner: Rc<dyn LocalSpawn> = Rc::new(LocalSpawner::new(rt));
    spawner.status_local().unwrap();
    let word: Rc<str> = "moin".into();
    let shared = word.clone();
    let length = spawner.spawn_local_with_handle(async move { shared.len() });
    assert_eq!(length.unwrap().await, 4);
    assert_eq!(Rc::strong_count(&word), 1);
}

on_each_runtime!(tasks_run_and_their_handles_stop_them);
on_each_local_runtime!(local_tasks_share_an_rc);
