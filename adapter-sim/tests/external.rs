//! Other threads: reported, or permitted.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::yield_now;
use anyrt_sim::{FailureKind, Sim};
use futures::channel::oneshot;

use crate::common::watched;

#[test]
fn a_wake_from_another_thread_is_reported() {
    watched(|| {
        let rt = Sim::builder().build();
        let sim = rt.handle();
        let (sender, receiver) = oneshot::channel::<()>();
        let failure = rt
            .try_block_on(async {
                // The thread runs while the root is polled, so the order is certain.
                let receiver = sim.spawn(receiver);
                sim.run_until_stalled();
                thread::Builder::new()
                    .name("intruder".to_owned())
                    .spawn(move || sender.send(()))
                    .unwrap()
                    .join()
                    .unwrap()
                    .unwrap();
                receiver.await.unwrap().unwrap();
            })
            .unwrap_err();
        assert_eq!(failure.kind(), FailureKind::ForeignThread);
        assert!(
            failure
                .message()
                .contains("the thread `intruder` woke a task"),
            "{failure}"
        );
    });
}

#[test]
fn a_spawn_and_an_abort_from_another_thread_are_reported() {
    watched(|| {
        for abort in [false, true] {
            let rt = Sim::builder().build();
            let sim = rt.handle();
            let mut task = sim.spawn(std::future::pending::<()>());
            let stop = task.abort_handle();
            let intruder = thread::spawn(move || {
                if abort {
                    stop.abort();
                } else {
                    sim.spawn_detached(async {});
                }
            });
            intruder.join().unwrap();
            let failure = rt.try_block_on(async {}).unwrap_err();
            assert_eq!(failure.kind(), FailureKind::ForeignThread);
        }
    });
}

#[test]
fn block_on_from_another_thread_is_refused() {
    watched(|| {
        let rt = Sim::builder().build();
        let sim = rt.handle();
        let refused = thread::spawn(move || sim.block_on(async {})).join();
        let payload = refused.unwrap_err();
        assert!(
            payload
                .downcast_ref::<&str>()
                .unwrap()
                .contains("allow_external")
        );
        rt.block_on(async {});
    });
}

#[test]
fn an_idle_simulation_waits_for_a_permitted_wake() {
    watched(|| {
        let rt = Sim::builder().allow_external().build();
        let (sender, receiver) = oneshot::channel();
        let (ready, go) = mpsc::channel();
        let waker = thread::spawn(move || {
            go.recv().unwrap();
            sender.send(42).unwrap();
        });
        let answer = rt.block_on(async {
            ready.send(()).unwrap();
            receiver.await.unwrap()
        });
        assert_eq!(answer, 42);
        waker.join().unwrap();
    });
}

#[test]
fn threads_may_spawn_and_join_through_a_handle() {
    watched(|| {
        let rt = Sim::builder().allow_external().build();
        let sim = rt.handle();
        let ran = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = oneshot::channel::<()>();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (sim, ran) = (sim.clone(), Arc::clone(&ran));
                thread::spawn(move || {
                    for _ in 0..200 {
                        let ran = Arc::clone(&ran);
                        let task = sim.spawn(async move {
                            yield_now().await;
                            ran.fetch_add(1, Ordering::Relaxed)
                        });
                        sim.block_on(task).unwrap();
                    }
                })
            })
            .collect();
        let watch = thread::spawn(move || {
            for thread in threads {
                thread.join().unwrap();
            }
            sender.send(()).unwrap();
        });
        rt.block_on(receiver).unwrap();
        watch.join().unwrap();
        assert_eq!(ran.load(Ordering::Relaxed), 1600);
    });
}

