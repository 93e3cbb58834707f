//! Listeners, TCP's and Unix ones.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::task::{Poll, Waker};

use anyrt_net::ListenOptions;

use super::end::{End, Phase};
use super::host::{collides, covers};
use super::slab::Id;
use super::{HostId, Moment, Wire, gone};

/// How many connections wait to be accepted, unless an option says otherwise.
const BACKLOG: usize = 1024;

pub(super) struct Listener {
    pub(super) host: HostId,
    pub(super) local: SocketAddr,
    pub(super) path: Option<Arc<Path>>,
    pub(super) backlog: usize,
    pub(super) queue: VecDeque<Id>,
    only_v6: bool,
    shares_port: bool,
    /// Wakes all that wait.
    pub(super) waker: Waker,
}

impl Listener {
    pub(super) fn new(
        host: HostId,
        local: SocketAddr,
        options: &ListenOptions,
        waker: Waker,
    ) -> Self {
        Self {
            host,
            local,
            path: None,
            backlog: options.backlog.map_or(BACKLOG, |n| n as usize).max(1),
            queue: VecDeque::new(),
            only_v6: options.only_v6.unwrap_or(false),
            shares_port: options.reuse_port.unwrap_or(false),
            waker,
        }
    }

    fn bound(&self) -> (IpAddr, bool) {
        (self.local.ip(), self.only_v6)
    }
}

impl Wire {
    pub(crate) fn listen(
        &mut self,
        host: HostId,
        local: SocketAddr,
        options: &ListenOptions,
        waker: Waker,
    ) -> io::Result<Id> {
        self.check_up(host)?;
        self.check_descriptor(host)?;
        self.check_local(host, local.ip())?;
        let mut listener = Listener::new(host, local, options, waker);
        let place = &self.hosts[host.0 as usize];
        if local.port() == 0 {
            let port = place.free_port(&mut self.rng, |host, port| {
                host.tcp.contains_key(&port) || is_outgoing(host, port)
            });
            listener.local.set_port(port.ok_or(ErrorKind::AddrInUse)?);
        } else {
            let there = place.tcp.get(&local.port()).into_iter().flatten();
            let mut there = there.filter_map(|&id| self.listeners.get(id));
            let collides = |other: &Listener| {
                let both_share = listener.shares_port && other.shares_port;
                !both_share && collides(listener.bound(), other.bound())
            };
            if there.any(collides) {
                return Err(ErrorKind::AddrInUse.into());
            }
        }
        let port = listener.local.port();
        let id = self.listeners.insert(listener);
        self.host_mut(host).tcp.entry(port).or_default().push(id);
        self.take_descriptor(host);
        Ok(id)
    }

    /// The listeners at an address of a host.
    pub(super) fn listeners_at(&self, host: HostId, to: SocketAddr) -> impl Iterator<Item = Id> {
        let there = self.hosts[host.0 as usize].tcp.get(&to.port());
        let fits = move |id: &Id| {
            let listener = self.listeners.get(*id);
            listener.is_some_and(|it| covers(it.local.ip(), it.only_v6, to.ip()))
        };
        there.into_iter().flatten().copied().filter(fits)
    }

    /// A listener at an address of a host; a drawn one, where several share it.
    pub(super) fn listener_at(&mut self, host: HostId, to: SocketAddr) -> Option<Id> {
        let all: Vec<Id> = self.listeners_at(host, to).collect();
        match all.as_slice() {
            [] | [_] => all.first().copied(),
            _ => self.rng.choose(&all).copied(),
        }
    }

    pub(super) fn has_room(&self, listener: Id) -> bool {
        let listener = self.listeners.get(listener);
        listener.is_some_and(|it| it.queue.len() < it.backlog)
    }

    /// Makes the server's end of a connection and puts it into the queue.
    pub(super) fn answer_syn(&mut self, listener: Id, from: Id, m: &mut Moment) -> Option<Id> {
        let client = self.ends.get(from)?;
        let server = self.listeners.get(listener)?;
        let (way, mut local, mut peer) = (client.inward(), client.peer, client.local);
        if server.local.is_ipv6() && peer.is_ipv4() {
            // What a socket of both families sees of the older one.
            local.set_ip(mapped(local.ip()));
            peer.set_ip(mapped(peer.ip()));
        }
        let mut end = End::new((way.1, way.0), (local, peer), self.shape.buffer);
        (end.host, end.peer_host) = (way.0, way.1);
        end.path = server.path.clone();
        end.phase = Phase::Open;
        end.is_held = false;
        end.other = Some(from);
        let accepted = self.ends.insert(end);
        self.ends.get_mut(from)?.other = Some(accepted);
        let server = self.listeners.get_mut(listener)?;
        server.queue.push_back(accepted);
        m.wakers.push(server.waker.clone());
        Some(accepted)
    }

    pub(crate) fn accept(&mut self, id: Id) -> Poll<io::Result<Id>> {
        let listener = self.listeners.get(id).filter(|_| !self.is_closed);
        let host = listener.ok_or_else(gone)?.host;
        let listener = self.listeners.get_mut(id).ok_or_else(gone)?;
        if listener.queue.is_empty() {
            return Poll::Pending;
        }
        self.check_descriptor(host)?;
        let listener = self.listeners.get_mut(id).ok_or_else(gone)?;
        while let Some(accepted) = listener.queue.pop_front() {
            if let Some(end) = self.ends.get_mut(accepted) {
                end.is_held = true;
                self.take_descriptor(host);
                return Poll::Ready(Ok(accepted));
            }
        }
        Poll::Pending
    }

    pub(crate) fn listener_addr(&self, id: Id) -> io::Result<(SocketAddr, Option<Arc<Path>>)> {
        let listener = self.listeners.get(id).ok_or_else(gone)?;
        Ok((listener.local, listener.path.clone()))
    }

    /// Closes a listener and resets what nobody accepted.
    pub(crate) fn drop_listener(&mut self, id: Id, m: &mut Moment) {
        let Some(listener) = self.listeners.remove(id) else {
            return;
        };
        self.return_descriptor(listener.host);
        let host = self.host_mut(listener.host);
        match &listener.path {
            Some(path) => host.leave(path),
            None => remove(&mut host.tcp, listener.local.port(), id),
        }
        for end in listener.queue {
            if let Some(end) = self.ends.get_mut(end) {
                end.aborts = true;
            }
            self.drop_end(end, m);
        }
        m.unwanted.push(listener.waker);
    }
}

/// Takes a socket off a port.
pub(super) fn remove(ports: &mut std::collections::BTreeMap<u16, Vec<Id>>, port: u16, id: Id) {
    if let Some(there) = ports.get_mut(&port) {
        there.retain(|&other| other != id);
        if there.is_empty() {
            ports.remove(&port);
        }
    }
}

fn is_outgoing(host: &super::host::Host, port: u16) -> bool {
    let first = (port, SocketAddr::from(([0, 0, 0, 0], 0)));
    let mut from = host.outgoing.range(first..);
    from.next().is_some_and(|&(taken, _)| taken == port)
}

pub(super) fn mapped(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().into(),
        IpAddr::V6(_) => ip,
    }
}
