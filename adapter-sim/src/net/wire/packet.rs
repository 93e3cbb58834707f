//! Datagrams on their way: lost, doubled, late and broken as their link has it.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::datagram::{Address, Socket};
use super::flights::What;
use super::line::{Fate, Sent};
use super::link::{LARGEST, Way};
use super::slab::Id;
use super::{HostId, Moment, Wire};

pub(super) struct Packet {
    way: Way,
    sender: Id,
    from: SocketAddr,
    to: SocketAddr,
    bytes: Box<[u8]>,
}

/// How much later than the longest latency a message comes that is overtaken on purpose.
const OVERTAKEN: u64 = 4;

impl Wire {
    /// Sends a message, whole or not at all.
    pub(crate) fn send_udp(
        &mut self,
        id: Id,
        buf: &[u8],
        to: SocketAddr,
        m: &mut Moment,
    ) -> io::Result<usize> {
        let socket = self.socket_mut(id)?;
        if let Some(error) = socket.error.take() {
            return Err(error.into());
        }
        let (host, is_allowed) = (socket.host, socket.options.broadcast == Some(true));
        let Address::Ip(local) = socket.local else {
            return Err(ErrorKind::InvalidInput.into());
        };
        if buf.len() > LARGEST {
            let message = format!(
                "a message of {} bytes is too big for UDP, which takes {LARGEST}",
                buf.len()
            );
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
        if to.ip().to_canonical().is_ipv4() != local.ip().to_canonical().is_ipv4()
            && !local.ip().is_unspecified()
        {
            return Err(ErrorKind::NetworkUnreachable.into());
        }
        let to = SocketAddr::new(to.ip().to_canonical(), to.port());
        if to.ip() == IpAddr::V4(Ipv4Addr::BROADCAST) {
            if !is_allowed {
                let message = "messages to all take the option `broadcast`";
                return Err(io::Error::new(ErrorKind::PermissionDenied, message));
            }
            let from = self.sender_addr(host, local, self.host(host).addresses.first().copied())?;
            for other in self.hosts().collect::<Vec<_>>() {
                if other != host {
                    self.send_packet(id, (host, other), (from, to), buf, m);
                }
            }
            return Ok(buf.len());
        }
        let from = self.sender_addr(host, local, Some(to.ip()))?;
        // Nobody has the address: the message is lost without a word.
        if let Some(other) = self.owner(host, to.ip()) {
            self.send_packet(id, (host, other), (from, to), buf, m);
        }
        Ok(buf.len())
    }

    fn sender_addr(
        &self,
        host: HostId,
        local: SocketAddr,
        to: Option<IpAddr>,
    ) -> io::Result<SocketAddr> {
        let mut from = SocketAddr::new(local.ip().to_canonical(), local.port());
        if from.ip().is_unspecified() {
            let to = to.ok_or(ErrorKind::NetworkUnreachable)?;
            from.set_ip(self.source(host, to)?);
        }
        Ok(from)
    }

    fn send_packet(
        &mut self,
        sender: Id,
        way: Way,
        (from, to): (SocketAddr, SocketAddr),
        buf: &[u8],
        m: &Moment,
    ) {
        let link = *self.links.link(way);
        let barrier = self.links.barrier(way);
        let is_up = self.host(way.1).is_up;
        if barrier.cut || !is_up || buf.len() > link.mtu || self.chance(link.loss) {
            return self.record.packet(way, m.now, Fate::Lost, buf);
        }
        let copies = 1 + usize::from(self.chance(link.duplication));
        for _ in 0..copies {
            let mut bytes: Box<[u8]> = buf.into();
            if !bytes.is_empty() && self.chance(link.corruption) {
                let at = self.rng.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1 << self.rng.below(8);
            }
            let packet = Packet {
                way,
                sender,
                from,
                to,
                bytes,
            };
            let id = self.packets.insert(packet);
            if barrier.held {
                self.waiting.push((way, id));
                self.record.packet(way, m.now, Fate::Held, buf);
                continue;
            }
            let departs = self.links.depart(way, buf.len(), m.now);
            let mut at = departs + self.latency(way);
            if self.chance(link.reordering) {
                at += self
                    .rng
                    .below(link.latency.1.saturating_mul(OVERTAKEN).saturating_add(1));
            }
            if way.0 == way.1 {
                // Inside a host nothing overtakes anything.
                let last = &mut self.host_mut(way.0).last_inside;
                at = at.max(*last);
                *last = at;
            }
            self.record.packet(way, m.now, Fate::At(at), buf);
            self.flights.push(at, What::Packet(id));
        }
    }

    pub(super) fn arrive_packet(&mut self, id: Id, m: &mut Moment) {
        let Some(packet) = self.packets.remove(id) else {
            return;
        };
        let Packet {
            way,
            sender,
            from,
            to,
            bytes,
        } = packet;
        let host = &self.hosts[way.1.0 as usize];
        if !host.is_up {
            return;
        }
        let is_broadcast = to.ip() == IpAddr::V4(Ipv4Addr::BROADCAST);
        let address = match is_broadcast {
            true => host.addresses.first().copied().unwrap_or(to.ip()),
            false => to.ip(),
        };
        let takes = |id: &Id| {
            self.sockets
                .get(*id)
                .is_some_and(|it: &Socket| it.takes(from, address))
        };
        let there = host
            .udp
            .get(&to.port())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let found = match there {
            [one] => Some(*one).filter(takes),
            _ => {
                let mut all: Vec<Id> = there.iter().copied().filter(takes).collect();
                // A socket that is connected to the sender comes before those that are not.
                let connected = |id: &Id| self.sockets.get(*id).is_some_and(|it| it.peer.is_some());
                if all.iter().any(connected) {
                    all.retain(connected);
                }
                match all.as_slice() {
                    [] | [_] => all.first().copied(),
                    _ => self.rng.choose(&all).copied(),
                }
            }
        };
        let Some(socket) = found.and_then(|id| self.sockets.get_mut(id)) else {
            if !is_broadcast {
                self.send_bounce(sender, (way.1, way.0), to, m);
            }
            return;
        };
        if socket.has_room(bytes.len()) {
            let from = Address::Ip(socket.shown(from));
            // Whoever waits was woken by the first of them.
            if socket.inbox.is_empty() {
                m.wakers.push(socket.waker.clone());
            }
            socket.put(bytes, from);
        }
    }

    /// Tells a socket that is connected to `to` that nobody is there.
    fn send_bounce(&mut self, sender: Id, back: Way, to: SocketAddr, m: &Moment) {
        let socket = self.sockets.get(sender);
        let hears = socket.is_some_and(|it| it.peer == Some(Address::Ip(it.shown(to))));
        if hears && self.is_open(back) {
            let at = m.now + self.latency(back);
            self.record
                .segment(back, Sent::Refused, m.now, at, 0, sender);
            self.flights.push(at, What::Bounce(sender));
        }
    }

    pub(super) fn bounce(&mut self, socket: Id, m: &mut Moment) {
        if let Some(socket) = self.sockets.get_mut(socket) {
            socket.error = Some(ErrorKind::ConnectionRefused);
            m.wakers.push(socket.waker.clone());
        }
    }
}
