use std::future::Future;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyrt_core::Launch;

use crate::report::divergence::Divergence;
use crate::report::fault::Fault;
use crate::report::panics;
use crate::report::trace::Log;
use crate::runner::env;
use crate::runner::search::Search;
use crate::runner::survey::Survey;
use crate::schedule::root::{self, Ended};
use crate::settings::nanos;
use crate::{Builder, Failure, Outcome, Policy, Replay, Sim};

/// How many seeds a test gets unless somebody says otherwise.
const ITERATIONS: u64 = 64;

/// The policy of odd seeds, where none is set. Even ones have the default.
const SWEPT: Policy = Policy::Pct { depth: 3 };

/// Runs `test` under 64 seeds, or as many as `ANYRT_SIM_ITERS` says, and panics with the report of the first that fails.
///
/// The report names the line that replays it: with `ANYRT_SIM_SEED=17`, seed 17 alone is run. A seed that fails is run once
/// more, alone, before it is reported, and the report says if it then passed. Seeds take turns between
/// [`Policy::Random`](crate::Policy::Random) and [`Policy::Pct`](crate::Policy::Pct), since each finds what the other does not.
/// [`Check`] has the options.
///
/// `test` is called once for each run, so it makes its state anew: what it keeps in a `static`, a thread-local or a cache is
/// shared by runs, and no seed replays that.
///
/// A panic of a seed's run is in the report, with its place, and not printed when it happens. The first check of a process sets a panic
/// hook for that, which passes every other panic on to the hook before it. With `RUST_BACKTRACE=1` the second run of a failing seed
/// prints its panics with their backtraces.
///
/// # Panics
///
/// When a seed fails: on a panic of the test, an error that it returns, a deadlock, or a limit of the [`Builder`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
///
/// anyrt_sim::check(|sim| async move {
///     let answer = sim.timeout(Duration::from_secs(5), async { 42 }).await;
///     assert_eq!(answer, Ok(42));
/// });
/// ```
#[track_caller]
pub fn check<T, F>(test: T)
where
    T: Fn(Sim) -> F + Sync,
    F: Future<Output: Outcome>,
{
    Check::new().run(test);
}

/// Runs `test` twice under the same seed, and panics when the two runs took different courses.
///
/// The seed is `ANYRT_SIM_SEED`, or 0. What differs comes from outside the simulation: a `HashMap`'s order, an unbiased
/// `select!`, a real clock, a thread.
///
/// # Panics
///
/// When the runs differ, with the first event that does; see [`Check::compare`] for a value instead.
///
/// # Examples
///
/// ```
/// use anyrt_core::Spawn;
///
/// anyrt_sim::check_determinism(|sim| async move {
///     let tasks: Vec<_> = (0..8).map(|n| sim.spawn(async move { n })).collect();
///     for task in tasks {
///         task.await.unwrap();
///     }
/// });
/// ```
#[track_caller]
pub fn check_determinism<T, F>(test: T)
where
    T: Fn(Sim) -> F,
    F: Future<Output: Outcome>,
{
    let seed = env::seed().unwrap_or(0);
    if let Err(divergence) = Check::new().compare(seed, test) {
        panic!("anyrt-sim: {divergence}");
    }
}

/// The options of [`check`](check()).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
/// use anyrt_sim::{Check, Policy, Sim};
///
/// Check::new()
///     .builder(Sim::builder().policy(Policy::Pct { depth: 3 }).lateness(Duration::from_millis(5)))
///     .iterations(200)
///     .run(|sim| async move { sim.sleep(Duration::from_secs(1)).await });
/// ```
#[derive(Clone, Debug)]
#[must_use = "a check does nothing until it runs"]
pub struct Check {
    builder: Builder,
    iterations: u64,
    first_seed: u64,
    threads: Option<usize>,
    /// With which half of the seeds is run, where the builder sets none.
    lateness: Option<Duration>,
    location: Option<&'static Location<'static>>,
}

impl Check {
    /// A check of 64 seeds from 0 on, on as many threads as there are processors.
    pub fn new() -> Self {
        Self {
            builder: Sim::builder(),
            iterations: ITERATIONS,
            first_seed: 0,
            threads: None,
            lateness: None,
            location: None,
        }
    }

