//! Equal seeds, equal courses: in one process and in others.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyrt_core::BlockOn;
use anyrt_sim::{Policy, Sim};

use crate::watchdog::progress;

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
    let hash = |seed| {
        let hash = hash(seed, &system);
        progress();
        hash
    };
    if env::var_os(CHILD).is_some() {
        for seed in seeds {
            println!("hash {seed} {:016x}", hash(seed));
        }
        return;
    }
    let begun = Instant::now();
    let here: Vec<_> = seeds.clone().map(|seed| (seed, hash(seed))).collect();
    for &(seed, first) in &here {
        if hash(seed) != first {
            let check = anyrt_sim::Check::new().builder(builder(seed));
            match check.compare(seed, &system) {
                Err(divergence) => panic!("seed {seed} takes another course: {divergence}"),
                Ok(()) => panic!("seed {seed} takes another course the second time"),
            }
        }
    }
    for process in 1..=PROCESSES {
        let there = elsewhere(test);
        let other = here.iter().filter(|one| !there.contains(one));
        let other: Vec<_> = other.map(|(seed, _)| seed).collect();
        assert!(
            other.is_empty(),
            "seeds {other:?} take another course in process {process} of {PROCESSES}"
        );
    }
    let mut distinct: Vec<_> = here.iter().map(|(_, hash)| hash).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), here.len(), "seeds take the same course");
    // `checks/determinism` reads it.
    println!(
        "replayed: {} seeds, {} runs of each, {PROCESSES} of them in other processes, equal hashes, {:.0} s",
        here.len(),
        2 + PROCESSES,
        begun.elapsed().as_secs_f64()
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

/// The hashes of another process, which makes progress with each of them.
///
/// # Panics
///
/// When that process fails, with what it said.
fn elsewhere(test: &str) -> Vec<(u64, u64)> {
    let program = env::current_exe().expect("the test has a program");
    let mut child = Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program of the test starts");
    let mut stderr = child.stderr.take().expect("it is a pipe");
    // Beside this thread, so that no pipe fills up.
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = stderr.read_to_end(&mut said);
        said
    });
    let mut hashes = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("it is a pipe")).lines() {
        let line = line.expect("the pipe is read");
        if let Some(hash) = line.split_once("hash ").and_then(|(_, hash)| parse(hash)) {
            hashes.push(hash);
            progress();
        }
    }
    let status = child.wait().expect("it ends");
    let said = said.join().expect("nothing panics in it");
    let said = String::from_utf8_lossy(&said);
    assert!(status.success(), "another process failed, {status}: {said}");
    hashes
}

fn parse(hash: &str) -> Option<(u64, u64)> {
    let (seed, hash) = hash.split_once(' ')?;
    let hash = u64::from_str_radix(hash, 16).ok()?;
    Some((seed.parse().ok()?, hash))
}
