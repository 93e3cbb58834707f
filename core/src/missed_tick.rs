use core::time::Duration;

use crate::{Instant, Timer};

/// What an [`Interval`](crate::Interval) does after a tick was taken a whole period late or more.
///
/// A tick that is late by less than a period changes nothing under any policy: the next one is due where it always was.
///
/// # Examples
///
/// A period of 10 ms, started at 0, and a task that is away from 5 ms to 35 ms. Its ticks are due at:
///
/// | policy | ticks |
/// | --- | --- |
/// | `Burst` | 0, 10 (taken at 35), 20 (35), 30 (35), 40, 50 |
/// | `Delay` | 0, 10 (taken at 35), 45, 55 |
/// | `Skip` | 0, 10 (taken at 35), 40, 50 |
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{Interval, MissedTick, Timer};
///
/// fn frames<T: Timer + Clone>(timer: &T) -> Interval<T> {
///     timer.interval(Duration::from_millis(16)).missed_tick(MissedTick::Skip)
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(frames(&rt.handle()).period(), Duration::from_millis(16));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MissedTick {
    /// Every tick is delivered; the missed ones follow at once, until the schedule is caught up with. For counting.
    #[default]
    Burst,
    /// The schedule starts anew: the next tick is due a period after the late one was taken. For a least distance.
    Delay,
    /// The missed ticks are left out: the next one is due at the next multiple of the period. For staying in phase.
    Skip,
}

impl MissedTick {
    /// When the tick after the one that was due at `due`, and that is being taken now, is due.
    #[inline]
    pub(crate) fn next<T: Timer>(
        self,
        due: Instant,
        period: Duration,
        timer: &T,
    ) -> Option<Instant> {
        let on_time = due.checked_add(period);
        if self == Self::Burst {
            return on_time;
        }
        let now = timer.now();
        match on_time {
            Some(next) if next <= now => match self {
                Self::Skip => now.checked_add(until_next_multiple(now - due, period)),
                _ => now.checked_add(period),
            },
            _ => on_time,
        }
    }
}

/// How long it is from `elapsed` to the first multiple of `period` that is greater.
fn until_next_multiple(elapsed: Duration, period: Duration) -> Duration {
    const NANOS: u128 = 1_000_000_000;
    let past = elapsed.as_nanos() % period.as_nanos();
    // Less than a `Duration`, so its seconds fit u64 and its nanoseconds u32.
    period - Duration::new((past / NANOS) as u64, (past % NANOS) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_multiple_is_always_ahead() {
        let ms = Duration::from_millis;
        assert_eq!(until_next_multiple(ms(25), ms(10)), ms(5));
        assert_eq!(until_next_multiple(ms(30), ms(10)), ms(10));
        assert_eq!(
            until_next_multiple(Duration::MAX, Duration::from_nanos(1)),
            Duration::from_nanos(1)
        );
        assert_eq!(
            until_next_multiple(Duration::ZERO, Duration::MAX),
            Duration::MAX
        );
    }
}
