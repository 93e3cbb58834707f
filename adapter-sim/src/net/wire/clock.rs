//! The clock of a host: how fast it goes, and what its wall clock shows.

use std::time::{Duration, SystemTime};

/// Parts of a rate: a drift is so many of a billion.
const BILLION: i128 = 1_000_000_000;

/// Maps the simulation's time to a host's and back. Both count nanoseconds from the start of the simulation.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    /// How many nanoseconds it gains in a second.
    drift: i64,
    /// When the drift was set, in the simulation's time and in its own.
    since: (u64, u64),
    /// What it showed last.
    read: u64,
    /// What the wall clock showed at which time of this clock, if it was set.
    wall: Option<(SystemTime, u64)>,
}

impl Clock {
    pub(super) fn is_exact(&self) -> bool {
        self.drift == 0 && self.since.0 == self.since.1
    }

    pub(super) fn set_drift(&mut self, nanos_per_second: i64, now: u64) {
        self.since = (now, self.local(now));
        self.drift = nanos_per_second;
    }

    /// What it shows at a time of the simulation.
    pub(super) fn local(&self, time: u64) -> u64 {
        if self.is_exact() {
            return time;
        }
        let passed = i128::from(time) - i128::from(self.since.0);
        let gained = passed * i128::from(self.drift) / BILLION;
        clamp(i128::from(self.since.1) + passed + gained)
    }

    /// The first time of the simulation at which it shows `local`, or later.
    pub(super) fn global(&self, local: u64) -> u64 {
        if self.is_exact() || local == u64::MAX {
            return local;
        }
        let passed = i128::from(local) - i128::from(self.since.1);
        let rate = BILLION + i128::from(self.drift);
        let mut time = clamp(i128::from(self.since.0) + passed * BILLION / rate);
        while self.local(time) < local && time < u64::MAX {
            time += 1;
        }
        // A slow clock shows the same for longer than a nanosecond.
        while time > self.since.0 && self.local(time - 1) >= local {
            time -= 1;
        }
        time
    }

    /// Notes a reading; tells whether it repeats the last.
    pub(super) fn repeats(&mut self, local: u64) -> bool {
        let repeats = local <= self.read && self.read > 0;
        self.read = self.read.max(local);
        repeats
    }

    pub(super) fn wall(&self, local: u64) -> Option<SystemTime> {
        let (shown, at) = self.wall?;
        Some(shown + Duration::from_nanos(local.saturating_sub(at)))
    }

    pub(super) fn set_wall(&mut self, shown: SystemTime, local: u64) {
        self.wall = Some((shown, local));
    }
}

fn clamp(nanos: i128) -> u64 {
    u64::try_from(nanos.max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_drifts_maps_there_and_back() {
        for drift in [-500_000_000, -1, 1, 200_000_000] {
            let mut clock = Clock::default();
            clock.set_drift(drift, 1_000_000);
            for time in [1_000_000, 1_000_001, 2_345_678, 10_000_000_000] {
                let local = clock.local(time);
                let back = clock.global(local);
                assert!(clock.local(back) >= local && back <= time, "{drift} {time}");
            }
        }
    }

    #[test]
    fn a_new_drift_makes_no_jump() {
        let mut clock = Clock::default();
        clock.set_drift(100_000_000, 0);
        let before = clock.local(5_000);
        clock.set_drift(-100_000_000, 5_000);
        assert_eq!((before, clock.local(5_000)), (5_500, 5_500));
    }
}
