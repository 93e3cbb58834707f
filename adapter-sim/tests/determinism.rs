//! The same seed, the same course.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::yield_now;
use anyrt_sim::{Builder, Check, Policy, Sim, check_determinism};
use futures::StreamExt;
use futures::channel::mpsc;

const POLICIES: [Policy; 4] = [
    Policy::Random,
    Policy::Fifo,
    Policy::Lifo,
    Policy::Pct { depth: 3 },
];

/// A program with everything in it: tasks, local tasks, closures, sleeps, timeouts, channels, aborts, panics, draws.
async fn everything(sim: Sim) -> Vec<u64> {
    let (sender, mut receiver) = mpsc::channel::<u64>(4);
    for client in 0..6u64 {
        let (rt, mut sender, mut rng) = (sim.clone(), sender.clone(), sim.rng());
        sim.spawn_detached(async move {
            for round in 0..8 {
                rt.sleep(rng.duration(Duration::from_millis(5))).await;
                if rt.chance(0.1) {
                    yield_now().await;
                }
                let value = client * 100 + round;
                if futures::SinkExt::send(&mut sender, value).await.is_err() {
                    return;
                }
            }
        });
    }
    drop(sender);
    let limit = sim.timeout(Duration::from_millis(9), std::future::pending::<()>());
    let local = sim.spawn_local(async move { limit.await.is_err() });
    let closure = sim.spawn_blocking(|| 7);
    let mut stuck = sim.spawn(std::future::pending::<()>());
    let boom = sim.spawn(async { std::panic::resume_unwind(Box::new(1u8)) });

    let mut seen = Vec::new();
    while let Some(value) = receiver.next().await {
        seen.push(value);
        if seen.len() == 10 {
            stuck.abort();
        }
    }
    assert!(local.await.unwrap());
    assert_eq!(closure.await.unwrap(), 7);
    assert!(stuck.await.unwrap_err().is_cancelled());
    let boom: Result<(), _> = boom.await;
    assert!(boom.unwrap_err().is_panic());
    seen
}

fn run(builder: Builder) -> (u64, u64, Duration, Vec<u64>) {
    let rt = builder.build();
    let sim = rt.handle();
    let seen = rt.block_on(everything(sim.clone()));
    (sim.hash(), sim.steps(), sim.elapsed(), seen)
}

#[test]
fn the_same_seed_takes_the_same_course_a_hundred_times() {
    for policy in POLICIES {
        let builder = Sim::builder()
            .seed(42)
            .policy(policy)
            .lateness(Duration::from_millis(1));
        let first = run(builder.clone());
        for _ in 0..100 {
            assert_eq!(run(builder.clone()), first, "{policy}");
        }
    }
}

#[test]
fn another_seed_takes_another_course() {
    for policy in [Policy::Random, Policy::Pct { depth: 3 }] {
        let hashes: BTreeSet<u64> = (0..100)
            .map(|seed| run(Sim::builder().seed(seed).policy(policy)).0)
            .collect();
        assert_eq!(hashes.len(), 100, "{policy}");
    }
}

#[test]
fn the_course_is_the_same_in_every_version() {
    // A change of these numbers breaks every seed that a user wrote down: it takes a line in the changelog. Nothing but this
    // crate and core takes part.
    let course = |policy| {
        let rt = Sim::builder()
            .seed(7)
            .policy(policy)
            .lateness(Duration::from_millis(1))
            .build();
        let sim = rt.handle();
        let mut stuck = sim.spawn(std::future::pending::<()>());
        for _ in 0..10 {
            let (rt, mut rng) = (sim.clone(), sim.rng());
            sim.spawn_detached(async move {
                for _ in 0..10 {
                    rt.sleep(rng.duration(Duration::from_millis(2))).await;
                    yield_now().await;
                }
            });
        }
        rt.block_on(async {
            sim.sleep(Duration::from_millis(5)).await;
            stuck.abort();
            sim.sleep(Duration::from_secs(1)).await;
        });
        sim.hash()
    };
    let courses: Vec<_> = POLICIES.into_iter().map(course).collect();
    assert_eq!(
        courses,
        [
            1_264_240_441_645_878_399,
            6_195_206_950_428_650_033,
            8_806_255_123_605_893_154,
            9_372_028_996_626_657_146,
        ]
    );
}

