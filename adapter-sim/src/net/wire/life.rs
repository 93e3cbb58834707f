//! Hosts that go down, processes that are killed, and connections that are torn.

use std::io::ErrorKind;

use super::end::Phase;
use super::host::AtPath;
use super::slab::Id;
use super::{HostId, Moment, Wire};

impl Wire {
    /// The host loses its power: all that it had is gone, and nobody is told.
    pub(crate) fn power_off(&mut self, host: HostId, m: &mut Moment) {
        self.record
            .note(m.now, format!("{} crashed", self.host_name(host)), &[host]);
        for id in self.ends.ids(|end| end.host == host) {
            let Some(end) = self.forget_end(id, m) else {
                continue;
            };
            m.wakers.append(&mut m.unwanted);
            let Some(other) = end.other else { continue };
            let Some(peer) = self.ends.get_mut(other) else {
                continue;
            };
            peer.other = None;
            peer.forget_held();
            peer.apply_sent_acks();
            if peer.unread > 0 || peer.shut {
                self.wait_in_silence(other, m.now);
            }
        }
        self.close_sockets(host, m);
        if self.is_up(host) {
            self.lose_unsynced(host);
        }
        let place = self.host_mut(host);
        place.is_up = false;
        place.is_paused = false;
        place.parked.clear();
        place.paths.clear();
        self.question(m.now, |way| way.1 == host);
    }

    /// The process is killed.
    pub(crate) fn kill_process(&mut self, host: HostId, m: &mut Moment) {
        self.record
            .note(m.now, format!("{} killed", self.host_name(host)), &[host]);
        self.close_process(host, m);
    }

    /// The process ends, and its system closes what it had.
    pub(crate) fn close_process(&mut self, host: HostId, m: &mut Moment) {
        for id in self.ends.ids(|end| end.host == host) {
            // A task elsewhere may hold the stream, and hears of it.
            if let Some(end) = self.ends.get_mut(id) {
                m.wakers.extend(end.reader.take());
                m.wakers.extend(end.writer.take());
            }
            self.drop_end(id, m);
        }
        self.close_sockets(host, m);
        let place = self.host_mut(host);
        place.is_paused = false;
        place.parked.clear();
    }

    fn close_sockets(&mut self, host: HostId, m: &mut Moment) {
        let listeners: Vec<Id> = self.listeners.ids(|listener| listener.host == host);
        for id in listeners {
            m.wakers.extend(
                self.listeners
                    .get(id)
                    .map(|listener| listener.waker.clone()),
            );
            self.drop_listener(id, m);
        }
        for id in self.sockets.ids(|socket| socket.host == host) {
            m.wakers
                .extend(self.sockets.get(id).map(|socket| socket.waker.clone()));
            self.drop_socket(id, m);
        }
        for id in self
            .subscriptions
            .ids(|subscription| subscription.host == host)
        {
            let gone = self.subscriptions.remove(id);
            m.wakers.extend(gone.and_then(|it| it.waker));
        }
    }

    /// The host has power again. What it once had is forgotten, which its peers hear when they send.
    pub(crate) fn power_on(&mut self, host: HostId, m: &mut Moment) {
        self.record
            .note(m.now, format!("{} started", self.host_name(host)), &[host]);
        self.host_mut(host).was_started = true;
        if self.host(host).is_up {
            return;
        }
        self.host_mut(host).is_up = true;
        self.reopen(m, true, |way| way.0 == host || way.1 == host);
    }

    /// Returns whether it was up before.
    pub(crate) fn set_up(&mut self, host: HostId, is_up: bool) -> bool {
        std::mem::replace(&mut self.host_mut(host).is_up, is_up)
    }

    pub(crate) fn is_up(&self, host: HostId) -> bool {
        self.host(host).is_up
    }

    /// Resets the connections between two hosts, for both ends.
    pub(crate) fn reset(&mut self, one: HostId, other: HostId, m: &mut Moment) {
        self.record.note(
            m.now,
            format!(
                "{} and {} reset",
                self.host_name(one),
                self.host_name(other)
            ),
            &[one, other],
        );
        let between = |way| way == (one, other) || way == (other, one);
        for id in self
            .ends
            .ids(|end| between(end.outward()) && end.phase == Phase::Open)
        {
            self.kill_end(id, ErrorKind::ConnectionReset, m);
        }
    }

    /// `forgetful` forgets its connections with `peer`, which is not told.
    pub(crate) fn forget_connections(&mut self, peer: HostId, forgetful: HostId, m: &mut Moment) {
        let note = format!(
            "{} forgot its connections with {}",
            self.host_name(forgetful),
            self.host_name(peer)
        );
        self.record.note(m.now, note, &[forgetful, peer]);
        let inside = self
            .ends
            .ids(|end| end.outward() == (forgetful, peer) && end.phase == Phase::Open);
        for id in inside {
            let other = self.ends.get(id).and_then(|end| end.other);
            self.kill_end(id, ErrorKind::ConnectionReset, m);
            let Some(other) = other else { continue };
            let (is_waiting, keepalive) = match self.ends.get_mut(other) {
                Some(end) => {
                    end.apply_sent_acks();
                    (end.unread > 0 || end.shut, end.keepalive)
                }
                None => continue,
            };
            if is_waiting {
                self.answer_stray(other, m, 0);
            } else if let Some(idle) = keepalive {
                let what = super::flights::What::Probe {
                    end: other,
                    left: 0,
                };
                self.flights.push(m.now.saturating_add(idle), what);
            }
        }
    }
}

impl super::host::Host {
    /// Leaves the file of a Unix socket that is closed.
    pub(super) fn leave(&mut self, path: &std::path::Path) {
        if let Some(there) = self.paths.get_mut(path) {
            *there = AtPath::Left;
        }
    }
}
