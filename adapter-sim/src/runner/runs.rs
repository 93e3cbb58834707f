//! How a check runs its seeds.

use std::future::Future;
use std::ops::Range;
use std::panic::Location;
use std::thread;

use crate::report::divergence::Divergence;
use crate::report::trace::Log;
use crate::runner::check::{Check, SWEPT};
use crate::runner::env::Variables;
use crate::runner::processes::{self, Role};
use crate::runner::search::Search;
use crate::runner::seed::run_seed;
use crate::runner::survey::Survey;
use crate::settings::nanos;
use crate::{Builder, Failure, Outcome, Sim};

impl Check {
    /// Runs `test` under each seed. See [`check`](crate::check()).
    ///
    /// # Panics
    ///
    /// When a seed fails, with its report, when a variable of the environment has a value that is not permitted, before any seed is run, and when there is no seed to run.
    ///
    /// # Examples
    ///
    /// ```should_panic
    /// use anyrt_sim::Check;
    ///
    /// Check::new().run(|_| async { assert!(1 > 2) });
    /// ```
    #[track_caller]
    pub fn run<T, F>(&self, test: T)
    where
        T: Fn(Sim) -> F + Sync,
        F: Future<Output: Outcome>,
    {
        let location = self.located(Location::caller());
        let call = processes::next_call();
        let variables = Variables::read();
        match processes::role(variables.part.as_ref(), call, location) {
            Role::Parent => {}
            Role::Child(seeds) => processes::work(seeds, |seed| {
                run_seed(&self.builder_of(seed), &test, location, false)
            }),
            Role::Other => return,
        }
        let seeds = match (variables.seed, variables.iterations) {
            (Some(seed), _) => self.seeds(seed, 1),
            (None, iterations) => {
                self.seeds(self.first_seed, iterations.unwrap_or(self.iterations))
            }
        };
        let is_one = seeds.end - seeds.start == 1;
        assert!(
            variables.kept.is_none() || is_one,
            "the environment variable ANYRT_SIM_KEEP is set without ANYRT_SIM_SEED, and it is about one seed"
        );
        let check = self.clone().with_kept(variables.kept);
        let search = Search::new(seeds, false, true);
        match variables.processes.or(self.processes) {
            Some(processes) if processes > 1 && !is_one => {
                if let Err(error) = processes::search(&search, processes, call, location) {
                    panic!("anyrt-sim: {error}");
                }
            }
            _ => {
                let threads = variables.threads.or(self.threads);
                check.search(&search, threads, &test, location);
            }
        }
        let (summary, coverage, passed) = (search.to_string(), search.coverage(), search.passed());
        let elsewhere = search.take_elsewhere();
        let failure = match elsewhere {
            None => check.first_failure(search, &test, location),
            Some((seed, how)) => Some(check.failure_elsewhere(seed, how, &test, location)),
        };
        match failure {
            None => eprintln!("anyrt-sim: {summary}: {coverage}"),
            Some(failure) => {
                let failure = check.shorter(failure, variables.shrink, &test, location);
                if let Some(file) = &variables.page {
                    write_page(&failure, file);
                }
                let others = and_passed(passed);
                panic!(
                    "anyrt-sim: seed {} failed{others}: {failure}",
                    failure.seed()
                )
            }
        }
    }

    /// Runs `test` under each seed, and returns the report of the lowest that fails. No variable of the environment has a say.
    ///
    /// # Panics
    ///
    /// When there is no seed to run.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Spawn;
    /// use anyrt_sim::Check;
    ///
    /// let failure = Check::new().find_failure(|sim| async move {
    ///     let (order, log) = std::sync::mpsc::channel();
    ///     for name in ["first", "second"] {
    ///         let order = order.clone();
    ///         sim.spawn_detached(async move { order.send(name).unwrap() });
    ///     }
    ///     sim.run_until_stalled();
    ///     assert_eq!(log.recv(), Ok("first"), "nobody promised that");
    /// });
    /// assert!(failure.unwrap().message().contains("nobody promised that"));
    /// ```
    #[track_caller]
    pub fn find_failure<T, F>(&self, test: T) -> Option<Failure>
    where
        T: Fn(Sim) -> F + Sync,
        F: Future<Output: Outcome>,
    {
        let location = self.located(Location::caller());
        let seeds = self.seeds(self.first_seed, self.iterations);
        let search = Search::new(seeds, false, false);
        self.search(&search, self.threads, &test, location);
        let failure = self.first_failure(search, &test, location)?;
        Some(self.shorter(failure, None, &test, location))
    }

