use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::runner::env;
use crate::schedule::choices::Kept;
use crate::{Builder, Outcome, Policy, Sim};

/// How many seeds a test gets unless somebody says otherwise.
const ITERATIONS: u64 = 64;

/// The policy of odd seeds, where none is set. Even ones have the default.
pub(super) const SWEPT: Policy = Policy::Pct { depth: 3 };

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
    pub(super) builder: Builder,
    pub(super) iterations: u64,
    pub(super) first_seed: u64,
    pub(super) threads: Option<usize>,
    /// With which half of the seeds is run, where the builder sets none.
    pub(super) lateness: Option<Duration>,
    pub(super) processes: Option<usize>,
    /// How many runs a search for a shorter failing run may take.
    pub(super) shrink: Option<u64>,
    pub(super) location: Option<&'static Location<'static>>,
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
            processes: None,
            shrink: None,
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

    /// Sets in how many processes [`run`](Self::run) runs seeds, instead of threads. Unset: in this one. `ANYRT_SIM_PROCESSES` wins
    /// over it.
    ///
    /// So seeds that run at the same time share no `static`, and a seed that ends its process is named. The program starts itself
    /// again, a test by its name and another program with the arguments that it was given, for up to 256 seeds at a time. What comes
    /// before this check in a test is therefore done in each process, and other checks before it pass there at once. What the seeds
    /// leave in memory, such as a counter outside of the test's future, stays in their process. It works under
    /// `cargo test` and cargo-nextest alike. The lowest seed that fails is run once more in this process, for its report and for what it
    /// prints. What seeds print that pass is lost. Of one that ends its process or passes here, the last lines are in the report.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use anyrt_sim::Check;
    ///
    /// // In a `#[test]`:
    /// Check::new().iterations(10_000).processes(4).run(|sim| async move {
    ///     assert_ne!(sim.seed(), 17);
    /// });
    /// ```
    pub fn processes(mut self, processes: usize) -> Self {
        self.processes = Some(processes);
        self
    }

    /// Looks for a shorter run that fails as the failing seed does, in at most `runs` more runs, and reports that. Unset: none.
    /// `ANYRT_SIM_SHRINK` wins over it in [`run`](Self::run): with `ANYRT_SIM_SHRINK=1000` in front of the line that replays a failure,
    /// it is shrunk.
    ///
    /// A failing seed has made many choices that do not matter. The search leaves out faults, yeses of [`Sim::chance`], losses, late
    /// sleeps, different latencies and turns of the schedule, and keeps what still fails with the same kind at the same place: with fewer
    /// faults first, then with fewer choices, then with fewer steps. It tries to do without faults singly, in groups and in pairs. A turn is known by its virtual time,
    /// so a fault that was over before it mattered goes without changing what comes after it. What is left is
    /// listed in the report, faults first, which says how to replay it, and [`Failure::shrunk`](crate::Failure::shrunk) has the figures. What the test draws from
    /// [`Sim::rng`] stays as it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_sim::Check;
    ///
    /// // Two noes would not do.
    /// let failure = Check::new().shrink(100).find_failure(|sim| async move {
    ///     let yes = (0..50).filter(|_| sim.chance(0.5)).count();
    ///     assert!(yes < 2, "two faults are too many");
    /// });
    /// let failure = failure.unwrap();
    /// assert_eq!(failure.shrunk().unwrap().faults().1, 2);
    /// assert!(failure.to_string().contains("ANYRT_SIM_KEEP=c"));
    /// ```
    pub fn shrink(mut self, runs: u64) -> Self {
        self.shrink = Some(runs);
        self
    }

    /// With the choices that the environment has for the one seed.
    pub(super) fn with_kept(mut self, kept: Option<Kept>) -> Self {
        self.builder.settings_mut().kept = kept.map(Arc::new);
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
}

impl Default for Check {
    fn default() -> Self {
        Self::new()
    }
}
