use std::future::Future;
use std::ops::Range;
use std::panic::Location;
use std::thread;

use anyrt_core::Launch;

use crate::report::divergence::Divergence;
use crate::report::fault::Fault;
use crate::report::trace::Log;
use crate::runner::env;
use crate::runner::search::Search;
use crate::schedule::root::{self, Ended};
use crate::{Builder, Failure, Outcome, Sim};

/// How many seeds a test gets unless somebody says otherwise.
const ITERATIONS: u64 = 64;

/// Runs `test` under 64 seeds, or as many as `ANYRT_SIM_ITERS` says, and panics with the report of the first that fails.
///
/// The report names the line that replays it: with `ANYRT_SIM_SEED=17`, seed 17 alone is run. [`Check`] has the options.
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
}

impl Check {
    /// A check of 64 seeds from 0 on, on as many threads as there are processors.
    pub fn new() -> Self {
        Self {
            builder: Sim::builder(),
            iterations: ITERATIONS,
            first_seed: 0,
            threads: None,
        }
    }

    /// Sets what each simulation is like, but for its seed.
    pub fn builder(mut self, builder: Builder) -> Self {
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
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
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
        let location = Location::caller();
        let seeds = match (env::seed(), env::iterations()) {
            (Some(seed), _) => self.seeds(seed, 1),
            (None, iterations) => {
                self.seeds(self.first_seed, iterations.unwrap_or(self.iterations))
            }
        };
        let search = Search::new(seeds, true);
        self.search(&search, &test, location);
        match search.into_failure() {
            Ok(summary) => eprintln!("anyrt-sim: {summary}"),
            Err((failure, summary)) => panic!(
                "anyrt-sim: seed {} failed, {summary}: {failure}",
                failure.seed()
            ),
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
        let search = Search::new(self.seeds(self.first_seed, self.iterations), false);
        self.search(&search, &test, Location::caller());
        search.into_failure().err().map(|(failure, _)| failure)
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
        let location = Location::caller();
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
            self.builder.clone().keep_log(),
            seed,
            test,
            location,
            |sim| {
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

    fn search<T, F>(&self, search: &Search, test: &T, location: &'static Location<'static>)
    where
        T: Fn(Sim) -> F + Sync,
        F: Future<Output: Outcome>,
    {
        let work = || {
            while let Some(seed) = search.next() {
                let run = run_seed(self.builder.clone(), seed, test, location, |sim| {
                    search.count(sim);
                });
                if let Err(failure) = run {
                    search.found(failure);
                }
            }
        };
        let threads = self.threads.unwrap_or_else(|| {
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
    builder: Builder,
    seed: u64,
    test: &T,
    location: &'static Location<'static>,
    done: impl FnOnce(&Sim),
) -> Result<(), Failure>
where
    T: Fn(Sim) -> F,
    F: Future<Output: Outcome>,
{
    let rt = builder.seed(seed).build();
    let sim = rt.handle();
    let root = async { test(sim.clone()).await.into_error() };
    let end = root::run_root(sim.shared(), root, location);
    let end = match end {
        Ok(None) => Ok(()),
        Ok(Some(error)) => {
            let shared = sim.shared();
            Err(shared.failure(&Fault::Error(error)))
        }
        Err(Ended::Failed(failure) | Ended::Panicked(_, failure)) => Err(failure),
    };
    done(&sim);
    end
}