#[test]
fn a_plain_thread_drives_what_nobody_else_drives() {
    watched(|| {
        let rt = Sim::builder().allow_external().build();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let sim = rt.handle();
                thread::spawn(move || {
                    let task = sim.spawn({
                        let sim = sim.clone();
                        async move { sim.sleep(Duration::from_secs(5)).await }
                    });
                    sim.block_on(task).unwrap();
                })
            })
            .collect();
        // The home thread is not in `block_on`.
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn local_tasks_wait_for_their_thread() {
    watched(|| {
        let rt = Sim::builder().allow_external().build();
        let sim = rt.handle();
        let home = thread::current().id();
        let local = sim.spawn_local(async move {
            for _ in 0..10 {
                yield_now().await;
                assert_eq!(thread::current().id(), home);
            }
        });
        let elsewhere = thread::spawn(move || {
            sim.block_on(async {
                for _ in 0..10 {
                    yield_now().await;
                }
            });
        });
        elsewhere.join().unwrap();
        assert!(!local.is_finished());
        rt.block_on(local).unwrap();
    });
}

#[test]
fn shutting_down_lets_threads_go() {
    watched(|| {
        let rt = Sim::builder().allow_external().build();
        let sim = rt.handle();
        let parked = sim.spawn(std::future::pending::<()>());
        let (started, ready) = mpsc::channel();
        let elsewhere = thread::spawn(move || {
            let mut parked = parked;
            sim.block_on(async {
                yield_now().await;
                started.send(()).unwrap();
                (&mut parked).await
            })
        });
        ready.recv().unwrap();
        drop(rt);
        assert!(elsewhere.join().unwrap().unwrap_err().is_cancelled());
    });
}

#[test]
fn under_a_pace_the_clock_waits_for_threads() {
    watched(|| {
        let rt = Sim::builder().allow_external().pace(10).build();
        let sim = rt.handle();
        let (sender, receiver) = oneshot::channel();
        let sleeper = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            sender.send(42).unwrap();
        });
        // Ten minutes at tenfold speed are a minute: enough for any machine.
        let answer = rt.block_on(sim.timeout(Duration::from_secs(600), receiver));
        // A clock that jumped would have ended the timeout first.
        assert_eq!(answer.unwrap().unwrap(), 42);
        sleeper.join().unwrap();

        let real = std::time::Instant::now();
        rt.block_on(sim.sleep(Duration::from_millis(500)));
        assert!(real.elapsed() >= Duration::from_millis(49));
    });
}

#[test]
fn threads_take_turns_at_driving() {
    watched(|| {
        // The home thread comes and goes while others drive, are let in, and are sent away.
        let rt = Sim::builder().allow_external().build();
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let sim = rt.handle();
                thread::spawn(move || {
                    for n in 0..300 {
                        let task = sim.spawn(async move {
                            yield_now().await;
                            n
                        });
                        assert_eq!(sim.block_on(task).unwrap(), n);
                        sim.block_on(async {
                            sim.sleep(Duration::from_millis(1)).await;
                            yield_now().await;
                        });
                    }
                })
            })
            .collect();
        let sim = rt.handle();
        while !threads.iter().all(|thread| thread.is_finished()) {
            let local = sim.spawn_local(async { yield_now().await });
            rt.block_on(local).unwrap();
            sim.run_until_stalled();
            thread::yield_now();
        }
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(rt.tasks().is_empty());
    });
}

#[test]
fn the_home_thread_is_let_in() {
    watched(|| {
        let rt = Sim::builder().allow_external().build();
        let sim = rt.handle();
        let (sender, receiver) = oneshot::channel::<()>();
        let (started, ready) = mpsc::channel();
        let elsewhere = thread::spawn(move || {
            sim.block_on(async {
                // Polled, so this thread drives; and it will wait for what the home thread alone does.
                started.send(()).unwrap();
                receiver.await.unwrap();
            });
        });
        ready.recv().unwrap();
        let local = rt
            .handle()
            .spawn_local(async move { sender.send(()).unwrap() });
        rt.block_on(local).unwrap();
        elsewhere.join().unwrap();
    });
}
