//! The server and its users in one process and on one thread, over a simulated network.

use std::time::Duration;

use anyrt_chat::simulate;

#[test]
fn everybody_hears_everything_under_every_seed() {
    for seed in 0..8 {
        let run = simulate(100, 2, seed).unwrap();
        assert_eq!(
            (run.heard, run.expected),
            (100 * 2 * 10, 100 * 2 * 10),
            "seed {seed}"
        );
        assert_eq!(run.byes, 100, "seed {seed}");
        // There and back takes 1 ms at least.
        assert!(run.p50 >= Duration::from_millis(1), "seed {seed}: {run:?}");
    }
}

#[test]
fn a_seed_repeats_itself() {
    assert_eq!(simulate(50, 2, 7).unwrap(), simulate(50, 2, 7).unwrap());
}
