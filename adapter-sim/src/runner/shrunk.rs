use std::fmt;

use crate::report::count::Count;
use crate::runner::seed::Ran;

/// How much shorter a failing run became: see [`Check::shrink`](crate::Check::shrink).
///
/// # Examples
///
/// ```
/// use anyrt_core::Spawn;
/// use anyrt_sim::Check;
///
/// let failure = Check::new().shrink(200).find_failure(|sim| async move {
///     let (order, log) = std::sync::mpsc::channel();
///     let task = |n| {
///         let order = order.clone();
///         async move { order.send(n).unwrap() }
///     };
///     let tasks: Vec<_> = (0..20).map(|n| sim.spawn(task(n))).collect();
///     for task in tasks {
///         task.await.unwrap();
///     }
///     let log: Vec<_> = log.try_iter().collect();
///     assert!(log.iter().position(|&n| n == 3) < log.iter().position(|&n| n == 4), "3 comes before 4");
/// });
/// let shrunk = failure.unwrap().shrunk().unwrap();
/// let (before, after) = shrunk.choices();
/// // One choice was enough: that 4 runs before 3.
/// assert!(before > 10 && after == 1, "{shrunk}");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shrunk {
    pub(super) runs: u64,
    pub(super) before: Size,
    pub(super) after: Size,
}

/// What counts of a run, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size {
    faults: usize,
    choices: usize,
    steps: u64,
}

impl Size {
    pub(super) fn of(ran: &Ran) -> Self {
        let faults = ran.made.iter().filter(|made| made.choice.kind.is_fault());
        Self {
            faults: faults.count(),
            choices: ran.made.len(),
            steps: ran.steps,
        }
    }
}

impl Shrunk {
    /// How many runs the search took.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// How many faults there were before and are after: those of [`Network::faults`](crate::net::Network::faults), those of
    /// [`Sim::chance`](crate::Sim::chance), and messages that were lost, doubled, late, corrupted or refused.
    pub fn faults(&self) -> (usize, usize) {
        (self.before.faults, self.after.faults)
    }

    /// How many choices there were before and are after, faults among them: late sleeps, different latencies, and tasks that ran
    /// before others that were ready for longer.
    pub fn choices(&self) -> (usize, usize) {
        (self.before.choices, self.after.choices)
    }

    /// How many steps there were before and are after.
    pub fn steps(&self) -> (u64, u64) {
        (self.before.steps, self.after.steps)
    }
}

impl fmt::Display for Shrunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            runs,
            before,
            after,
        } = self;
        let [faults, choices] = [(after.faults, "fault"), (after.choices, "choice")]
            .map(|(number, what)| Count(number as u64, what));
        write!(
            f,
            "shrunk in {}: {} to {faults}, {} to {choices}, {} to {}",
            Count(*runs, "run"),
            before.faults,
            before.choices,
            before.steps,
            Count(after.steps, "step")
        )
    }
}
