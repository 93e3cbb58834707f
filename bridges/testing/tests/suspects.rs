//! What `check_determinism` says of the two sources of foreign randomness that a raft meets: it names the task, the place where it was
//! spawned, and the source.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyrt_bridge_testing::watched;
use anyrt_core::prelude::*;
use anyrt_core::yield_now;
use anyrt_sim::{Check, Divergence, Sim};
use futures::future::ready;

/// The report, of which each line is looked for as a reader would.
fn report(divergence: &Divergence) -> Vec<String> {
    let text = divergence.to_string();
    println!("{text}");
    text.lines().map(|line| line.trim().to_owned()).collect()
}

/// The lines of the two events that differ.
fn parted(report: &[String]) -> [&str; 2] {
    ["the first run: ", "the second run: "].map(|start| line_after(report, start))
}

fn line_after<'a>(report: &'a [String], start: &str) -> &'a str {
    let line = report.iter().find_map(|line| line.strip_prefix(start));
    line.unwrap_or_else(|| panic!("no line says {start:?}"))
}

/// The first suspect.
fn first_suspect(report: &[String]) -> &str {
    let heading = report.iter().position(|line| line.starts_with("suspects"));
    &report[heading.expect("there are suspects") + 1]
}

/// Both branches are ready, and an unbiased `select!` takes one by a generator of its own.
#[test]
fn an_unbiased_select_is_named() {
    watched(|| {
        let line = AtomicU32::new(0);
        let compared = Check::new().compare(0, async |sim: Sim| {
            let rt = sim.clone();
            let racer = async move {
                for _ in 0..64 {
                    futures::select! {
                        () = ready(()) => {}
                        () = ready(()) => rt.sleep(Duration::from_millis(1)).await,
                    }
                    yield_now().await;
                }
            };
            line.store(line!() + 1, Ordering::Relaxed);
            sim.spawn_named("racer", racer).await.unwrap();
        });
        let report = report(&compared.expect_err("its generator is not the seed's"));
        let place = format!("{}:{}:", file!(), line.into_inner());
        // It is what the racer did that differs, whatever came of that.
        let ran = line_after(&report, "the task that ran then: ");
        assert!(ran.contains("racer"), "{ran}");
        assert!(ran.contains(&place), "{ran} is not from {place}");
        let [first, second] = parted(&report);
        assert_ne!(first, second);
        let suspect = first_suspect(&report);
        assert!(suspect.contains("futures::select!"), "{suspect}");
    });
}

/// Receivers are spread over shards by a generator of the thread, and woken shard by shard.
#[test]
fn a_watch_is_named() {
    watched(|| {
        let compared = Check::new().compare(0, async |sim: Sim| {
            let (sender, receiver) = tokio::sync::watch::channel(0);
            let follow = |number: usize| {
                let mut receiver = receiver.clone();
                let follower = async move { receiver.changed().await.unwrap() };
                sim.spawn_named(&format!("follower {number}"), follower)
            };
            let followers: Vec<_> = (0..32).map(follow).collect();
            sim.sleep(Duration::from_secs(1)).await;
            sender.send(1).unwrap();
            for follower in followers {
                follower.await.unwrap();
            }
        });
        let report = report(&compared.expect_err("its shards are not the seed's"));
        let [first, second] = parted(&report);
        assert_ne!(first, second);
        for event in [first, second] {
            assert!(event.contains("follower "), "{event}");
            assert!(event.contains(file!()), "{event}");
        }
        // The sender woke them.
        let ran = line_after(&report, "the task that ran then: ");
        assert!(ran.contains("root"), "{ran}");
        let suspect = first_suspect(&report);
        assert!(suspect.contains("tokio::sync::watch"), "{suspect}");
    });
}

/// The way out: with `select_biased!` and without shards, a seed decides.
#[test]
fn what_the_report_advises_takes_the_same_course() {
    watched(|| {
        anyrt_sim::check_determinism(|sim| async move {
            let racer = async move {
                for _ in 0..64 {
                    futures::select_biased! {
                        () = ready(()) => {}
                        () = ready(()) => {}
                    }
                    yield_now().await;
                }
            };
            sim.spawn_named("racer", racer).await.unwrap();
        });
    });
}