    /// Runs `test` under every seed, whether others failed or not, and returns how many failed, by their messages. No variable
    /// of the environment has a say.
    ///
    /// # Panics
    ///
    /// When there is no seed to run.
    ///
    /// # Examples
    ///
    /// How often is this order seen?
    ///
    /// ```
    /// use std::sync::mpsc::channel;
    /// use anyrt_core::Spawn;
    /// use anyrt_sim::Check;
    ///
    /// let survey = Check::new().iterations(200).survey(|sim| async move {
    ///     let (order, log) = channel();
    ///     for name in ["first", "second"] {
    ///         let order = order.clone();
    ///         sim.spawn_detached(async move { order.send(name).unwrap() });
    ///     }
    ///     sim.run_until_stalled();
    ///     assert_eq!(log.recv(), Ok("first"));
    /// });
    /// assert!((50..150).contains(&survey.failed()), "{survey}");
    /// assert_eq!(survey.groups().len(), 1);
    /// ```
    #[track_caller]
    pub fn survey<T, F>(&self, test: T) -> Survey
    where
        T: Fn(Sim) -> F + Sync,
        F: Future<Output: Outcome>,
    {
        let location = self.located(Location::caller());
        let seeds = self.seeds(self.first_seed, self.iterations);
        let search = Search::new(seeds, true, false);
        self.search(&search, self.threads, &test, location);
        Survey::new(search.coverage(), search.into_failures())
    }

    /// Runs `test` twice under `seed`, and tells where the two runs parted.
    ///
    /// # Errors
    ///
    /// [`Divergence`], with the first event that differs.
    ///
    /// # Cost
    ///
    /// Every event is kept: 24 bytes for each of two to four events in a step, twice.
    ///
    /// # Examples
    ///
    /// A test that asks something outside the simulation:
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use anyrt_core::yield_now;
    /// use anyrt_sim::Check;
    ///
    /// let warm = AtomicBool::new(false);
    /// let divergence = Check::new().compare(0, |_| async {
    ///     if !warm.swap(true, Ordering::Relaxed) {
    ///         yield_now().await;
    ///     }
    /// });
    /// assert_eq!(divergence.unwrap_err().index(), 2);
    /// ```
    #[track_caller]
    pub fn compare<T, F>(&self, seed: u64, test: T) -> Result<(), Divergence>
    where
        T: Fn(Sim) -> F,
        F: Future<Output: Outcome>,
    {
        let location = self.located(Location::caller());
        let first = self.record(seed, &test, location);
        let second = self.record(seed, &test, location);
        Divergence::between(seed, first, second)
    }

    pub(super) fn record<T, F>(
        &self,
        seed: u64,
        test: &T,
        location: &'static Location<'static>,
    ) -> Log
    where
        T: Fn(Sim) -> F,
        F: Future<Output: Outcome>,
    {
        // How the run ends is an event like any other; whether it failed is for `run` to say.
        run_seed(&self.builder_of(seed).keep_log(), test, location, false).log
    }

    #[track_caller]
    fn seeds(&self, first: u64, count: u64) -> Range<u64> {
        assert!(
            count > 0,
            "a check of no seeds would pass whatever it checks"
        );
        // Fewer would be run without a word.
        let Some(end) = first.checked_add(count) else {
            panic!(
                "{count} seeds from {first} on end beyond the largest number: begin at {} or lower",
                u64::MAX - count
            );
        };
        first..end
    }

    fn located(&self, caller: &'static Location<'static>) -> &'static Location<'static> {
        self.location.unwrap_or(caller)
    }

    /// What the simulation of a seed is like.
    pub(super) fn builder_of(&self, seed: u64) -> Builder {
        let mut builder = self.builder.clone().seed(seed);
        let settings = builder.settings_mut();
        if settings.policy.is_none() && seed % 2 == 1 {
            settings.policy = Some(SWEPT);
        }
        if settings.lateness.is_none() && seed % 4 >= 2 {
            settings.lateness = self.lateness.map(nanos);
        }
        builder
    }

    fn search<T, F>(
        &self,
        search: &Search,
        threads: Option<usize>,
        test: &T,
        location: &'static Location<'static>,
    ) where
        T: Fn(Sim) -> F + Sync,
        F: Future<Output: Outcome>,
    {
        let alone = search.seeds.end - search.seeds.start == 1;
        let work = || {
            while let Some(seed) = search.next() {
                search.ran(run_seed(&self.builder_of(seed), test, location, alone));
            }
        };
        let threads = threads.unwrap_or_else(|| {
            thread::available_parallelism().map_or(1, |processors| processors.get())
        });
        let seeds = usize::try_from(search.seeds.end - search.seeds.start).unwrap_or(usize::MAX);
        let helpers = threads.min(seeds).saturating_sub(1);
        thread::scope(|scope| {
            for _ in 0..helpers {
                let mut helper = thread::Builder::new();
                // So that the line of the panic hook names the test.
                if let Some(name) = thread::current().name() {
                    helper = helper.name(name.to_owned());
                }
                if helper.spawn_scoped(scope, work).is_err() {
                    // Fewer threads are slower, not wrong.
                    break;
                }
            }
            work();
        });
    }
}

fn and_passed(passed: u64) -> String {
    match passed {
        0 => String::new(),
        1 => ", 1 other passed".to_owned(),
        _ => format!(", {passed} others passed"),
    }
}

/// Writes the page of a failure, if it has one.
fn write_page(failure: &Failure, file: &str) {
    let Some(page) = failure.page() else {
        return;
    };
    match std::fs::write(file, page) {
        Ok(()) => eprintln!("anyrt-sim: the last messages are in {file}"),
        Err(error) => eprintln!("anyrt-sim: cannot write {file}: {error}"),
    }
}
