use std::future::Future;
use std::time::Duration;

use anyrt_core::{Instant, Timer};
use anyrt_structured::{Backoff, retry};

use super::entrant::Entrant;
use super::{Flaw, Structured};

anyrt_conformance_engine::mutants! { Flaw;
    backoff_has_no_limit: "pauses grow beyond their limit",
        killed by "retry::pauses_grow_to_the_limit";
    backoff_lengthens: "jitter makes pauses longer",
        killed by "retry::jitter_only_shortens";
    retry_keeps_the_attempt: "a failed attempt is kept",
        killed by "retry::drops_the_attempt_before_the_pause";
    retry_never_gives_up: "every error is worth another attempt",
        killed by "retry::gives_up_when_told";
    retry_pauses_too_short: "pauses last half their time",
        killed by "retry::calls_and_waits_are_exact";
    retry_tries_once_more: "there is one attempt too many",
        killed by "retry::calls_and_waits_are_exact", "retry::pauses_grow_to_the_limit";
}

/// Exponential pauses, by name.
#[derive(Clone, Copy)]
pub(crate) struct Pauses {
    pub(crate) first: Duration,
    pub(crate) max: Duration,
    pub(crate) attempts: u32,
    /// The fraction and the seed.
    pub(crate) jitter: Option<(f64, u64)>,
}

impl<H> Structured<H> {
    fn backoff(&self, pauses: Pauses) -> Backoff {
        let mut backoff = Backoff::exponential(pauses.first)
            .max_delay(pauses.max)
            .attempts(pauses.attempts);
        match self.flaw {
            Some(Flaw::backoff_has_no_limit) => backoff = backoff.max_delay(Duration::MAX),
            Some(Flaw::retry_tries_once_more) => backoff = backoff.attempts(pauses.attempts + 1),
            _ => {}
        }
        match pauses.jitter {
            Some((fraction, seed)) => backoff.jitter(fraction, self.seed(seed).unwrap_or_default()),
            None => backoff,
        }
    }

    /// The pauses themselves.
    pub(crate) fn delays(&self, pauses: Pauses) -> Vec<Duration> {
        let delays = self.backoff(pauses).delays();
        let longer = self.flaw == Some(Flaw::backoff_lengthens) && pauses.jitter.is_some();
        let longer = if longer { 2 } else { 1 };
        delays.map(|delay| delay.saturating_mul(longer)).collect()
    }

    /// Tries until it succeeds, or `when` says that it never will.
    pub(crate) fn retry<A, F, V, E, W>(
        &self,
        pauses: Pauses,
        mut attempt: A,
        mut when: W,
    ) -> impl Future<Output = Result<V, E>> + use<H, A, F, V, E, W>
    where
        H: Timer + Clone,
        A: FnMut() -> F,
        F: Future<Output = Result<V, E>>,
        W: FnMut(&E) -> bool,
    {
        let clock = Clock {
            timer: self.runtime.clone(),
            is_early: self.flaw == Some(Flaw::retry_pauses_too_short),
        };
        let stays = self.flaw == Some(Flaw::retry_keeps_the_attempt);
        let stubborn = self.flaw == Some(Flaw::retry_never_gives_up);
        let attempt = move || Entrant::new(attempt()).stays(stays);
        retry(&clock, &self.backoff(pauses), attempt).when(move |error| when(error) || stubborn)
    }
}

/// The clock on which is paused.
#[derive(Clone)]
pub(crate) struct Clock<H> {
    timer: H,
    is_early: bool,
}

impl<H: Timer> Timer for Clock<H> {
    type Sleep = H::Sleep;

    fn sleep(&self, duration: Duration) -> H::Sleep {
        self.timer.sleep(if self.is_early {
            duration / 2
        } else {
            duration
        })
    }

    fn sleep_until(&self, deadline: Instant) -> H::Sleep {
        self.timer.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.timer.now()
    }
}
