//! Equal seeds, equal courses: in one process and in others.

use std::env;
use std::ops::Range;
use std::process::Command;

use anyrt_core::BlockOn;
use anyrt_sim::{Policy, Sim};

/// Asks a process of the test for its hashes.
const CHILD: &str = "ANYRT_BRIDGES_PRINT_HASHES";

/// How many further processes run each seed.
const PROCESSES: usize = 3;

/// Runs `system` under each seed twice in this process and once in each of three others, and fails unless a seed takes the same
/// course each time and another one than its neighbours.
///
/// `test` is the path of the calling test, with which the others are started.
///
/// # Panics
///
/// When two runs of a seed differ, with the first event that does if both ran in this process.
pub fn replays<F: Future<Output = ()>>(test: &str, seeds: Range<u64>, system: impl Fn(Sim) -> F) {
    let hash = |seed| hash(seed, &system);
    if env::var_os(CHILD).is_some() {
        for seed in seeds {
            println!("hash {seed} {:016x}", hash(seed));
        }
        return;
    }
    let here: Vec<_> = seeds.clone().map(hash).collect();
    for (seed, first) in seeds.clone().zip(&here) {
        if hash(seed) != *first {
            let check = anyrt_sim::Check::new().builder(builder(seed));
            match check.compare(seed, &system) {
                Err(divergence) => panic!("seed {seed} takes another course: {divergence}"),
                Ok(()) => panic!("seed {seed} takes another course the second time"),
            }
        }
    }
    let expected: Vec<_> = seeds
        .clone()
        .zip(&here)
        .map(|(seed, hash)| format!("{seed} {hash:016x}"))
        .collect();
    for _ in 0..PROCESSES {
        assert_eq!(elsewhere(test), expected, "another process, another course");
    }
    let mut distinct = here.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), here.len(), "seeds take the same course");
    eprintln!(
        "{test}: {} seeds, {} runs of each, equal hashes",
        here.len(),
        2 + PROCESSES
    );
}

fn builder(seed: u64) -> anyrt_sim::Builder {
    Sim::builder().seed(seed).policy(match seed % 2 {
        0 => Policy::Random,
        _ => Policy::Pct { depth: 3 },
    })
}

fn hash<F: Future<Output = ()>>(seed: u64, system: impl Fn(Sim) -> F) -> u64 {
    use anyrt_core::Launch as _;
    let rt = builder(seed).build();
    let sim = rt.handle();
    rt.block_on(system(sim.clone()));
    sim.hash()
}

/// The hashes of another process.
fn elsewhere(test: &str) -> Vec<String> {
    let program = env::current_exe().expect("the test has a program");
    let output = Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, "1")
        .output()
        .expect("the program of the test starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let hashes = text.lines().filter_map(|line| line.split_once("hash "));
    hashes.map(|(_, hash)| hash.to_owned()).collect()
}
