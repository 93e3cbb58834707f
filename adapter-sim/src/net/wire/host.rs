//! The hosts and their addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::clock::Clock;
use super::line::Line;
use super::slab::Id;
use super::storage::Storage;
use super::{HostId, Wire};
use crate::TaskId;
use crate::rng::Rng;

/// The address of the host that is there from the start; one of those that are set aside for documentation.
pub(super) const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

pub(super) struct Host {
    pub(super) name: Arc<str>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) is_up: bool,
    /// A process was started on it, or had a socket.
    pub(super) was_started: bool,
    pub(super) is_paused: bool,
    /// Tasks that were drawn while it was paused.
    pub(super) parked: Vec<TaskId>,
    pub(super) clock: Clock,
    pub(super) disk: Storage,
    /// The ports that it gives out by itself.
    pub(super) ephemeral: Range<u32>,
    /// The listeners at a port.
    pub(super) tcp: BTreeMap<u16, Vec<Id>>,
    /// The sockets at a port.
    pub(super) udp: BTreeMap<u16, Vec<Id>>,
    /// The ports of outgoing connections, each with the peer that it is taken towards.
    pub(super) outgoing: BTreeSet<(u16, SocketAddr)>,
    pub(super) paths: BTreeMap<Arc<Path>, AtPath>,
    /// When the last datagram to itself arrives.
    pub(super) last_inside: u64,
    pub(super) descriptors: usize,
    pub(super) descriptor_limit: usize,
    /// How likely an attempt to connect is refused although somebody listens.
    pub(super) refusal: f64,
}

/// What is at the path of a Unix socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtPath {
    Listener(Id),
    Datagram(Id),
    /// The file of a socket that was dropped.
    Left,
}

impl Host {
    fn new(name: Arc<str>) -> Self {
        Self {
            name,
            addresses: Vec::new(),
            is_up: true,
            was_started: false,
            is_paused: false,
            parked: Vec::new(),
            clock: Clock::default(),
            disk: Storage::default(),
            ephemeral: 49_152..65_536,
            tcp: BTreeMap::new(),
            udp: BTreeMap::new(),
            outgoing: BTreeSet::new(),
            paths: BTreeMap::new(),
            last_inside: 0,
            descriptors: 0,
            descriptor_limit: usize::MAX,
            refusal: 0.0,
        }
    }

    pub(super) fn has(&self, ip: IpAddr) -> bool {
        self.addresses.contains(&ip)
    }

    /// A port of its own that is not taken: from a drawn one on, each once.
    pub(super) fn free_port(
        &self,
        rng: &mut Rng,
        is_taken: impl Fn(&Self, u16) -> bool,
    ) -> Option<u16> {
        let count = self.ephemeral.len() as u64;
        if count == 0 {
            return None;
        }
        let first = rng.below(count);
        (0..count)
            .map(|offset| u64::from(self.ephemeral.start) + (first + offset) % count)
            .filter_map(|port| u16::try_from(port).ok())
            .find(|&port| !is_taken(self, port))
    }
}

impl Wire {
    pub(super) fn host(&self, host: HostId) -> &Host {
        &self.hosts[host.0 as usize]
    }

    pub(super) fn host_mut(&mut self, host: HostId) -> &mut Host {
        &mut self.hosts[host.0 as usize]
    }

    pub(crate) fn host_name(&self, host: HostId) -> Arc<str> {
        Arc::clone(&self.host(host).name)
    }

    pub(crate) fn addresses(&self, host: HostId) -> Vec<IpAddr> {
        self.host(host).addresses.clone()
    }

    pub(crate) fn hosts(&self) -> impl Iterator<Item = HostId> {
        (0..self.hosts.len() as u32).map(HostId)
    }

    /// The hosts that a test has named, and the first where anything of it is in the log.
    pub(crate) fn hosts_seen(&self) -> impl Iterator<Item = HostId> {
        let first = |line: &Line| match line {
            Line::Message(message) => message.way.0.0 == 0 || message.way.1.0 == 0,
            Line::Event(event) => event.host.0 == 0,
            Line::Note { .. } => false,
        };
        let is_seen = self.record.lines().any(first);
        self.hosts().filter(move |host| host.0 > 0 || is_seen)
    }

    /// The host of an address or a name, which is made where there is none.
    pub(crate) fn find_or_add(&mut self, name: &str) -> HostId {
        let address = name.parse::<IpAddr>().ok();
        let found = match address {
            Some(address) => self.owners.get(&address).copied(),
            None => {
                let mut hosts = self.hosts();
                hosts.find(|&host| *self.host(host).name == *name)
            }
        };
        found.unwrap_or_else(|| self.add_host(Arc::from(name), address))
    }

