//! The rule.

use std::env;
use std::time::{Duration, SystemTime};

use crate::kit::scaled;
use crate::run::fitting;
use crate::{Backend, Program, capability, compare, rust_code};
use anyrt_conformance_engine::rules;

/// How long one program may take.
const LIMIT: Duration = Duration::from_secs(5);

/// The environment variable with the seed of the one program that the rule is to run.
const SEED_VARIABLE: &str = "ANYRT_CONFORMANCE_SEED";

/// Runs the programs of `seeds` from `first` on, each on a runtime of its own.
fn agree(backend: &Backend, first: u64, seeds: usize) {
    for seed in first..first + seeds as u64 {
        let differences = compare(&Program::random(seed), backend, LIMIT);
        assert!(
            differences.is_empty(),
            "seed {seed}: {}; with {SEED_VARIABLE}={seed} this rule runs that program alone and prints it",
            differences.join("; ")
        );
    }
}

/// Runs the program of one seed, and shows it where it differs.
fn agree_on_one(backend: &Backend, seed: u64) {
    let program = Program::random(seed);
    let differences = compare(&program, backend, LIMIT);
    assert!(
        differences.is_empty(),
        "seed {seed}: {}\n{}",
        differences.join("; "),
        rust_code(&fitting(&program, backend), backend.has(capability::Local))
    );
}

rules! { differential

/// Random programs of tasks, sleeps, closures, panics, joins and aborts give what the model allows: the same forty in each run, and
/// ten that nobody has run before.
///
/// Intent: each rule tries one thing at a time; this tries them together, the same way on every backend.
///
/// If this fails, set the variable that its message ends with, and the program is printed as code; for the backends of this
/// repository, `conformance differential --backend KEY --seed SEED --iterations 1` makes it small first.
Must fn random_programs_agree(rt: Any + SystemThreads) {
    if let Ok(seed) = env::var(SEED_VARIABLE) {
        let seed = seed.parse().unwrap_or_else(|_| panic!("{SEED_VARIABLE}={seed} is no number"));
        agree_on_one(rt.backend(), seed);
        format!("seed {seed} alone")
    } else {
        agree(rt.backend(), 0, scaled(40));
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        // Far from the fixed ones, and printable.
        let first = 1_000_000 + now.map_or(0, |it| u64::from(it.subsec_nanos()));
        agree(rt.backend(), first, scaled(10));
        format!("and the seeds from {first} on")
    }
}

}
