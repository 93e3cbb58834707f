//! How fast a simulation is on this machine: the figures of the README.
//!
//! `cargo run --release -p anyrt-sim --example speed`

use std::pin::pin;
use std::time::{Duration, Instant};

use anyrt_core::prelude::*;
use anyrt_core::yield_now;
use anyrt_sim::{Check, Policy, Sim};

const POLLS: u64 = 2_000_000;
const TASKS: u64 = 100;

fn main() {
    for policy in [Policy::Random, Policy::Fifo, Policy::Pct { depth: 3 }] {
        polls(policy);
    }
    spawns();
    heartbeats();
    seeds();
}

/// Runs `work`, and returns the CPU time of this thread where the system tells it, or else the real time: the figures of a busy
/// machine are then those of an idle one.
fn timed(work: impl FnOnce()) -> Duration {
    let (start, cpu) = (Instant::now(), cpu_time());
    work();
    match (cpu, cpu_time()) {
        (Some(before), Some(after)) => after - before,
        _ => start.elapsed(),
    }
}

fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

/// Tasks that do nothing but yield.
fn polls(policy: Policy) {
    let rt = Sim::builder().policy(policy).build();
    let sim = rt.handle();
    for _ in 0..TASKS {
        sim.spawn_detached(async {
            for _ in 0..POLLS / TASKS {
                yield_now().await;
            }
        });
    }
    let took = timed(|| sim.run_until_stalled());
    let rate = sim.steps() as f64 / took.as_secs_f64() / 1e6;
    println!("{policy}: {rate:.1} million polls per second, {TASKS} tasks that yield");
}

fn spawns() {
    const SPAWNS: u32 = 200_000;
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let took = timed(|| {
        rt.block_on(async {
            for n in 0..SPAWNS {
                assert_eq!(sim.spawn(async move { n }).await.ok(), Some(n));
            }
        });
    });
    println!("{:?} to spawn, run and join a task", took / SPAWNS);
}

fn heartbeats() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let took = timed(|| {
        rt.block_on(async {
            let hour = Duration::from_secs(3600);
            let mut interval = pin!(sim.interval(Duration::from_millis(100)));
            while sim.elapsed() < hour {
                interval.as_mut().tick().await;
            }
        });
    });
    println!("{took:?} for a virtual hour of ten heartbeats a second");
}

/// 1000 seeds of 100 tasks that sleep 100 times each.
fn seeds() {
    let took = timed(|| {
        let check = Check::new().iterations(1000).threads(1);
        let failure = check.find_failure(|sim| async move {
            let tasks: Vec<_> = (0..100)
                .map(|_| {
                    let (rt, mut rng) = (sim.clone(), sim.rng());
                    sim.spawn(async move {
                        for _ in 0..100 {
                            rt.sleep(rng.duration(Duration::from_secs(1))).await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("it only sleeps");
            }
        });
        assert!(failure.is_none());
    });
    println!("{took:?} for 1000 seeds of 100 tasks with 100 sleeps each, on one thread");
}