    /// Sets what each simulation is like, but for its seed.
    ///
    /// Where it sets no [policy](Builder::policy), even seeds are run under [`Policy::Random`] and odd ones under
    /// [`Policy::Pct`] with a depth of 3: each finds bugs that the other hardly ever does. A seed's policy is always the same, so
    /// its number replays it.
    pub fn builder(mut self, mut builder: Builder) -> Self {
        let line = self.builder.settings_mut().replay_line.take();
        builder.settings_mut().replay_line = line;
        self.builder = builder;
        self
    }

    /// Sets how many seeds are run. `ANYRT_SIM_ITERS` wins over it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use anyrt_sim::Check;
    ///
    /// let runs = AtomicU64::new(0);
    /// Check::new().iterations(5).find_failure(|_| async { runs.fetch_add(1, Ordering::Relaxed); });
    /// assert_eq!(runs.into_inner(), 5);
    /// ```
    pub fn iterations(mut self, seeds: u64) -> Self {
        self.iterations = seeds;
        self
    }

    /// Sets the first seed. Unset: 0, so that a test that passed yesterday runs the same seeds today.
    pub fn first_seed(mut self, seed: u64) -> Self {
        self.first_seed = seed;
        self
    }

    /// Sets how many threads run seeds; each simulation stays on one. Unset: as many as there are processors.
    /// `ANYRT_SIM_THREADS` wins over it.
    ///
    /// With one thread, runs do not overlap. They still share what is `static`.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Runs two of each four seeds with sleeps that are late by up to `longest`, and two without, where the builder sets no
    /// [lateness](Builder::lateness).
    ///
    /// Late sleeps find what a busy machine finds. A test that compares times exactly cannot have them, so they are off until
    /// they are asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    /// use anyrt_sim::Check;
    ///
    /// let race = Check::new().lateness(Duration::from_millis(5)).find_failure(|sim| async move {
    ///     sim.sleep(Duration::from_secs(1)).await;
    ///     assert!(sim.elapsed() <= Duration::from_millis(1001), "a millisecond to spare");
    /// });
    /// assert!(race.unwrap().message().contains("to spare"));
    /// ```
    pub fn lateness(mut self, longest: Duration) -> Self {
        self.lateness = Some(longest);
        self
    }

    /// Sets the place that reports call the root's. Unset: where the check is run.
    ///
    /// For harnesses, whose own line says nothing to the author of a test.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::panic::Location;
    /// use anyrt_sim::{Check, Outcome, Sim};
    ///
    /// #[track_caller]
    /// fn my_harness<F: Future<Output: Outcome>>(test: impl Fn(Sim) -> F + Sync) {
    ///     Check::new().location(Location::caller()).run(test);
    /// }
    /// my_harness(|_| async {});
    /// ```
    pub fn location(mut self, location: &'static Location<'static>) -> Self {
        self.location = Some(location);
        self
    }

    /// Sets the line with which a report says how to replay a seed; `{seed}` stands for it. Unset: a `cargo test` command.
    ///
    /// For harnesses that are started otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_sim::Check;
    ///
    /// let check = Check::new().replay_line("cargo run -p raft-sim -- --seed {seed}");
    /// let failure = check.find_failure(|_| async { assert!(1 > 2) }).unwrap();
    /// assert!(failure.to_string().contains("replay: cargo run -p raft-sim -- --seed 0"));
    /// ```
    pub fn replay_line(mut self, line: impl Into<Arc<str>>) -> Self {
        self.builder.settings_mut().replay_line = Some(line.into());
        self
    }

