//! Which hosts of a log get a column, and which are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::wire::line::Line;
use crate::host_id::HostId;

pub(super) struct Columns {
    places: BTreeMap<HostId, usize>,
    /// Hosts that have none, in order.
    pub(super) left_out: Vec<HostId>,
}

impl Columns {
    /// The hosts of these lines; then, as long as there are at most `most`, the host that a failure is about, and those that a
    /// fault names, the last fault first. Of `others`, those that are not among them are left out.
    pub(super) fn new<'a>(
        lines: impl DoubleEndedIterator<Item = &'a Line> + Clone,
        failing: Option<HostId>,
        others: impl Iterator<Item = HostId>,
        most: usize,
    ) -> Self {
        let mut hosts = BTreeSet::new();
        for line in lines.clone() {
            match line {
                Line::Message(message) => hosts.extend([message.way.0, message.way.1]),
                Line::Event(event) => hosts.extend([event.host]),
                Line::Note { .. } => {}
            }
        }
        let struck = lines.rev().flat_map(|line| match line {
            Line::Note { hosts, .. } => &hosts[..],
            _ => &[],
        });
        for host in failing.into_iter().chain(struck.copied()) {
            if hosts.len() < most {
                hosts.insert(host);
            }
        }
        let others: BTreeSet<_> = others.chain(failing).collect();
        Self {
            left_out: others.difference(&hosts).copied().collect(),
            places: hosts.into_iter().zip(0..).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn place(&self, host: HostId) -> Option<usize> {
        self.places.get(&host).copied()
    }

    /// The hosts and their places, from the left to the right.
    pub(super) fn iter(&self) -> impl Iterator<Item = (HostId, usize)> {
        self.places.iter().map(|(&host, &place)| (host, place))
    }
}
