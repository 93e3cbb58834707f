//! Ways that are closed, and what happens when they are open again.

use super::end::HELD;
use super::flights::What;
use super::link::Way;
use super::slab::Id;
use super::{HostId, Moment, SECOND, Wire};

/// How long a system waits between the probes of an idle connection, and how many of them it sends after the first.
pub(super) const PROBE_INTERVAL: u64 = 75 * SECOND;
const PROBES: u32 = 8;

impl Wire {
    /// Notes what becomes of the ways between two groups, in a word and as an arrow.
    pub(crate) fn note_ways(
        &mut self,
        now: u64,
        (word, arrow): (&str, &str),
        groups: (&[HostId], &[HostId]),
    ) {
        let names = |hosts: &[HostId]| {
            let names: Vec<_> = hosts.iter().map(|&host| self.host_name(host)).collect();
            names.join(", ")
        };
        let text = format!("{word}: {} {arrow} {}", names(groups.0), names(groups.1));
        self.record.note(now, text, &[groups.0, groups.1].concat());
    }

    /// Loses all that goes this way from now on.
    pub(crate) fn cut(&mut self, from: HostId, to: HostId, m: &mut Moment) {
        self.links.barrier_mut((from, to)).cut = true;
        self.question(m.now, |way| way == (from, to) || way == (to, from));
    }

    /// Keeps all that goes this way until it is released.
    pub(crate) fn hold(&mut self, from: HostId, to: HostId, _: &mut Moment) {
        self.links.barrier_mut((from, to)).held = true;
    }

    pub(crate) fn release_way(&mut self, from: HostId, to: HostId, m: &mut Moment) {
        self.links.barrier_mut((from, to)).held = false;
        self.reopen(m, false, |way| way == (from, to));
    }

    pub(crate) fn heal_way(&mut self, from: HostId, to: HostId, m: &mut Moment) {
        self.links.barrier_mut((from, to)).cut = false;
        self.reopen(m, true, |way| way == (from, to) || way == (to, from));
    }

    /// Opens every way.
    pub(crate) fn heal_all(&mut self, m: &mut Moment) {
        self.links.remove_barriers();
        self.record.note(m.now, "all healed".to_owned(), &[]);
        self.reopen(m, true, |_| true);
    }

    /// Connections that are to be probed when they are idle will be: whether the peer is there is in question.
    pub(super) fn question(&mut self, now: u64, concerns: impl Fn(Way) -> bool) {
        let all = self
            .ends
            .ids(|end| end.keepalive.is_some() && concerns(end.outward()));
        for id in all {
            let idle = self.ends.get(id).and_then(|end| end.keepalive);
            if let Some(idle) = idle {
                let what = What::Probe {
                    end: id,
                    left: PROBES,
                };
                self.flights.push(now.saturating_add(idle), what);
            }
        }
    }

    /// Sends on what waited for ways that are open now. `again` tells that it was lost, and is sent anew when its sender tries again.
    pub(super) fn reopen(&mut self, m: &mut Moment, again: bool, concerns: impl Fn(Way) -> bool) {
        for id in self.ends.ids(|end| concerns(end.inward())) {
            self.reopen_inward(id, m, again);
        }
        for id in self.ends.ids(|end| concerns(end.outward())) {
            self.end_silence(id, m);
        }
        let waiting = std::mem::take(&mut self.waiting);
        for (way, packet) in waiting {
            match self.is_open(way) {
                true => {
                    let at = m.now + self.latency(way);
                    self.flights.push(at, What::Packet(packet));
                }
                false => self.waiting.push((way, packet)),
            }
        }
    }

    fn reopen_inward(&mut self, id: Id, m: &mut Moment, again: bool) {
        let Some(end) = self.ends.get(id) else { return };
        let way = end.inward();
        if !self.is_open(way) {
            return;
        }
        let held = |at: u64| at == HELD;
        let first = end.segments.iter().find(|segment| held(segment.at));
        let delay = match first {
            Some(segment) if again => Self::until_retransmission(segment.sent, m.now),
            _ => 0,
        };
        let (has_segments, has_acks) = (first.is_some(), end.acks.iter().any(|ack| held(ack.0)));
        let at = m.now + delay + self.latency(way);
        let acked = m.now + self.latency(way);
        let Some(end) = self.ends.get_mut(id) else {
            return;
        };
        let at = at.max(end.last_at);
        if has_segments {
            let was_first = end.segments.front().is_some_and(|segment| held(segment.at));
            for segment in end.segments.iter_mut().filter(|segment| held(segment.at)) {
                segment.at = at;
            }
            end.last_at = at;
            if was_first {
                self.flights.push(at, What::Arrive(id));
            }
        }
        if has_acks {
            for ack in end.acks.iter_mut().filter(|ack| held(ack.0)) {
                ack.0 = acked;
            }
            self.await_room(id);
        }
    }

    /// The peer of an end can be heard again, or its host can.
    fn end_silence(&mut self, id: Id, m: &Moment) {
        let Some(end) = self.ends.get_mut(id) else {
            return;
        };
        let (outward, inward) = (end.outward(), end.inward());
        let (since, is_stray) = (end.silent_since, end.other.is_none());
        if !self.is_open(outward) || !self.is_open(inward) {
            return;
        }
        let Some(since) = since else { return };
        if let Some(end) = self.ends.get_mut(id) {
            end.silent_since = None;
        }
        if is_stray {
            let delay = Self::until_retransmission(since, m.now);
            self.answer_stray(id, m, delay);
        }
    }
}
