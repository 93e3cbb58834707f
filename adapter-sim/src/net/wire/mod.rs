//! The state of the network: hosts, sockets and what is on its way. It is a part of the simulation's state, behind its lock, and
//! calls nothing of the user's: wakers are handed out.

mod barrier;
mod clock;
mod close;
mod connect;
mod datagram;
mod deliver;
mod descriptors;
mod end;
mod flights;
mod hooks;
mod host;
mod life;
pub(crate) mod line;
mod link;
mod listener;
mod packet;
mod pending;
pub(crate) mod record;
mod segment;
mod signal;
pub(crate) mod slab;
mod storage;
mod stream;
mod tries;
#[cfg(unix)]
mod unix;

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Waker;

use self::end::End;
use self::flights::Flights;
use self::host::Host;
use self::link::{Links, Way};
use self::listener::Listener;
use self::packet::Packet;
use self::record::Record;
use self::signal::Subscription;
use self::slab::{Id, Slab};
use self::tries::Tries;
use crate::host_id::HostId;
use crate::rng::{Purpose, Rng};
use crate::schedule::choices::{Choices, Kind};
use crate::settings::Settings;

pub(crate) use self::datagram::{Address, Socket};
pub(crate) use self::link::Link;

pub(super) const SECOND: u64 = 1_000_000_000;

pub(crate) struct Wire {
    rng: Rng,
    disk_rng: Rng,
    hosts: Vec<Host>,
    owners: BTreeMap<IpAddr, HostId>,
    names: BTreeMap<Arc<str>, Vec<IpAddr>>,
    links: Links,
    ends: Slab<End>,
    listeners: Slab<Listener>,
    sockets: Slab<Socket>,
    packets: Slab<Packet>,
    subscriptions: Slab<Subscription>,
    flights: Flights,
    /// Datagrams that wait for the release of their way.
    waiting: Vec<(Way, Id)>,
    pub(crate) shape: Shape,
    pub(crate) record: Record,
    tries: Tries,
    choices: Choices,
    /// The time of the operation that is under way, for what is noted of its choices.
    pub(crate) now: u64,
    /// Some clock is not the simulation's.
    clocks_differ: bool,
    is_closed: bool,
}

/// What holds for the whole network.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// How likely a read or a write does less than it could.
    pub(crate) short_io: f64,
    /// Bytes of a send buffer, and of a receive buffer.
    pub(crate) buffer: usize,
    pub(crate) datagram_buffer: usize,
    pub(crate) connect_timeout: u64,
    pub(crate) stream_timeout: u64,
    pub(crate) dns_delay: (u64, u64),
    pub(crate) dns_failure: f64,
}

/// When something happens in the network, and whom it wakes.
pub(crate) struct Moment {
    pub(crate) now: u64,
    pub(crate) wakers: Vec<Waker>,
    /// To be dropped without the lock.
    pub(crate) unwanted: Vec<Waker>,
}

impl Moment {
    pub(crate) fn new(now: u64) -> Self {
        Self {
            now,
            wakers: Vec::new(),
            unwanted: Vec::new(),
        }
    }

    /// Keeps a waker in its place.
    fn keep(&mut self, place: &mut Option<Waker>, waker: &mut Option<Waker>) {
        if let Some(waker) = waker.take() {
            self.unwanted.extend(place.replace(waker));
        }
    }
}

impl Wire {
    pub(crate) fn new(settings: &Settings) -> Self {
        let seed = settings.seed;
        let mut wire = Self {
            rng: Rng::stream(seed, Purpose::named("network")),
            disk_rng: Rng::stream(seed, Purpose::named("disk")),
            hosts: Vec::new(),
            owners: BTreeMap::new(),
            names: BTreeMap::new(),
            links: Links::new(),
            ends: Slab::new(),
            listeners: Slab::new(),
            sockets: Slab::new(),
            packets: Slab::new(),
            subscriptions: Slab::new(),
            flights: Flights::new(),
            waiting: Vec::new(),
            shape: Shape {
                short_io: 0.0,
                buffer: 64 * 1024,
                datagram_buffer: 208 * 1024,
                connect_timeout: 127 * SECOND,
                stream_timeout: 924 * SECOND,
                dns_delay: (1_000_000, 5_000_000),
                dns_failure: 0.0,
            },
            record: Record::new(settings.payloads.kept),
            tries: Tries::new(settings.retry_limit),
            choices: Choices::new(settings.record_choices, settings.kept.as_ref()),
            now: 0,
            clocks_differ: false,
            is_closed: false,
        };
        wire.add_host(Arc::from("local"), Some(host::FIRST));
        wire
    }

    /// Tells whether messages get through.
    #[inline]
    fn is_open(&self, way: Way) -> bool {
        let up = |host: HostId| self.hosts[host.0 as usize].is_up;
        let barrier = self.links.barrier(way);
        up(way.0) && up(way.1) && !barrier.cut && !barrier.held
    }

    #[inline]
    fn latency(&mut self, way: Way) -> u64 {
        let link = self.links.link(way);
        let (drawn, least) = (link.draw_latency(&mut self.rng), link.latency.0);
        match self.choices.keeps(Kind::Latency, drawn > least, self.now) {
            true => drawn,
            false => least,
        }
    }

    pub(crate) fn change_links(&mut self, change: impl Fn(&mut Link)) {
        self.links.change(change);
    }

    pub(crate) fn link_mut(&mut self, from: HostId, to: HostId) -> &mut Link {
        self.links.link_mut((from, to))
    }

    /// How long a question for a name takes, and whether it fails.
    pub(crate) fn draw_lookup(&mut self) -> (u64, bool) {
        let (least, most) = self.shape.dns_delay;
        let delay = least + self.rng.below((most - least).saturating_add(1));
        (delay, self.chance(self.shape.dns_failure))
    }

    #[inline]
    fn chance(&mut self, p: f64) -> bool {
        if p <= 0.0 {
            return false;
        }
        let differs = self.rng.chance(p);
        self.choices.keeps(Kind::Network, differs, self.now)
    }

    /// # Errors
    ///
    /// When the simulation is over, or the host is down.
    fn check_up(&self, host: HostId) -> io::Result<()> {
        match self.is_closed || !self.hosts[host.0 as usize].is_up {
            true => Err(gone()),
            false => Ok(()),
        }
    }
}

/// The error of a socket whose host or simulation is no more.
pub(super) fn gone() -> io::Error {
    io::Error::other("the socket is gone: its simulated host went down, or its simulation is over")
}