    pub(super) fn add_host(&mut self, name: Arc<str>, address: Option<IpAddr>) -> HostId {
        let host = HostId(u32::try_from(self.hosts.len()).expect("fewer than 2^32 hosts"));
        self.hosts.push(Host::new(Arc::clone(&name)));
        match address {
            Some(address) => self.add_address(host, address),
            None => {
                let address = self.free_address(host);
                self.add_address(host, address);
                self.names.entry(name).or_default().push(address);
            }
        }
        host
    }

    /// 192.168.0.1 and so on, for hosts that are known by their names.
    fn free_address(&self, host: HostId) -> IpAddr {
        let mut number = u32::from(Ipv4Addr::new(192, 168, 0, 0)) + host.0;
        loop {
            let address = IpAddr::V4(Ipv4Addr::from(number));
            if !self.owners.contains_key(&address) {
                return address;
            }
            number += 1;
        }
    }

    /// # Panics
    ///
    /// When another host has it.
    #[track_caller]
    pub(crate) fn add_address(&mut self, host: HostId, address: IpAddr) {
        assert!(
            !address.is_loopback() && !address.is_unspecified() && !address.is_multicast(),
            "{address} is the address of no host"
        );
        let owner = *self.owners.entry(address).or_insert(host);
        let name = &self.host(owner).name;
        assert!(
            owner == host,
            "{address} is the address of host `{name}` already"
        );
        if !self.host(host).has(address) {
            self.host_mut(host).addresses.push(address);
        }
    }

    pub(crate) fn add_name(&mut self, name: &str, addresses: &[IpAddr]) {
        let all = self.names.entry(Arc::from(name)).or_default();
        for address in addresses {
            if !all.contains(address) {
                all.push(*address);
            }
        }
    }

    pub(crate) fn look_up(&self, name: &str) -> Vec<IpAddr> {
        if name == "localhost" {
            return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        }
        self.names.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn set_ephemeral(&mut self, host: HostId, ports: Range<u32>) {
        self.host_mut(host).ephemeral = ports;
    }

    pub(crate) fn set_descriptor_limit(&mut self, host: HostId, limit: usize) {
        self.host_mut(host).descriptor_limit = limit;
    }

    pub(crate) fn set_refusal(&mut self, host: HostId, p: f64) {
        self.host_mut(host).refusal = p;
    }

    /// Whose an address is, seen from a host.
    pub(super) fn owner(&self, from: HostId, ip: IpAddr) -> Option<HostId> {
        if ip.is_loopback() || ip.is_unspecified() {
            return Some(from);
        }
        self.owners.get(&ip).copied()
    }

    /// Checks that a socket of this host may be bound to an address.
    ///
    /// # Errors
    ///
    /// `AddrNotAvailable` when it is another machine's.
    pub(super) fn check_local(&self, host: HostId, ip: IpAddr) -> io::Result<()> {
        let ip = ip.to_canonical();
        if ip.is_loopback() || ip.is_unspecified() || self.host(host).has(ip) {
            return Ok(());
        }
        Err(io::ErrorKind::AddrNotAvailable.into())
    }

    /// The address from which a host speaks to another.
    ///
    /// # Errors
    ///
    /// `NetworkUnreachable` when it has none of that family.
    pub(super) fn source(&self, host: HostId, to: IpAddr) -> io::Result<IpAddr> {
        if to.is_loopback() || self.host(host).has(to) {
            return Ok(to);
        }
        let mut addresses = self.host(host).addresses.iter();
        let same = addresses.find(|address| address.is_ipv4() == to.is_ipv4());
        same.copied()
            .ok_or_else(|| io::ErrorKind::NetworkUnreachable.into())
    }
}

/// Tells whether what is bound to the one is found at the other.
pub(super) fn covers(bound: IpAddr, only_v6: bool, ip: IpAddr) -> bool {
    if bound.is_unspecified() {
        return bound.is_ipv4() == ip.is_ipv4() || (bound.is_ipv6() && !only_v6);
    }
    bound.to_canonical() == ip
}

/// Tells whether two sockets cannot be bound to one port.
pub(super) fn collides(one: (IpAddr, bool), other: (IpAddr, bool)) -> bool {
    covers(one.0, one.1, other.0) || covers(other.0, other.1, one.0)
}
