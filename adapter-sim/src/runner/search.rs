use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyrt_core::Instant;

use crate::Failure;
use crate::report::count::Count;
use crate::runner::coverage::{Courses, Coverage};
use crate::runner::seed::Ran;

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
    /// The failures of other processes.
    elsewhere: Mutex<BTreeMap<u64, Elsewhere>>,
    courses: Mutex<Courses>,
    steps: AtomicU64,
    virtual_nanos: AtomicU64,
    passed: AtomicU64,
    start: Instant,
    shown: Mutex<Instant>,
    progress: bool,
}

/// How a seed failed in another process.
pub(crate) enum Elsewhere {
    Failed {
        course: u64,
        text: String,
    },
    /// The process ended; how.
    Died(String),
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
            elsewhere: Mutex::default(),
            courses: Mutex::default(),
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

    /// The lowest seed that failed so far.
    pub(crate) fn lowest(&self) -> u64 {
        self.lowest.load(Ordering::Relaxed)
    }

    /// How many seeds passed so far.
    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// How many different courses there were so far.
    pub(crate) fn coverage(&self) -> Coverage {
        self.courses().coverage(self.seeds.start)
    }

    /// Counts a run, and keeps its failure.
    pub(crate) fn ran(&self, ran: Ran) {
        match ran.failure {
            None => self.count_passed(
                ran.seed,
                ran.steps,
                ran.virtual_nanos,
                ran.course,
                ran.order,
            ),
            Some(failure) => {
                self.courses().add(ran.seed, ran.course, ran.order);
                self.found(failure);
            }
        }
    }

    fn courses(&self) -> MutexGuard<'_, Courses> {
        self.courses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn found(&self, failure: Failure) {
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

    /// Keeps what failed in another process.
    pub(crate) fn failed_elsewhere(&self, seed: u64, how: Elsewhere) {
        self.lowest.fetch_min(seed, Ordering::Relaxed);
        let elsewhere = self.elsewhere.lock();
        elsewhere
            .unwrap_or_else(PoisonError::into_inner)
            .insert(seed, how);
    }

    /// The lowest seed that failed in another process, and how.
    pub(crate) fn take_elsewhere(&self) -> Option<(u64, Elsewhere)> {
        let elsewhere = self.elsewhere.lock();
        elsewhere
            .unwrap_or_else(PoisonError::into_inner)
            .pop_first()
    }

    /// Counts a seed that passed, here or in another process, and shows progress.
    pub(crate) fn count_passed(
        &self,
        seed: u64,
        steps: u64,
        virtual_nanos: u64,
        course: u64,
        order: u64,
    ) {
        self.courses().add(seed, course, order);
        self.steps.fetch_add(steps, Ordering::Relaxed);
        self.virtual_nanos
            .fetch_add(virtual_nanos, Ordering::Relaxed);
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
        write!(
            f,
            "{} passed ({}, {:?} of virtual time, {:.1?})",
            Count(self.passed(), "seed"),
            Count(self.steps.load(Ordering::Relaxed), "step"),
            Duration::from_nanos(self.virtual_nanos.load(Ordering::Relaxed)),
            self.start.elapsed()
        )
    }
}
