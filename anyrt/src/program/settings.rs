use std::time::Duration;

/// The arguments of the attributes that are no options of `Config`.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long closures that run are waited for at the end.
    pub(crate) shutdown_grace: Duration,
    /// How many threads run the seeds of a test.
    pub(crate) sim_threads: Option<usize>,
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
            sim_threads: None,
        }
    }

    /// `shutdown_grace = "5s"`
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.shutdown_grace = grace;
        self
    }

    /// `sim_threads = 1`
    pub fn sim_threads(mut self, threads: usize) -> Self {
        self.sim_threads = Some(threads);
        self
    }

    /// Configures the runs of a test under simulation.
    #[cfg(feature = "sim")]
    pub(crate) fn check(self) -> anyrt_sim::Check {
        let mut check = anyrt_sim::Check::new();
        if let Some(threads) = self.sim_threads {
            check = check.threads(threads);
        }
        check
    }
}
