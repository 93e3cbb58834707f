use std::fmt;

use crate::Failure;
use crate::report::count::Count;
use crate::runner::coverage::Coverage;

/// What became of every seed of a check: see [`Check::survey`](crate::Check::survey).
///
/// Its `Display` is a line for each message, and one for the [`Coverage`].
///
/// # Examples
///
/// ```
/// use anyrt_sim::Check;
///
/// let survey = Check::new().iterations(100).survey(|sim| async move {
///     assert!(sim.seed() % 10 != 3, "ends in three");
///     assert!(sim.seed() != 50, "is fifty");
/// });
/// assert_eq!((survey.seeds(), survey.failed()), (100, 11));
/// let threes = &survey.groups()[0];
/// assert_eq!((threes.count(), threes.first().seed()), (10, 3));
/// assert!(threes.first().message().contains("ends in three"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a survey fails nothing by itself"]
pub struct Survey {
    coverage: Coverage,
    groups: Vec<FailureGroup>,
}

/// The failures of a [`Survey`] that say the same.
#[derive(Clone, Debug)]
pub struct FailureGroup {
    count: u64,
    first: Failure,
}

impl Survey {
    pub(crate) fn new(coverage: Coverage, failures: Vec<(u64, Failure)>) -> Self {
        let groups = failures.into_iter();
        let groups = groups.map(|(count, first)| FailureGroup { count, first });
        Self {
            coverage,
            groups: groups.collect(),
        }
    }

    /// How many seeds were run.
    pub fn seeds(&self) -> u64 {
        self.coverage.seeds()
    }

    /// How many different courses they took.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// How many of them failed.
    pub fn failed(&self) -> u64 {
        self.groups.iter().map(FailureGroup::count).sum()
    }

    /// The failures by their messages, that of the lowest seed first.
    pub fn groups(&self) -> &[FailureGroup] {
        &self.groups
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} failed",
            self.failed(),
            Count(self.seeds(), "seed")
        )?;
        for FailureGroup { count, first } in &self.groups {
            let seed = first.seed();
            writeln!(
                f,
                "  {count}, the first at seed {seed}: {}",
                first.message()
            )?;
        }
        writeln!(f, "  {}", self.coverage)
    }
}

impl FailureGroup {
    /// How many seeds failed with this message.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The failure of the lowest of them, with its whole report.
    pub fn first(&self) -> &Failure {
        &self.first
    }
}
