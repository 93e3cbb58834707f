//! The rule.

use std::time::{Duration, SystemTime};

use crate::kit::scaled;
use crate::{Program, compare};
use anyrt_conformance_engine::rules;

/// How long one program may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Runs the programs of `seeds` from `first` on, each on a runtime of its own.
fn agree(backend: &crate::Backend, first: u64, seeds: usize) {
    for seed in first..first + seeds as u64 {
        let differences = compare(&Program::random(seed), backend, LIMIT);
        assert!(
            differences.is_empty(),
            "seed {seed}: {}; replay it with `conformance differential --backend {} --seed {seed} --iterations 1`",
            differences.join("; "),
            backend.key()
        );
    }
}

rules! { differential

/// Random programs of tasks, sleeps, closures, panics, joins and aborts give what the model allows: the same forty in each run, and
/// ten that nobody has run before.
///
/// Intent: each rule tries one thing at a time; this tries them together, the same way on every backend.
///
/// If this fails, run the line that its message ends with: it makes the program small and prints it as code.
Must fn random_programs_agree(rt: Any + SystemThreads) {
    agree(rt.backend(), 0, scaled(40));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // Far from the fixed ones, and printable.
    let first = 1_000_000 + now.map_or(0, |it| u64::from(it.subsec_nanos()));
    agree(rt.backend(), first, scaled(10));
    format!("and the seeds from {first} on")
}

}
