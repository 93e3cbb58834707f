//! Every rule that applies, on the simulated network, under many seeds and every policy.
//!
//! `ANYRT_RULE_SEEDS` says how many seeds; 16 unless set. Rules that move megabytes or poll a hundred thousand times have an
//! eighth of them. Rules that use threads are run in `conformance` alone, since no seed
//! decides them.

use std::panic::catch_unwind;

use anyrt_conformance_engine::capability::Owned as NeedsOwned;
use anyrt_conformance_engine::{Backend, Rule};
use anyrt_conformance_net::{Sockets, specification};
use anyrt_core::Config;
use anyrt_sim::{Owned, Policy, Sim};

/// Rules that wait for threads.
const THREADS: [&str; 5] = [
    "net::polled_elsewhere",
    "net::accepted_belongs_home",
    "net::made_inside_another_belongs_home",
    "net::moves_between_runtimes",
    "net::unix_made_elsewhere_belongs_home",
];

/// Rules that take a good part of a second without optimisation.
const LONG: [&str; 7] = [
    "net::backpressure",
    "net::copy_counts",
    "net::dropped_write_all_is_prefix",
    "net::hot_socket_gives_way",
    "net::hot_stream_gives_way",
    "net::receivers_are_bounded",
    "net::waiters_are_bounded",
];

/// It looks at the real file system, in which a simulated host makes no file.
const FILE: &str = "net::unix_file_stays";

fn seeds() -> u64 {
    match std::env::var("ANYRT_RULE_SEEDS") {
        Ok(seeds) => seeds.parse().expect("a number of seeds"),
        Err(_) => 16,
    }
}

/// Runs all rules that apply to a backend, each under every seed.
#[track_caller]
fn hold(backend: &Backend) {
    let policies = [
        Policy::Random,
        Policy::Pct { depth: 3 },
        Policy::Fifo,
        Policy::Lifo,
    ];
    let applies = |rule: &&Rule| {
        let id = rule.id();
        let waits = THREADS.contains(&id.as_str()) || rule.needs.contains(&NeedsOwned);
        rule.missing(backend).is_empty() && !waits && id != FILE
    };
    let specification = specification();
    let rules: Vec<&Rule> = specification.rules.iter().filter(applies).collect();
    assert!(rules.len() > 50, "{} rules apply", rules.len());
    let mut failed = Vec::new();
    for rule in rules {
        let is_long = LONG.contains(&rule.id().as_str());
        let seeds = if is_long {
            seeds().div_ceil(8)
        } else {
            seeds()
        };
        for seed in 0..seeds {
            let policy = policies[seed as usize % policies.len()];
            let builder = Sim::builder().seed(seed).policy(policy);
            let run = || builder.scope(|| rule.run(backend));
            if catch_unwind(std::panic::AssertUnwindSafe(run)).is_err() {
                failed.push(format!("{}, seed {seed}: {}", rule.id(), rule.sentence()));
                break;
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn the_rules_of_send_tasks_hold() {
    hold(&Backend::owned_by_thread::<Owned>("sim", Config::new()).sockets::<Sim>());
}

#[test]
fn the_rules_of_local_tasks_hold() {
    hold(&Backend::local::<Owned>("sim-local", Config::new()).local_sockets::<Sim>());
}

#[cfg(unix)]
mod unix {
    use super::*;

    #[test]
    fn the_rules_of_unix_sockets_hold() {
        let backend = Backend::owned_by_thread::<Owned>("sim", Config::new()).sockets::<Sim>();
        hold(&backend.unix_sockets::<Sim>());
    }
}