#[test]
fn the_course_does_not_depend_on_the_thread() {
    let here = run(Sim::builder().seed(3)).0;
    let there = std::thread::spawn(|| run(Sim::builder().seed(3)).0);
    assert_eq!(there.join().unwrap(), here);
}

#[test]
fn a_draw_of_one_purpose_shifts_no_other() {
    let order_of = |draws: usize, chances: usize| {
        let rt = Sim::builder().seed(5).build();
        let sim = rt.handle();
        for _ in 0..draws {
            sim.rng().u64();
        }
        for _ in 0..chances {
            sim.chance(0.5);
        }
        let order = Arc::new(Mutex::new(Vec::new()));
        for n in 0..8 {
            let order = Arc::clone(&order);
            sim.spawn_detached(async move { order.lock().unwrap().push(n) });
        }
        sim.run_until_stalled();
        let order = order.lock().unwrap().clone();
        (order, sim.hash())
    };
    let plain = order_of(0, 0);
    assert_eq!(order_of(1, 0), plain);
    assert_eq!(order_of(0, 3), plain);

    let numbers = |chances: usize| {
        let rt = Sim::builder().seed(5).build();
        for _ in 0..chances {
            rt.handle().chance(0.5);
        }
        rt.handle().rng().u64()
    };
    assert_eq!(numbers(0), numbers(9));
}

#[test]
fn check_determinism_passes_what_is_deterministic() {
    check_determinism(|sim| async move {
        everything(sim).await;
    });
}

#[test]
fn the_first_event_that_differs_is_named() {
    // The order of a `HashMap` is another in every one.
    let divergence = Check::new()
        .compare(0, |sim| async move {
            let map: HashMap<u64, ()> = (0..64).map(|n| (n, ())).collect();
            let order: Vec<u64> = map.into_keys().collect();
            for n in order {
                sim.sleep(Duration::from_nanos(n)).await;
            }
        })
        .unwrap_err();
    let (first, second) = (divergence.first().unwrap(), divergence.second().unwrap());
    assert_ne!(first, second);
    assert_eq!(first.task(), second.task());
    let report = divergence.to_string();
    assert!(report.contains("differ after"), "{report}");
    assert!(report.contains("determinism.rs"), "{report}");
    let duration = report.find("a duration: ").unwrap();
    assert!(
        duration < report.find("an order: ").unwrap(),
        "the times differ: {report}"
    );
}

#[test]
#[should_panic(expected = "two runs under seed")]
fn check_determinism_fails_what_is_not() {
    let runs = std::sync::atomic::AtomicU64::new(0);
    check_determinism(|sim| {
        let run = runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move { sim.sleep(Duration::from_nanos(run)).await }
    });
}

#[test]
fn a_foreign_order_is_the_first_suspect_where_other_tasks_run() {
    // The order of a `HashMap` stands for a `watch` with its random shards.
    let divergence = Check::new()
        .compare(0, |sim| async move {
            let wakers: HashMap<u64, futures::channel::oneshot::Sender<()>> = (0..64)
                .map(|n| {
                    let (send, receive) = futures::channel::oneshot::channel();
                    sim.spawn_detached(async { receive.await.unwrap() });
                    (n, send)
                })
                .collect();
            sim.sleep(Duration::from_secs(1)).await;
            for waker in wakers.into_values() {
                waker.send(()).unwrap();
            }
        })
        .unwrap_err();
    let report = divergence.to_string();
    let order = report.find("an order: ").unwrap();
    assert!(report.contains("tokio::sync::watch"), "{report}");
    assert!(order < report.find("a duration: ").unwrap(), "{report}");
}
