//! How a connection comes about.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::task::{Poll, Waker};

use anyrt_net::TcpOptions;

use super::end::{End, Phase};
use super::flights::What;
use super::line::{Event, Refusal, Sent};
use super::slab::Id;
use super::tries::Tried;
use super::{HostId, Moment, SECOND, Wire};
use crate::settings::nanos;

/// How long a system asks for a neighbour that does not exist.
const NEIGHBOUR: u64 = 3 * SECOND;

impl Wire {
    pub(crate) fn connect(
        &mut self,
        host: HostId,
        peer: SocketAddr,
        options: &TcpOptions,
        m: &mut Moment,
    ) -> io::Result<Id> {
        self.check_up(host)?;
        self.check_descriptor(host)?;
        let mut peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        if peer.ip().is_unspecified() {
            // As systems do: to nowhere is to oneself.
            peer.set_ip(self.source(host, loopback(peer))?);
        }
        self.tries.count(host, Tried::Connect(peer));
        let local = self.local_of(host, peer, options.local_addr)?;
        let target = self.owner(host, peer.ip());
        let way = (host, target.unwrap_or(host));
        let mut end = End::new(way, (local, peer), self.shape.buffer);
        end.owns_port = true;
        end.set_options(options);
        let id = self.ends.insert(end);
        self.host_mut(host).outgoing.insert((local.port(), peer));
        self.take_descriptor(host);
        let give_up = m.now.saturating_add(self.shape.connect_timeout);
        let since = u64::MAX;
        self.flights.push(give_up, What::GiveUp { end: id, since });
        match target {
            Some(_) => self.send_syn(id, 0, m.now),
            None => {
                self.flights.push(m.now + NEIGHBOUR, What::Unreachable(id));
                let event = Event {
                    at: m.now,
                    host,
                    task: self.record.by,
                    text: format!("cannot connect to {peer}: no simulated host has this address"),
                    is_pinned: false,
                    again: None,
                };
                self.record.repeated_event(event);
            }
        }
        Ok(id)
    }

    /// The local address of a connection, with a port.
    fn local_of(
        &mut self,
        host: HostId,
        peer: SocketAddr,
        asked: Option<SocketAddr>,
    ) -> io::Result<SocketAddr> {
        let mut local = match asked {
            Some(asked) if asked.is_ipv4() != peer.is_ipv4() => {
                return Err(ErrorKind::InvalidInput.into());
            }
            Some(asked) => {
                self.check_local(host, asked.ip())?;
                asked
            }
            None => SocketAddr::new(self.source(host, peer.ip())?, 0),
        };
        if local.ip().is_unspecified() {
            local.set_ip(self.source(host, peer.ip())?);
        }
        let place = &self.hosts[host.0 as usize];
        if local.port() == 0 {
            let port = place.free_port(&mut self.rng, |host, port| {
                host.tcp.contains_key(&port) || host.outgoing.contains(&(port, peer))
            });
            local.set_port(port.ok_or(ErrorKind::AddrNotAvailable)?);
        } else if place.outgoing.contains(&(local.port(), peer)) {
            return Err(ErrorKind::AddrInUse.into());
        }
        Ok(local)
    }

    /// Asks for a connection, for the n-th time.
    pub(super) fn send_syn(&mut self, from: Id, attempt: u32, now: u64) {
        let Some(end) = self.ends.get(from) else {
            return;
        };
        let way = end.outward();
        let mut at = now + self.latency(way);
        let loss = self.links.link(way).loss;
        let mut attempt = attempt;
        while self.chance(loss.min(0.99)) {
            at = at.saturating_add(backoff(attempt));
            attempt += 1;
        }
        self.record.segment(way, Sent::Syn, now, at, 0, from);
        self.flights.push(at, What::Syn { from, attempt });
    }

    /// A request has come to the peer's host.
    pub(super) fn accept_syn(&mut self, from: Id, attempt: u32, m: &mut Moment) {
        let Some(client) = self
            .ends
            .get(from)
            .filter(|end| end.phase == Phase::Connecting)
        else {
            return;
        };
        let (way, back, to) = (client.outward(), client.inward(), client.peer);
        let refusal = self.host(way.1).refusal;
        let found = match self.is_open(way) {
            true if self.chance(refusal) => Err(Refusal::Chance),
            true => match self.listener_at(way.1, to) {
                Some(id) => Ok((id, self.has_room(id))),
                None if self.host(way.1).was_started => Err(Refusal::NoListener(to.port())),
                None => Err(Refusal::NotStarted(to.port())),
            },
            // Lost: the client's system asks again.
            false => {
                self.record.lose(from);
                return self
                    .flights
                    .push(m.now + backoff(attempt), again(from, attempt));
            }
        };
        match found {
            Ok((listener, true)) => {
                self.answer_syn(listener, from, m);
                let at = m.now + self.latency(back);
                self.record.segment(back, Sent::SynAck, m.now, at, 0, from);
                self.flights.push(at, What::SynAck(from));
            }
            // A full backlog answers nothing.
            Ok((_, false)) => self
                .flights
                .push(m.now + backoff(attempt), again(from, attempt)),
            Err(refusal) => {
                let at = m.now + self.latency(back);
                self.record.segment(back, Sent::Refused, m.now, at, 0, from);
                self.record.explain(from, refusal);
                self.flights.push(at, What::Refused(from));
            }
        }
    }

    /// An answer to a request has come back; tells whether it got through.
    pub(super) fn hears_answer(&mut self, id: Id, what: What, m: &Moment) -> bool {
        let Some(end) = self
            .ends
            .get(id)
            .filter(|end| end.phase == Phase::Connecting)
        else {
            return false;
        };
        let is_open = self.is_open(end.inward());
        if !is_open {
            self.record.lose(id);
            self.flights.push(m.now + SECOND, what);
        }
        is_open
    }

    pub(crate) fn poll_connected(
        &mut self,
        id: Id,
        waker: &mut Option<Waker>,
        m: &mut Moment,
    ) -> Poll<io::Result<()>> {
        let end = self.end_mut(id)?;
        match (end.error.take(), end.phase) {
            (Some(error), _) => Poll::Ready(Err(error.into())),
            (None, Phase::Open) => Poll::Ready(Ok(())),
            (None, Phase::Dead) => Poll::Ready(Err(ErrorKind::ConnectionReset.into())),
            (None, Phase::Connecting) => {
                m.keep(&mut end.writer, waker);
                Poll::Pending
            }
        }
    }
}

impl End {
    /// Sets what is set in `options`, but for the address.
    pub(super) fn set_options(&mut self, options: &TcpOptions) {
        self.nodelay = options.nodelay.or(self.nodelay);
        self.keepalive = options.keepalive.map(nanos).or(self.keepalive);
        if let Some(bytes) = options.send_buffer_size {
            self.asked_room.0 = Some(bytes);
            self.send_room = bytes.max(1);
        }
        if let Some(bytes) = options.recv_buffer_size {
            self.asked_room.1 = Some(bytes);
            self.recv_room = bytes;
        }
    }
}

fn loopback(like: SocketAddr) -> std::net::IpAddr {
    match like {
        SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    }
}

fn again(from: Id, attempt: u32) -> What {
    let attempt = attempt + 1;
    What::Syn { from, attempt }
}

/// After 1 s, 2 s, 4 s and so on a request is made again.
fn backoff(attempt: u32) -> u64 {
    SECOND << attempt.min(6)
}
