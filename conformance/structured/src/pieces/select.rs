use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use anyrt_structured::{Race, Select, race, select};

use super::entrant::Entrant;
use super::{Flaw, Structured};

anyrt_conformance_engine::mutants! { Flaw;
    seed_is_ignored: "a seed is taken and not used",
        killed by "select::seeded_order_repeats", "race::seeded_order_repeats",
            "retry::is_deterministic_under_a_seed", "retry::jitter_only_shortens";
    seed_is_mixed_up: "the same seed gives other numbers each time",
        killed by "select::seeded_order_repeats", "race::seeded_order_repeats",
            "retry::is_deterministic_under_a_seed";
    select_keeps_the_loser: "those that come second are kept",
        killed by "select::drops_the_loser_first", "race::drops_the_losers_first";
    select_prefers_the_right: "of those that are ready the last one wins",
        killed by "select::biased_takes_the_left", "race::biased_takes_the_first";
}

/// How often a seed was asked for.
static SEEDS: AtomicU64 = AtomicU64::new(0);

impl<H> Structured<H> {
    /// The first of two futures, the left one first.
    pub(crate) fn select<A: Future, B: Future>(
        &self,
        left: A,
        right: B,
    ) -> Select<Entrant<A>, Entrant<B>> {
        let stays = self.flaw == Some(Flaw::select_keeps_the_loser);
        let prefers_right = self.flaw == Some(Flaw::select_prefers_the_right);
        select(
            Entrant::new(left).stays(stays).hesitates(prefers_right),
            Entrant::new(right).stays(stays),
        )
    }

    /// The first of two futures, in an order that a seed says.
    pub(crate) fn seeded_select<A: Future, B: Future>(
        &self,
        left: A,
        right: B,
        seed: u64,
    ) -> Select<Entrant<A>, Entrant<B>> {
        let select = self.select(left, right);
        match self.seed(seed) {
            Some(seed) => select.seeded(seed),
            None => select,
        }
    }

    /// The first of many futures, those in front first.
    pub(crate) fn race<F: Future>(&self, futures: Vec<F>) -> Race<Entrant<F>> {
        let stays = self.flaw == Some(Flaw::select_keeps_the_loser);
        let prefers_last = self.flaw == Some(Flaw::select_prefers_the_right);
        let last = futures.len().saturating_sub(1);
        race(futures.into_iter().enumerate().map(|(i, future)| {
            Entrant::new(future)
                .stays(stays)
                .hesitates(prefers_last && i < last)
        }))
    }

    /// The first of many futures, in an order that a seed says.
    pub(crate) fn seeded_race<F: Future>(&self, futures: Vec<F>, seed: u64) -> Race<Entrant<F>> {
        let race = self.race(futures);
        match self.seed(seed) {
            Some(seed) => race.seeded(seed),
            None => race,
        }
    }

    /// The seed that is used.
    pub(super) fn seed(&self, seed: u64) -> Option<u64> {
        match self.flaw {
            Some(Flaw::seed_is_ignored) => None,
            Some(Flaw::seed_is_mixed_up) => Some(seed ^ SEEDS.fetch_add(1, Ordering::Relaxed)),
            _ => Some(seed),
        }
    }
}
