use std::collections::BTreeMap;
use std::fmt;

use crate::report::count::Count;

/// How many seeds the figures of [`Coverage::new_per_thousand`] are about.
const THOUSAND: u64 = 1000;

/// How many different courses the seeds of a check took: whether more seeds are likely to show more.
///
/// Two seeds took the same *course* when every event and every message was the same, at the same times. They took the same *order* when the
/// events of tasks were the same ones in the same order, whatever the times. Made by
/// [`Survey::coverage`](crate::Survey::coverage); a check that has passed prints it.
///
/// # Examples
///
/// Two tasks run in one of two orders:
///
/// ```
/// use anyrt_core::Spawn;
/// use anyrt_sim::Check;
///
/// let survey = Check::new().iterations(100).survey(|sim| async move {
///     let (one, other) = (sim.spawn(async {}), sim.spawn(async {}));
///     one.await.unwrap();
///     other.await.unwrap();
/// });
/// let coverage = survey.coverage();
/// assert_eq!(coverage.seeds(), 100);
/// // The root's place among the two counts as well.
/// assert!((2..10).contains(&coverage.orders()), "{coverage}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    seeds: u64,
    orders: u64,
    courses: u64,
    new_per_thousand: Vec<u64>,
}

impl Coverage {
    /// How many seeds were run.
    pub fn seeds(&self) -> u64 {
        self.seeds
    }

    /// How many different courses they took.
    pub fn courses(&self) -> u64 {
        self.courses
    }

    /// How many different orders of events there were among them.
    pub fn orders(&self) -> u64 {
        self.orders
    }

    /// For each thousand of seeds, how many orders it had that no lower seed had. Once the last figures are near zero, more seeds
    /// mostly repeat what was seen.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::yield_now;
    /// use anyrt_sim::Check;
    ///
    /// let survey = Check::new().iterations(3000).survey(|_| yield_now());
    /// assert_eq!(survey.coverage().new_per_thousand(), [1, 0, 0]);
    /// ```
    pub fn new_per_thousand(&self) -> &[u64] {
        &self.new_per_thousand
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (courses, orders) = (
            Count(self.courses, "different course"),
            Count(self.orders, "order"),
        );
        write!(f, "{courses}, {orders} of events")?;
        if self.new_per_thousand.len() > 1 {
            let all: Vec<_> = self.new_per_thousand.iter().map(u64::to_string).collect();
            write!(f, ", new in each thousand seeds: {}", all.join(" "))?;
        }
        Ok(())
    }
}

/// Counts courses while seeds are run in any order.
#[derive(Debug, Default)]
pub(crate) struct Courses {
    seeds: u64,
    /// By their hashes, the lowest seed of each.
    orders: BTreeMap<u64, u64>,
    courses: BTreeMap<u64, u64>,
}

impl Courses {
    pub(crate) fn add(&mut self, seed: u64, course: u64, order: u64) {
        self.seeds += 1;
        for (all, hash) in [(&mut self.courses, course), (&mut self.orders, order)] {
            let lowest = all.entry(hash).or_insert(seed);
            *lowest = seed.min(*lowest);
        }
    }

    /// The figures, where `first` is the lowest seed.
    pub(crate) fn coverage(&self, first: u64) -> Coverage {
        let thousands = self.seeds.div_ceil(THOUSAND) as usize;
        let mut new_per_thousand = vec![0; thousands];
        for lowest in self.orders.values() {
            let thousand = (lowest.saturating_sub(first) / THOUSAND) as usize;
            if let Some(count) = new_per_thousand.get_mut(thousand) {
                *count += 1;
            }
        }
        Coverage {
            seeds: self.seeds,
            orders: self.orders.len() as u64,
            courses: self.courses.len() as u64,
            new_per_thousand,
        }
    }
}
