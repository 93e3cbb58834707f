use std::iter::successors;
use std::time::Duration;

/// How often a file is tried again, and how long the pauses before that are: each is twice the one before.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_examples::treehash::Backoff;
///
/// let ms = Duration::from_millis;
/// let pauses: Vec<_> = Backoff::new(4, ms(100)).at_most(ms(500)).pauses().collect();
/// assert_eq!(pauses, [ms(100), ms(200), ms(400), ms(500)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    retries: usize,
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// Tries again `retries` times, first after `first`; no pause is longer than 30 s.
    pub fn new(retries: usize, first: Duration) -> Self {
        Self {
            retries,
            first,
            longest: Duration::from_secs(30),
        }
    }

    /// Never tries again.
    pub fn none() -> Self {
        Self::new(0, Duration::ZERO)
    }

    /// Sets the longest pause.
    pub fn at_most(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    /// The pauses, one before each further attempt.
    pub fn pauses(self) -> impl Iterator<Item = Duration> + Send {
        let doubled = successors(Some(self.first), |pause| Some(pause.saturating_mul(2)));
        doubled
            .map(move |pause| pause.min(self.longest))
            .take(self.retries)
    }
}

impl Default for Backoff {
    /// Three retries, after 100, 200 and 400 ms.
    fn default() -> Self {
        Self::new(3, Duration::from_millis(100))
    }
}
