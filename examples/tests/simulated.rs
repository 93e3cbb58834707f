//! The retries and time limits of `treehash` in virtual time, under 64 seeds each.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_examples::treehash::{Backoff, Source, TreeHash};
use anyrt_sim::{Check, Sim, check};

const MINUTE: Duration = Duration::from_secs(60);

/// Checks with polls and readings of the clock that take no time, so that times add up to the nanosecond.
fn check_exactly<T, F>(test: T)
where
    T: Fn(Sim) -> F + Sync,
    F: Future<Output = ()>,
{
    let builder = Sim::builder().poll_cost(Duration::ZERO).strict_now(false);
    Check::new().builder(builder).run(test);
}

/// A folder with files in it: a part of the source.
fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/planted"))
}

fn files() -> usize {
    std::fs::read_dir(folder()).unwrap().count()
}

/// Fails the first `failures` attempts at each file.
fn flaky(failures: usize) -> impl Source {
    let attempts: Mutex<BTreeMap<PathBuf, usize>> = Mutex::default();
    move |path: &Path| {
        let mut attempts = attempts.lock().unwrap();
        let attempt = attempts.entry(path.to_owned()).or_default();
        *attempt += 1;
        if *attempt > failures {
            Ok(&b"at last"[..])
        } else {
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
    }
}

#[test]
fn the_pauses_double_up_to_the_longest_to_the_nanosecond() {
    check_exactly(|sim| async move {
        let report = TreeHash::new(sim.clone())
            .source(flaky(5))
            .backoff(Backoff::new(5, 10 * MINUTE).at_most(30 * MINUTE))
            .progress_every(MINUTE)
            .hash(folder())
            .await
            .unwrap();
        assert_eq!(report.files().len(), files());
        // Four at a time, and each takes pauses of 10, 20, 30, 30 and 30 minutes.
        let rounds = u32::try_from(files().div_ceil(4)).unwrap();
        assert_eq!(report.elapsed(), rounds * 120 * MINUTE);
        assert_eq!(sim.elapsed(), report.elapsed());
    });
}

#[test]
fn a_file_is_given_up_after_its_attempts() {
    check(|sim| async move {
        let report = TreeHash::new(sim)
            .source(flaky(3))
            .backoff(Backoff::new(2, MINUTE))
            .progress_every(MINUTE)
            .hash(folder())
            .await
            .unwrap();
        assert_eq!(report.errors().len(), files());
        assert!(report.errors().iter().all(|error| error.attempts() == 3));
    });
}

#[test]
fn a_slow_file_meets_its_limit_and_holds_nobody_up() {
    check_exactly(|sim| async move {
        // A closure that takes an hour: what it blocks for is virtual time, in which the others go on.
        let disk = sim.clone();
        let source = move |path: &Path| {
            if path.ends_with("ledger.rs") {
                disk.advance(60 * MINUTE);
            }
            Ok(&b"here"[..])
        };
        let hasher = TreeHash::new(sim.clone())
            .source(source)
            .file_timeout(MINUTE);
        // In a task of its own, which can go on while a closure blocks; the root cannot.
        let report = sim.spawn(async move { hasher.hash(folder()).await.unwrap() });
        let report = report.await.unwrap();
        assert_eq!(report.files().len(), files() - 1);
        let [error] = report.errors() else {
            panic!("{:?}", report.errors());
        };
        assert_eq!(error.cause().kind(), io::ErrorKind::TimedOut);
        assert_eq!(report.elapsed(), MINUTE);
    });
}

#[test]
fn a_stop_ends_a_pause_at_once() {
    check_exactly(|sim| async move {
        let seen = Arc::new(Mutex::new(0));
        let report = TreeHash::new(sim.clone())
            .source(flaky(1))
            .backoff(Backoff::new(1, 600 * MINUTE).at_most(600 * MINUTE))
            .progress_every(MINUTE)
            .hash_until(folder(), sim.sleep(90 * MINUTE), |_| {
                *seen.lock().unwrap() += 1
            })
            .await
            .unwrap();
        assert!(report.is_stopped());
        assert_eq!(report.elapsed(), 90 * MINUTE);
        let seen = *seen.lock().unwrap();
        assert!((89..=91).contains(&seen), "{seen} reports in 90 minutes");
    });
}
