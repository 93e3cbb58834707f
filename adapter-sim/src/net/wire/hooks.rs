//! What the scheduler asks of the network.

#[cfg(feature = "tracing")]
use std::sync::Arc;
use std::task::Waker;
use std::time::SystemTime;

use super::super::names::Names;
use super::super::payload::Payloads;
use super::super::{diagram, page};
use super::line::{Copied, Event, Line};
use super::{HostId, Wire};
use crate::TaskId;
use crate::report::view::View;
use crate::schedule::choices::Made;

impl Wire {
    /// When the next message arrives.
    #[inline]
    pub(crate) fn next(&self) -> Option<u64> {
        self.flights.next()
    }

    /// The simulation is over: returns whom to wake, so that nobody waits for ever.
    pub(crate) fn close(&mut self) -> Vec<Waker> {
        self.is_closed = true;
        self.flights.clear();
        let mut wakers = Vec::new();
        for id in self.ends.ids(|_| true) {
            if let Some(end) = self.ends.get_mut(id) {
                wakers.extend(end.reader.take());
                wakers.extend(end.writer.take());
            }
        }
        wakers.extend(
            self.listeners
                .iter()
                .map(|(_, listener)| listener.waker.clone()),
        );
        wakers.extend(self.sockets.iter().map(|(_, socket)| socket.waker.clone()));
        for id in self.subscriptions.ids(|_| true) {
            let subscription = self.subscriptions.get_mut(id);
            wakers.extend(subscription.and_then(|it| it.waker.take()));
        }
        wakers
    }

    /// Keeps a task that was drawn while its host is paused; tells whether it did.
    #[inline]
    pub(crate) fn park(&mut self, host: Option<HostId>, task: TaskId) -> bool {
        let Some(host) = host
            .map(|host| self.host_mut(host))
            .filter(|host| host.is_paused)
        else {
            return false;
        };
        host.parked.push(task);
        true
    }

    /// Takes a task back that is to end although its host is paused; tells whether it was kept.
    pub(crate) fn take_parked(&mut self, host: Option<HostId>, task: TaskId) -> bool {
        let Some(host) = host.map(|host| self.host_mut(host)) else {
            return false;
        };
        let place = host.parked.iter().position(|&parked| parked == task);
        place.map(|place| host.parked.remove(place)).is_some()
    }

    pub(crate) fn pause(&mut self, host: HostId, now: u64) {
        self.record
            .note(now, format!("{} paused", self.host_name(host)), &[host]);
        self.host_mut(host).is_paused = true;
    }

    /// Returns the tasks that go on.
    pub(crate) fn resume(&mut self, host: HostId, now: u64) -> Vec<TaskId> {
        if !self.host(host).is_paused {
            return Vec::new();
        }
        self.record
            .note(now, format!("{} resumed", self.host_name(host)), &[host]);
        let host = self.host_mut(host);
        host.is_paused = false;
        std::mem::take(&mut host.parked)
    }

    #[inline]
    pub(crate) fn is_down(&self, host: Option<HostId>) -> bool {
        host.is_some_and(|host| !self.host(host).is_up)
    }

    /// Tells whether there are others than the first.
    #[inline]
    pub(crate) fn has_hosts(&self) -> bool {
        self.hosts.len() > 1
    }

    /// Tells whether it matters whose clock is read.
    #[inline]
    pub(crate) fn clocks_differ(&self) -> bool {
        self.clocks_differ
    }

    /// What the clock of a host shows at a time of the simulation.
    pub(crate) fn local_time(&self, host: HostId, time: u64) -> u64 {
        match time {
            u64::MAX => time,
            _ => self.host(host).clock.local(time),
        }
    }

    /// The time of the simulation at which the clock of a host shows `time`.
    pub(crate) fn global_time(&self, host: HostId, time: u64) -> u64 {
        self.host(host).clock.global(time)
    }

    /// Notes a reading of a host's clock; tells whether it repeats the last.
    pub(crate) fn repeats(&mut self, host: HostId, local: u64) -> bool {
        self.host_mut(host).clock.repeats(local)
    }

    /// What the wall clock of a host shows, if it is its own.
    pub(crate) fn wall(&self, host: HostId, local: u64) -> Option<SystemTime> {
        self.host(host).clock.wall(local)
    }

    pub(crate) fn set_wall(&mut self, host: HostId, shown: SystemTime, local: u64) {
        self.clocks_differ = true;
        self.host_mut(host).clock.set_wall(shown, local);
    }

    pub(crate) fn set_drift(&mut self, host: HostId, nanos_per_second: i64, now: u64) {
        self.clocks_differ = true;
        self.host_mut(host).clock.set_drift(nanos_per_second, now);
    }

    /// The choices that the network made.
    pub(crate) fn made(&self) -> &[Made] {
        self.choices.made()
    }

    pub(crate) fn hash(&self) -> u64 {
        self.record.hash()
    }

    /// What a host is called, where there are hosts.
    #[cfg(feature = "tracing")]
    pub(crate) fn name_of(&self, host: HostId) -> Option<Arc<str>> {
        self.has_hosts().then(|| self.host_name(host))
    }

    /// Keeps what a program notes on a host, or what happens to it there.
    pub(crate) fn note_event(
        &mut self,
        at: u64,
        host: HostId,
        task: Option<TaskId>,
        text: String,
        is_pinned: bool,
    ) {
        self.record.event(Event {
            at,
            host,
            task,
            text,
            is_pinned,
            again: None,
        });
    }

    /// The last messages as a sequence diagram, or nothing.
    pub(crate) fn diagram(&self, view: &View<'_>, payloads: &Payloads) -> String {
        let names = Names { wire: self, view };
        diagram::text(&self.record, &names, payloads.shown)
    }

    /// The last messages as an HTML page, or nothing.
    pub(crate) fn page(&self, title: &str, view: &View<'_>) -> String {
        match self.record.is_empty() {
            true => String::new(),
            false => page::html(&self.record, title, &Names { wire: self, view }),
        }
    }

    /// What is kept of the messages that have bytes.
    pub(crate) fn payloads(&self) -> Vec<Copied> {
        let copied = |line: &Line| match line {
            Line::Message(message) => {
                let bytes = self.record.payload(message).to_vec();
                (!bytes.is_empty()).then(|| Copied {
                    number: message.number,
                    bytes,
                    len: message.bytes,
                    from: self.host_name(message.way.0),
                    to: self.host_name(message.way.1),
                })
            }
            _ => None,
        };
        self.record.lines().filter_map(copied).collect()
    }
}
