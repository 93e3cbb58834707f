use std::time::Duration;

use crate::SplitMix64;

/// The pauses between attempts: constant or exponential, with a limit and optional jitter.
///
/// [`delays`](Self::delays) returns them as an iterator, so that you can test them, or use them without
/// [`retry`](crate::retry).
///
/// # Contract
///
/// - Without jitter, pause `k` (from zero) is `first * factor^k`, at most `max`; it never overflows
///   (`retry::pauses_grow_to_the_limit`).
/// - With jitter each pause is that, times a number from the seed between `1 - jitter` and 1: never longer, so the limit
///   holds (`retry::jitter_only_shortens`).
/// - The same seed gives the same pauses (`retry::is_deterministic_under_a_seed`).
///
/// Rules: `calls::backoff_grows_by_its_factor`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_structured::Backoff;
///
/// let backoff = Backoff::exponential(Duration::from_millis(100))
///     .max_delay(Duration::from_millis(500))
///     .attempts(5);
/// let pauses: Vec<_> = backoff.delays().map(|pause| pause.as_millis()).collect();
/// assert_eq!(pauses, [100, 200, 400, 500]); // five attempts have four pauses between them
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    factor: u32,
    max: Duration,
    /// `None` is no limit.
    attempts: Option<u32>,
    jitter: Option<Jitter>,
}

#[derive(Clone, Debug, PartialEq)]
struct Jitter {
    fraction: f64,
    seed: u64,
}

impl Backoff {
    /// Pauses of `first`, twice `first`, four times `first` and so on, without a limit on attempts.
    pub const fn exponential(first: Duration) -> Self {
        Self {
            first,
            factor: 2,
            max: Duration::MAX,
            attempts: None,
            jitter: None,
        }
    }

    /// Pauses of `delay` each.
    pub const fn constant(delay: Duration) -> Self {
        Self::exponential(delay).factor(1)
    }

    /// Sets the factor between one pause and the next. The default is 2.
    pub const fn factor(self, factor: u32) -> Self {
        Self { factor, ..self }
    }

    /// Sets the longest pause. By default there is no limit.
    pub const fn max_delay(self, max: Duration) -> Self {
        Self { max, ..self }
    }

    /// Sets the number of attempts, the first one included. Zero means one.
    pub const fn attempts(self, attempts: u32) -> Self {
        Self {
            attempts: Some(attempts),
            ..self
        }
    }

    /// Shortens each pause by a random part of it, at most `fraction`, so that clients that failed at the same time do not all
    /// retry at the same time. 1.0 is "full jitter".
    ///
    /// Give each client its own seed, for example its id or the time. In tests use a constant.
    ///
    /// # Panics
    ///
    /// When `fraction` is not between 0 and 1.
    #[track_caller]
    pub const fn jitter(self, fraction: f64, seed: u64) -> Self {
        assert!(
            fraction >= 0.0 && fraction <= 1.0,
            "`Backoff::jitter` needs a fraction between 0 and 1"
        );
        Self {
            jitter: Some(Jitter { fraction, seed }),
            ..self
        }
    }

    /// Returns the pauses, one after each failed attempt. When the iterator ends, no attempt is left.
    pub fn delays(&self) -> Delays {
        Delays {
            next: self.first.min(self.max),
            factor: self.factor,
            max: self.max,
            left: self.attempts.map(|attempts| attempts.saturating_sub(1)),
            jitter: self
                .jitter
                .as_ref()
                .map(|jitter| (jitter.fraction, SplitMix64::new(jitter.seed))),
        }
    }
}

/// The pauses of a [`Backoff`]; made by [`Backoff::delays`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_structured::{Backoff, Delays};
///
/// let mut delays: Delays = Backoff::constant(Duration::from_secs(1)).attempts(2).delays();
/// assert_eq!(delays.next(), Some(Duration::from_secs(1)));
/// assert_eq!(delays.next(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Delays {
    next: Duration,
    factor: u32,
    max: Duration,
    left: Option<u32>,
    jitter: Option<(f64, SplitMix64)>,
}

impl Iterator for Delays {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        let delay = self.next;
        self.next = delay.saturating_mul(self.factor).min(self.max);
        let Some((fraction, generator)) = &mut self.jitter else {
            return Some(delay);
        };
        // 53 bits, as many as an `f64` holds: a number from 0 up to, but not including, 1.
        let random = (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let nanos = delay.as_nanos() as f64 * (1.0 - *fraction * random);
        Some(Duration::from_nanos(nanos as u64).min(delay))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.left {
            Some(left) => (left as usize, Some(left as usize)),
            None => (usize::MAX, None),
        }
    }
}
