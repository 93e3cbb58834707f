//! How a message fares between two hosts.

use std::collections::BTreeMap;

use super::HostId;
use crate::rng::Rng;

/// From which host to which.
pub(super) type Way = (HostId, HostId);

/// What is true of one direction between two hosts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Link {
    /// The shortest and the longest time that a message takes, in nanoseconds.
    pub(crate) latency: (u64, u64),
    /// Bytes that go out in a second.
    pub(crate) bandwidth: Option<u64>,
    pub(crate) loss: f64,
    pub(crate) duplication: f64,
    pub(crate) reordering: f64,
    pub(crate) corruption: f64,
    /// The largest datagram that gets through.
    pub(crate) mtu: usize,
}

/// The largest datagram of UDP over IPv4.
pub(super) const LARGEST: usize = 65_507;

impl Link {
    const fn with_latency(least: u64, most: u64) -> Self {
        Self {
            latency: (least, most),
            bandwidth: None,
            loss: 0.0,
            duplication: 0.0,
            reordering: 0.0,
            corruption: 0.0,
            mtu: LARGEST,
        }
    }

    pub(super) fn draw_latency(&self, rng: &mut Rng) -> u64 {
        let (least, most) = self.latency;
        match most.saturating_sub(least) {
            0 => least,
            range => least + rng.below(range.saturating_add(1)),
        }
    }
}

/// Whether messages get through at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Barrier {
    /// They are lost.
    pub(super) cut: bool,
    /// They wait.
    pub(super) held: bool,
}

pub(super) struct Links {
    between: Link,
    inside: Link,
    own: BTreeMap<Way, Link>,
    barriers: BTreeMap<Way, Barrier>,
    /// Until when a way with a bandwidth is busy.
    busy: BTreeMap<Way, u64>,
}

impl Links {
    pub(super) const fn new() -> Self {
        Self {
            between: Link::with_latency(500_000, 2_000_000),
            inside: Link::with_latency(10_000, 50_000),
            own: BTreeMap::new(),
            barriers: BTreeMap::new(),
            busy: BTreeMap::new(),
        }
    }

    #[inline]
    pub(super) fn link(&self, way: Way) -> &Link {
        let own = if self.own.is_empty() {
            None
        } else {
            self.own.get(&way)
        };
        match own {
            Some(link) => link,
            None if way.0 == way.1 => &self.inside,
            None => &self.between,
        }
    }

    /// Changes what is true between any two hosts.
    pub(super) fn change(&mut self, change: impl Fn(&mut Link)) {
        change(&mut self.between);
        for (_, link) in self.own.iter_mut().filter(|(way, _)| way.0 != way.1) {
            change(link);
        }
    }

    pub(super) fn link_mut(&mut self, way: Way) -> &mut Link {
        let default = *self.link(way);
        self.own.entry(way).or_insert(default)
    }

    #[inline]
    pub(super) fn barrier(&self, way: Way) -> Barrier {
        if self.barriers.is_empty() {
            return Barrier::default();
        }
        self.barriers.get(&way).copied().unwrap_or_default()
    }

    pub(super) fn barrier_mut(&mut self, way: Way) -> &mut Barrier {
        self.barriers.entry(way).or_default()
    }

    pub(super) fn remove_barriers(&mut self) {
        self.barriers.clear();
    }

    /// When the last of so many bytes has gone out.
    #[inline]
    pub(super) fn depart(&mut self, way: Way, bytes: usize, now: u64) -> u64 {
        let Some(bandwidth) = self.link(way).bandwidth else {
            return now;
        };
        let takes = (bytes as u128 * 1_000_000_000).div_ceil(u128::from(bandwidth.max(1)));
        let takes = u64::try_from(takes).unwrap_or(u64::MAX);
        let busy = self.busy.entry(way).or_default();
        *busy = now.max(*busy).saturating_add(takes);
        *busy
    }
}
