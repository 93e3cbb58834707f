use std::time::Duration;

/// The arguments of the attributes that are no options of `Config`.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long closures that run are waited for at the end.
    pub(crate) shutdown_grace: Duration,
    sim: Seeds,
}

/// How a test runs its seeds, where an argument says so.
#[derive(Clone, Copy, Debug, Default)]
struct Seeds {
    iterations: Option<u64>,
    threads: Option<usize>,
    processes: Option<usize>,
    shrink: Option<u64>,
    lateness: Option<Duration>,
    time_limit: Option<Duration>,
}

impl Settings {
    #[expect(
        clippy::new_without_default,
        reason = "the attributes write `new`, as for `Config`"
    )]
    /// What holds unless an argument says otherwise.
    pub fn new() -> Self {
        Self {
            shutdown_grace: Duration::from_secs(5),
            sim: Seeds::default(),
        }
    }

    /// `shutdown_grace = "5s"`
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.shutdown_grace = grace;
        self
    }

    /// `sim_iterations = 1000`
    pub fn sim_iterations(mut self, seeds: u64) -> Self {
        self.sim.iterations = Some(seeds);
        self
    }

    /// `sim_threads = 1`
    pub fn sim_threads(mut self, threads: usize) -> Self {
        self.sim.threads = Some(threads);
        self
    }

    /// `sim_processes = 4`
    pub fn sim_processes(mut self, processes: usize) -> Self {
        self.sim.processes = Some(processes);
        self
    }

    /// `sim_shrink = 1000`
    pub fn sim_shrink(mut self, runs: u64) -> Self {
        self.sim.shrink = Some(runs);
        self
    }

    /// `sim_lateness = "5ms"`
    pub fn sim_lateness(mut self, longest: Duration) -> Self {
        self.sim.lateness = Some(longest);
        self
    }

    /// `sim_time_limit = "60s"`
    pub fn sim_time_limit(mut self, limit: Duration) -> Self {
        self.sim.time_limit = Some(limit);
        self
    }

    /// Configures the runs of a test under simulation.
    #[cfg(feature = "sim")]
    pub(crate) fn check(self) -> anyrt_sim::Check {
        use anyrt_sim::{Check, Sim};

        let seeds = self.sim;
        let mut check = Check::new();
        if let Some(limit) = seeds.time_limit {
            check = check.builder(Sim::builder().time_limit(limit));
        }
        if let Some(iterations) = seeds.iterations {
            check = check.iterations(iterations);
        }
        if let Some(threads) = seeds.threads {
            check = check.threads(threads);
        }
        if let Some(processes) = seeds.processes {
            check = check.processes(processes);
        }
        if let Some(runs) = seeds.shrink {
            check = check.shrink(runs);
        }
        if let Some(longest) = seeds.lateness {
            check = check.lateness(longest);
        }
        check
    }
}
