use anyrt_sim::{Check, Failure, Sim, Survey};

use super::storm;
use crate::log::Bug;

/// Looks for a bug, or for one that nobody planted.
pub fn find(bug: Option<Bug>, first_seed: u64, seeds: u64) -> Option<Failure> {
    check(bug, seeds)
        .first_seed(first_seed)
        .find_failure(|sim| storm(sim, bug))
}

/// Runs one seed as the variables of the simulation say, which look for a shorter run or replay one, say. Panics with the report.
pub fn replay(bug: Option<Bug>, seed: u64) {
    check(bug, 1).first_seed(seed).run(|sim| storm(sim, bug));
}

/// Counts the seeds that show a bug, from 0 on.
pub fn survey(bug: Option<Bug>, seeds: u64) -> Survey {
    check(bug, seeds).survey(|sim| storm(sim, bug))
}

fn check(bug: Option<Bug>, seeds: u64) -> Check {
    let name = bug.map_or("none", Bug::name);
    let replay = format!("cargo run --release -p anyrt-replicated-log -- replay {name} {{seed}}");
    let builder = Sim::builder().task_panics_fail(true).print_reports(false);
    Check::new()
        .builder(builder)
        .iterations(seeds)
        .threads(1)
        .replay_line(replay)
}
