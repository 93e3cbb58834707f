//! Every rule that applies, on the simulated network, under many seeds.
//!
//! `ANYRT_SIM_RULE_SEEDS` says how many; 8 unless set.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::time::Duration;

use anyrt_conformance_net::Rule;
use anyrt_conformance_net::kit::{Fresh, Local, Owner, Shared};
use anyrt_conformance_net::rules;
use anyrt_core::{BlockOn, Launch};
use anyrt_net::AnyNet;
use anyrt_sim::{Builder, Owned, Policy, Sim};

/// Rules that say nothing about a simulated network, and why.
const NOT_APPLICABLE: [(&str, &str); 2] = [
    (
        "unix_file_stays",
        "it looks at the real file system, in which a simulated host makes no file",
    ),
    (
        "shutdown_drops_sockets",
        "it connects two runtimes, and two simulations have two networks",
    ),
];

/// Rules that use threads, which no seed can replay.
const THREADS: [&str; 4] = [
    "polled_elsewhere",
    "accepted_belongs_home",
    "moves_between_runtimes",
    "shutdown_never_hangs",
];

fn seeds() -> u64 {
    match std::env::var("ANYRT_SIM_RULE_SEEDS") {
        Ok(seeds) => seeds.parse().expect("a number of seeds"),
        Err(_) => 8,
    }
}

fn builder(seed: u64) -> Builder {
    let policies = [
        Policy::Random,
        Policy::Pct { depth: 3 },
        Policy::Fifo,
        Policy::Lifo,
    ];
    let policy = policies[seed as usize % policies.len()];
    Sim::builder()
        .seed(seed)
        .policy(policy)
        .print_reports(false)
}

fn threaded(seed: u64) -> Builder {
    // Real time passes, so that threads have some.
    builder(seed).allow_external().pace(20)
}

struct Simulation(Owned);

impl Owner for Simulation {
    fn drive(&self, future: Pin<&mut dyn Future<Output = ()>>) {
        self.0.block_on(future);
    }

    fn shutdown(self: Box<Self>) {
        self.0.shutdown(Duration::ZERO);
    }
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation").finish_non_exhaustive()
    }
}

fn fresh() -> Fresh<Sim> {
    let owner = threaded(0).build();
    Fresh {
        rt: owner.handle(),
        owner: Box::new(Simulation(owner)),
    }
}

/// Runs rules under seeds, and returns what failed.
fn run<P>(rules: Vec<Rule<P>>, place: impl Fn(Sim) -> P) -> Vec<String> {
    let mut failures = Vec::new();
    for rule in rules {
        if NOT_APPLICABLE.iter().any(|(name, _)| *name == rule.name()) {
            continue;
        }
        let uses_threads = THREADS.contains(&rule.name());
        let seeds = if uses_threads { 1 } else { seeds() };
        for seed in 0..seeds {
            let builder = if uses_threads {
                threaded(seed)
            } else {
                builder(seed)
            };
            let owner = builder.build();
            let future = rule.run(place(owner.handle()));
            let result = catch_unwind(AssertUnwindSafe(|| owner.try_block_on(future)));
            let failure = match result {
                Ok(Ok(())) => continue,
                Ok(Err(failure)) => failure.to_string(),
                Err(payload) => match payload.downcast::<String>() {
                    Ok(text) => *text,
                    Err(payload) => format!("{:?}", payload.downcast_ref::<&str>()),
                },
            };
            let (id, sentence) = (rule.id(), rule.sentence());
            failures.push(format!("{id}, seed {seed}: {sentence}\n{failure}"));
            break;
        }
    }
    failures
}

#[track_caller]
fn report(failures: &[String]) {
    assert!(
        failures.is_empty(),
        "{} rules failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn the_rules_of_send_tasks_hold() {
    let place = |sim| Shared::with_fresh(sim, fresh);
    report(&run(rules::shared(), place));
}

#[test]
fn the_rules_of_local_tasks_hold() {
    report(&run(rules::local(), Local::new));
}

#[test]
fn the_rules_hold_without_the_type() {
    report(&run(rules::shared(), |sim| Shared::new(AnyNet::new(sim))));
}

#[cfg(unix)]
#[test]
fn the_rules_of_unix_sockets_hold() {
    report(&run(rules::unix(), Shared::new));
}

#[test]
fn the_rules_hold_between_the_sockets_of_one_host() {
    let place = |sim: Sim| Shared::new(sim.host("10.0.0.1").handle());
    report(&run(rules::shared(), place));
}
