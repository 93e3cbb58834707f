//! openraft on five hosts of a simulation, with its log on their disks: elections, members that come and go, a leader that is cut
//! off, snapshots, crashes. What must hold is checked at every step, and a seed takes the same course in every process.
#![cfg(not(feature = "single-threaded"))]

mod checks;
mod cluster;
mod machine;
mod node;
mod store;
mod types;
mod wire;

use std::time::{Duration, Instant};

use anyrt_bridge_testing::{repeats, replays, watched};
use anyrt_sim::{Check, Replay, Sim};

use cluster::{course, elections};

fn check() -> Check {
    let builder = Sim::builder()
        .task_panics_fail(true)
        .time_limit(Duration::from_secs(3600));
    Check::new().builder(builder)
}

#[test]
fn a_cluster_keeps_what_it_promises() {
    check().iterations(20).run(|sim| course(sim, true));
}

#[test]
fn a_seed_takes_the_same_course_everywhere() {
    watched(|| {
        let seeds = 0..repeats(2, 100) as u64;
        let course = async |sim| course(sim, true).await.expect("runs");
        replays("a_seed_takes_the_same_course_everywhere", seeds, course);
    });
}

/// Nodes that give a vote before it is on the disk: one that crashes afterwards votes again.
#[test]
fn a_vote_that_is_not_synced_is_found() {
    let begun = Instant::now();
    let check = check().iterations(1000);
    let failure = check.find_failure(|sim| elections(sim, false));
    let failure = failure.expect("is found within 1000 seeds");
    eprintln!(
        "seed {} after {:?}: {failure}",
        failure.seed(),
        begun.elapsed()
    );
    // With debug assertions, openraft sees the leader before it has a follower.
    let found = ["two leaders in term", "must GE last_leader_log_ids"];
    assert!(
        found.iter().any(|found| failure.message().contains(found)),
        "{failure}"
    );
    assert_eq!(failure.replay(), Some(Replay::Same));
}

/// The same course without the bug, so that it is the bug that is found.
#[test]
fn a_vote_that_is_synced_is_given_once() {
    check().iterations(10).run(|sim| elections(sim, true));
}
