//! What the clocks show.

use std::time::{Duration, SystemTime};

use crate::host_id::HostId;
use crate::schedule::state::State;
use crate::settings::Settings;
use crate::{EventKind, TaskId};

impl State {
    /// Reads the clock of a host.
    pub(crate) fn read(&mut self, settings: &Settings, host: HostId) -> u64 {
        if settings.strict_now && self.read == Some(self.now) {
            self.now = self.now.saturating_add(1);
        }
        self.read = Some(self.now);
        if !self.wire.clocks_differ() {
            return self.now;
        }
        let mut local = self.wire.local_time(host, self.now);
        while settings.strict_now && self.wire.repeats(host, local) {
            // A slow clock may show the same for longer than a nanosecond.
            self.now = self.now.saturating_add(1);
            self.read = Some(self.now);
            local = self.wire.local_time(host, self.now);
        }
        local
    }

    /// What the wall clock of a host shows.
    pub(crate) fn system_time(&self, host: HostId) -> SystemTime {
        let local = self.wire.local_time(host, self.now);
        self.wire.wall(host, local).unwrap_or_else(|| {
            let (shown, at) = self.wall;
            let at = self.wire.local_time(host, at);
            shown + Duration::from_nanos(local.saturating_sub(at))
        })
    }

    pub(crate) fn set_system_time(&mut self, time: SystemTime) {
        self.wall = (time, self.now);
        self.trace
            .add(self.now, TaskId::new(0), EventKind::WallClockSet);
    }
}
