//! What the simulation promises: it finds nothing in the log as it is, and each planted bug at the seed that `seeds.txt` has.

use anyrt_replicated_log::log::Bug;
use anyrt_replicated_log::{recorded_seed, simulated};

#[test]
fn the_log_as_it_is_keeps_its_promises() {
    let failure = simulated::find(None, 0, 100);
    assert!(failure.is_none(), "{}", failure.unwrap());
}

#[test]
fn every_planted_bug_is_found_at_its_seed_and_again() {
    for bug in Bug::ALL {
        let seed = recorded_seed(bug);
        let find = || simulated::find(Some(bug), seed, 1);
        let first = find().unwrap_or_else(|| {
            panic!("seed {seed} does not show {bug} any more; `cargo run --release -p anyrt-replicated-log -- seeds` looks for others")
        });
        let second = find().expect("a seed repeats itself");
        assert_eq!(
            first.to_string(),
            second.to_string(),
            "the reports of {bug} differ"
        );
        assert!(
            simulated::find(None, seed, 1).is_none(),
            "seed {seed} fails without {bug}"
        );
    }
}
