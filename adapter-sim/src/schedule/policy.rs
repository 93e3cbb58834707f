use std::fmt;

/// Which of the ready tasks runs next.
///
/// Every policy is a function of the seed alone, and every task takes part, the root of `block_on` among them.
///
/// # Examples
///
/// ```
/// use anyrt_sim::{Policy, Sim};
///
/// let rt = Sim::builder().policy(Policy::Pct { depth: 3 }).seed(7).build();
/// assert_eq!(rt.handle().policy().to_string(), "Pct { depth: 3 }");
/// # use anyrt_core::Launch;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// A seeded draw among all that are ready, each equally likely. Finds most order bugs within a few seeds.
    #[default]
    Random,
    /// The one that has been ready for longest: the order that most runtimes come close to when they are idle, which is why
    /// the bugs that it does not find are the ones that reach production. Seeds make no difference to it.
    Fifo,
    /// The one that became ready last; a task that yields goes to the back, so that yielding remains possible.
    Lifo,
    /// Probabilistic concurrency testing (S. Burckhardt, P. Kothari, M. Musuvathi and S. Nagarakatte, "A Randomized Scheduler
    /// with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010): every task has a random priority, the highest that is
    /// ready runs, and at `depth - 1` random steps the task that would run falls below all others.
    ///
    /// It finds a bug that takes `depth` ordering constraints among n tasks and k steps with a probability of at least
    /// 1 / (n · k^(depth - 1)) per seed, which a fair draw does not promise: one task that stays behind for long is likely
    /// here and all but impossible there.
    ///
    /// Two things differ from the paper. How many steps a run will take is not known beforehand, so each seed draws the range
    /// of its change points among the powers of two from 2^4 to 2^16: one draw in 13 lies between k and 2k, so the bound is
    /// divided by 13 · 2^(depth - 1), for runs of up to 2^16 steps. And a task that wakes itself while it is polled, that is,
    /// yields, falls below all others, since it would starve them otherwise.
    Pct {
        /// How many ordering constraints the bug takes; 2 or 3 for most. 0 counts as 1.
        depth: u32,
    },
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