    /// Runs `test` under each seed. See [`check`](check()).
    ///
    /// # Panics
    ///
    /// When a seed fails, with its report, when a variable of the environment is no number, and when there is no seed to run.
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
        let seeds = match (env::seed(), env::iterations()) {
            (Some(seed), _) => self.seeds(seed, 1),
            (None, iterations) => {
                self.seeds(self.first_seed, iterations.unwrap_or(self.iterations))
            }
        };
        let threads = env::threads().or(self.threads);
        let search = Search::new(seeds, false, true);
        self.search(&search, threads, &test, location);
        let (summary, passed) = (search.to_string(), search.passed());
        match self.first_failure(search, &test, location) {
            None => eprintln!("anyrt-sim: {summary}"),
            Some(failure) => {
                write_page(&failure);
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
        self.first_failure(search, &test, location)
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
        let count = seeds.end - seeds.start;
        let search = Search::new(seeds, true, false);
        self.search(&search, self.threads, &test, location);
        Survey::new(count, search.into_failures())
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

    fn record<T, F>(&self, seed: u64, test: &T, location: &'static Location<'static>) -> Log
    where
        T: Fn(Sim) -> F,
        F: Future<Output: Outcome>,
    {
        let mut log = Log::default();
        // How the run ends is an event like any other; whether it failed is for `run` to say.
        let _ = run_seed(
            &self.builder_of(seed).keep_log(),
            test,
            location,
            false,
            |sim, _| {
                log = sim.shared().lock().trace.take_log();
            },
        );
        log
    }

    #[track_caller]
    fn seeds(&self, first: u64, count: u64) -> Range<u64> {
        assert!(
            count > 0,
            "a check of no seeds would pass whatever it checks"
        );
        first..first.saturating_add(count)
    }

    fn located(&self, caller: &'static Location<'static>) -> &'static Location<'static> {
        self.location.unwrap_or(caller)
    }

    /// What the simulation of a seed is like.
    fn builder_of(&self, seed: u64) -> Builder {
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

    /// The failure of the lowest seed, after a second run of that seed, alone.
    fn first_failure<T, F>(
        &self,
        search: Search,
        test: &T,
        location: &'static Location<'static>,
    ) -> Option<Failure>
    where
        T: Fn(Sim) -> F,
        F: Future<Output: Outcome>,
    {
        let alone = search.seeds.end - search.seeds.start == 1;
        let (_, failure) = search.into_failures().into_iter().next()?;
        if alone {
            return Some(failure);
        }
        let again = run_seed(
            &self.builder_of(failure.seed()),
            test,
            location,
            true,
            |_, _| (),
        );
        let replay = match again {
            Ok(()) => Replay::Passed,
            Err(again) if again.is_same(&failure) => Replay::Same,
            Err(_) => Replay::Differed,
        };
        Some(failure.with_replay(replay))
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
                let run = run_seed(
                    &self.builder_of(seed),
                    test,
                    location,
                    alone,
                    |sim, passed| {
                        search.count(sim, passed);
                    },
                );
                if let Err(failure) = run {
                    search.found(failure);
                }
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

impl Default for Check {
    fn default() -> Self {
        Self::new()
    }
}

fn run_seed<T, F>(
    builder: &Builder,
    test: &T,
    location: &'static Location<'static>,
    with_backtrace: bool,
    done: impl FnOnce(&Sim, bool),
) -> Result<(), Failure>
where
    T: Fn(Sim) -> F,
    F: Future<Output: Outcome>,
{
    let rt = builder.clone().build();
    let sim = rt.handle();
    let root = async { test(sim.clone()).await.into_error() };
    let (end, panics) = panics::keep(with_backtrace, || {
        // What the test launches itself has the seed, too.
        builder.scope(|| root::run_root(sim.shared(), root, location))
    });
    let end = match end {
        Ok(None) => Ok(()),
        Ok(Some(error)) => {
            let shared = sim.shared();
            Err(shared.failure(&Fault::Error(error)))
        }
        Err(Ended::Failed(failure) | Ended::Panicked(_, failure)) => Err(failure),
    };
    let end = end.map_err(|failure| failure.with_panics(panics));
    done(&sim, end.is_ok());
    end
}

fn and_passed(passed: u64) -> String {
    match passed {
        0 => String::new(),
        1 => ", 1 other passed".to_owned(),
        _ => format!(", {passed} others passed"),
    }
}

/// Writes the page of a failure where the environment asks for it.
fn write_page(failure: &Failure) {
    let (Some(file), Some(page)) = (env::page(), failure.page()) else {
        return;
    };
    match std::fs::write(&file, page) {
        Ok(()) => eprintln!("anyrt-sim: the last messages are in {file}"),
        Err(error) => eprintln!("anyrt-sim: cannot write {file}: {error}"),
    }
}
