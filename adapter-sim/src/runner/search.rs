use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyrt_core::Instant;

use crate::settings::nanos;
use crate::{Failure, Sim};

/// How often progress is shown.
const PROGRESS: Duration = Duration::from_secs(1);

/// The seeds of a check, shared by the threads that run them.
///
/// They are handed out from the lowest on. A search for the first failure hands out none above one that failed: so the lowest
/// that fails is always run, and the answer does not depend on the threads. A survey hands out all.
pub(crate) struct Search {
    pub(crate) seeds: Range<u64>,
    next: AtomicU64,
    lowest: AtomicU64,
    survey: bool,
    /// By message: how many seeds failed with it, and the lowest of them.
    found: Mutex<BTreeMap<String, (u64, Failure)>>,
    steps: AtomicU64,
    virtual_nanos: AtomicU64,
    passed: AtomicU64,
    start: Instant,
    shown: Mutex<Instant>,
    progress: bool,
}

impl Search {
    pub(crate) fn new(seeds: Range<u64>, survey: bool, progress: bool) -> Self {
        // Real time: it is only shown.
        let now = Instant::now();
        Self {
            next: AtomicU64::new(seeds.start),
            seeds,
            lowest: AtomicU64::new(u64::MAX),
            survey,
            found: Mutex::default(),
            steps: AtomicU64::new(0),
            virtual_nanos: AtomicU64::new(0),
            passed: AtomicU64::new(0),
            start: now,
            shown: Mutex::new(now),
            progress,
        }
    }

    pub(crate) fn next(&self) -> Option<u64> {
        let seed = self.next.fetch_add(1, Ordering::Relaxed);
        let wanted = seed < self.seeds.end && seed < self.lowest.load(Ordering::Relaxed);
        wanted.then_some(seed)
    }

    pub(crate) fn found(&self, failure: Failure) {
        if !self.survey {
            self.lowest.fetch_min(failure.seed(), Ordering::Relaxed);
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        match found.get_mut(failure.message()) {
            None => {
                found.insert(failure.message().to_owned(), (1, failure));
            }
            Some((count, first)) => {
                *count += 1;
                if failure.seed() < first.seed() {
                    *first = failure;
                }
            }
        }
    }

    /// How many seeds passed so far.
    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// Counts a run, and shows progress.
    pub(crate) fn count(&self, sim: &Sim, passed: bool) {
        if !passed {
            return;
        }
        self.steps.fetch_add(sim.steps(), Ordering::Relaxed);
        let nanos = nanos(sim.elapsed());
        self.virtual_nanos.fetch_add(nanos, Ordering::Relaxed);
        self.passed.fetch_add(1, Ordering::Relaxed);
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if self.progress && shown.elapsed() >= PROGRESS {
            *shown = Instant::now();
            let seeds = self.seeds.end - self.seeds.start;
            let thread = std::thread::current();
            let test = thread.name().unwrap_or("a check");
            // Past the test harness, which would keep it until the test has ended. Progress that nobody can see is no failure.
            let _ = writeln!(std::io::stderr(), "anyrt-sim: {test}: {self}, of {seeds}");
        }
    }

    /// The failures by their messages, those of the lowest seeds first: how many, and the first.
    pub(crate) fn into_failures(self) -> Vec<(u64, Failure)> {
        let found = self.found.into_inner();
        let found = found.unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = found.into_values().collect();
        all.sort_by_key(|(_, first)| first.seed());
        all
    }
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passed = self.passed();
        write!(
            f,
            "{passed} {} passed ({} steps, {:?} of virtual time, {:.1?})",
            if passed == 1 { "seed" } else { "seeds" },
            self.steps.load(Ordering::Relaxed),
            Duration::from_nanos(self.virtual_nanos.load(Ordering::Relaxed)),
            self.start.elapsed()
        )
    }
}
