//! Sockets of messages, UDP's and Unix ones.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::task::{Poll, Waker};

use anyrt_net::{SocketOption, UdpOptions};

use super::host::{collides, covers};
use super::listener::{mapped, remove};
use super::slab::Id;
use super::{HostId, Moment, Wire, gone};
use crate::handle::RUNTIME;

/// Where a message comes from or goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Ip(SocketAddr),
    /// A Unix socket; without a path, nobody can answer.
    Path(Option<Arc<Path>>),
}

#[derive(Debug)]
pub(crate) struct Socket {
    pub(super) host: HostId,
    pub(super) local: Address,
    pub(super) peer: Option<Address>,
    /// The other socket of a Unix pair.
    pub(super) pair: Option<Id>,
    pub(super) inbox: VecDeque<(Box<[u8]>, Address)>,
    /// How many bytes of messages are in the inbox.
    pub(super) bytes: usize,
    pub(super) options: UdpOptions,
    pub(super) recv_room: usize,
    pub(super) error: Option<ErrorKind>,
    /// Wakes all that wait.
    pub(super) waker: Waker,
    /// The sockets that wait until this one has room, with the last waker of each: Unix sockets lose nothing.
    pub(super) senders: Vec<(Id, Waker)>,
}

/// What a message counts for in a buffer besides its bytes.
const OVERHEAD: usize = 64;

impl Socket {
    pub(super) fn new(host: HostId, local: Address, recv_room: usize, waker: Waker) -> Self {
        Self {
            host,
            local,
            peer: None,
            pair: None,
            inbox: VecDeque::new(),
            bytes: 0,
            options: UdpOptions::new(),
            recv_room,
            error: None,
            waker,
            senders: Vec::new(),
        }
    }

    pub(super) fn has_room(&self, bytes: usize) -> bool {
        // A message always finds room in an empty buffer.
        self.inbox.is_empty() || self.bytes + bytes + OVERHEAD <= self.recv_room
    }

    pub(super) fn put(&mut self, bytes: Box<[u8]>, from: Address) {
        self.bytes += bytes.len() + OVERHEAD;
        self.inbox.push_back((bytes, from));
    }

    /// Tells whether a Unix socket takes what that one sends: one that is connected hears its peer alone.
    #[cfg(unix)]
    pub(super) fn hears(&self, sender: Id, from: &Address) -> bool {
        match &self.peer {
            None => true,
            // Two of a pair have no names, as a stranger may have none.
            Some(Address::Path(None)) => self.pair == Some(sender),
            peer => peer.as_ref() == Some(from),
        }
    }

    /// Keeps the waker of a socket that waits for room, in place of its last one.
    #[cfg(unix)]
    pub(super) fn keep_sender(&mut self, sender: Id, waker: &mut Option<Waker>, m: &mut Moment) {
        let Some(waker) = waker.take() else { return };
        match self.senders.iter_mut().find(|(id, _)| *id == sender) {
            Some((_, kept)) => m.unwanted.push(std::mem::replace(kept, waker)),
            None => self.senders.push((sender, waker)),
        }
    }

    /// Wakes those that wait for room.
    fn wake_senders(&mut self, m: &mut Moment) {
        m.wakers
            .extend(self.senders.drain(..).map(|(_, waker)| waker));
    }

    fn bound(&self) -> Option<(IpAddr, bool)> {
        match &self.local {
            Address::Ip(local) => Some((local.ip(), self.options.only_v6.unwrap_or(false))),
            Address::Path(_) => None,
        }
    }

    fn shares_port(&self) -> bool {
        self.options.reuse_port == Some(true) || self.options.reuse_addr == Some(true)
    }

    /// Tells whether a message from there to here is this socket's.
    pub(super) fn takes(&self, from: SocketAddr, to: IpAddr) -> bool {
        let Some((bound, only_v6)) = self.bound() else {
            return false;
        };
        let is_peer = match &self.peer {
            Some(Address::Ip(peer)) => {
                (peer.ip().to_canonical(), peer.port()) == (from.ip(), from.port())
            }
            _ => true,
        };
        is_peer && covers(bound, only_v6, to)
    }

    /// An address as this socket shows it.
    pub(super) fn shown(&self, mut addr: SocketAddr) -> SocketAddr {
        if self.bound().is_some_and(|(bound, _)| bound.is_ipv6()) {
            addr.set_ip(mapped(addr.ip()));
        }
        addr
    }
}

impl Wire {
    pub(super) fn socket(&self, id: Id) -> io::Result<&Socket> {
        match self.is_closed {
            true => Err(gone()),
            false => self.sockets.get(id).ok_or_else(gone),
        }
    }

    pub(super) fn socket_mut(&mut self, id: Id) -> io::Result<&mut Socket> {
        match self.is_closed {
            true => Err(gone()),
            false => self.sockets.get_mut(id).ok_or_else(gone),
        }
    }

    pub(crate) fn bind(
        &mut self,
        host: HostId,
        local: SocketAddr,
        options: &UdpOptions,
        waker: Waker,
    ) -> io::Result<Id> {
        self.check_up(host)?;
        self.check_descriptor(host)?;
        self.check_local(host, local.ip())?;
        let room = options
            .recv_buffer_size
            .unwrap_or(self.shape.datagram_buffer);
        let mut socket = Socket::new(host, Address::Ip(local), room, waker);
        socket.options = options.clone();
        let mut port = local.port();
        let place = &self.hosts[host.0 as usize];
        if port == 0 {
            let free = place.free_port(&mut self.rng, |host, port| host.udp.contains_key(&port));
            port = free.ok_or(ErrorKind::AddrInUse)?;
            socket.local = Address::Ip(SocketAddr::new(local.ip(), port));
        } else {
            let there = place.udp.get(&port).into_iter().flatten();
            let mut there = there.filter_map(|&id| self.sockets.get(id));
            let is_taken = |other: &Socket| match (socket.bound(), other.bound()) {
                (Some(one), Some(other_bound)) => {
                    let both_share = socket.shares_port() && other.shares_port();
                    !both_share && collides(one, other_bound)
                }
                _ => false,
            };
            if there.any(is_taken) {
                return Err(ErrorKind::AddrInUse.into());
            }
        }
        let id = self.sockets.insert(socket);
        self.host_mut(host).udp.entry(port).or_default().push(id);
        self.take_descriptor(host);
        Ok(id)
    }

    pub(crate) fn recv(
        &mut self,
        id: Id,
        buf: &mut [u8],
        m: &mut Moment,
    ) -> Poll<io::Result<(usize, Address)>> {
        let socket = self.socket_mut(id)?;
        if let Some(error) = socket.error.take() {
            return Poll::Ready(Err(error.into()));
        }
        let Some((bytes, from)) = socket.inbox.pop_front() else {
            return Poll::Pending;
        };
        socket.bytes -= bytes.len() + OVERHEAD;
        socket.wake_senders(m);
        let n = bytes.len().min(buf.len());
        buf[..n].copy_from_slice(&bytes[..n]);
        Poll::Ready(Ok((n, from)))
    }

    /// Tells whether there is something to receive, or an error to tell.
    pub(crate) fn has_message(&self, id: Id) -> io::Result<bool> {
        let socket = self.socket(id)?;
        Ok(!socket.inbox.is_empty() || socket.error.is_some())
    }

    pub(crate) fn set_peer(&mut self, id: Id, peer: Address, m: &mut Moment) -> io::Result<()> {
        let socket = self.socket(id)?;
        let host = socket.host;
        if let (Address::Ip(to), Address::Ip(local)) = (&peer, &socket.local) {
            if local.ip().is_unspecified() {
                // As systems do: a connected socket has the address that it sends from.
                let ip = self.source(host, to.ip().to_canonical())?;
                let local = SocketAddr::new(ip, local.port());
                self.socket_mut(id)?.local = Address::Ip(local);
            }
        }
        let socket = self.socket_mut(id)?;
        socket.peer = Some(peer);
        // What others had sent is not its peer's.
        let (peer, inbox) = (socket.peer.clone(), std::mem::take(&mut socket.inbox));
        socket.inbox = inbox
            .into_iter()
            .filter(|(_, from)| Some(from) == peer.as_ref())
            .collect();
        socket.bytes = socket
            .inbox
            .iter()
            .map(|(bytes, _)| bytes.len() + OVERHEAD)
            .sum();
        // There may be room now, and those that are strangers now need not wait for it.
        socket.wake_senders(m);
        Ok(())
    }

    pub(crate) fn socket_addr(&self, id: Id) -> io::Result<Address> {
        // Also when the simulation is over: what was known stays known.
        Ok(self.sockets.get(id).ok_or_else(gone)?.local.clone())
    }

    pub(crate) fn socket_peer(&self, id: Id) -> io::Result<Address> {
        let peer = self.socket(id)?.peer.clone();
        peer.ok_or_else(|| ErrorKind::NotConnected.into())
    }

    pub(crate) fn socket_options(&self, id: Id) -> io::Result<UdpOptions> {
        let socket = self.socket(id)?;
        let mut options = socket.options.clone();
        let send_room = options
            .send_buffer_size
            .unwrap_or(self.shape.datagram_buffer);
        options.send_buffer_size = Some(send_room);
        options.recv_buffer_size = Some(socket.recv_room);
        Ok(options)
    }

    pub(crate) fn set_socket_options(&mut self, id: Id, options: &UdpOptions) -> io::Result<()> {
        let settled = [
            (SocketOption::ReuseAddr, options.reuse_addr.is_some()),
            (SocketOption::ReusePort, options.reuse_port.is_some()),
            (SocketOption::OnlyV6, options.only_v6.is_some()),
        ];
        if let Some((option, _)) = settled.iter().find(|(_, is_set)| *is_set) {
            return Err(option.settled(RUNTIME));
        }
        let socket = self.socket_mut(id)?;
        let own = &mut socket.options;
        own.broadcast = options.broadcast.or(own.broadcast);
        own.send_buffer_size = options.send_buffer_size.or(own.send_buffer_size);
        socket.recv_room = options.recv_buffer_size.unwrap_or(socket.recv_room);
        Ok(())
    }

    pub(crate) fn drop_socket(&mut self, id: Id, m: &mut Moment) {
        let Some(mut socket) = self.sockets.remove(id) else {
            return;
        };
        self.return_descriptor(socket.host);
        match &socket.local {
            Address::Ip(local) => remove(&mut self.host_mut(socket.host).udp, local.port(), id),
            Address::Path(Some(path)) => self.host_mut(socket.host).leave(path),
            Address::Path(None) => {}
        }
        socket.wake_senders(m);
        m.unwanted.push(socket.waker);
        if let Address::Path(_) = socket.local {
            self.forget_sender(id, m);
        }
    }

    /// Takes a socket that is gone off those that it waits for. Whoever still holds it hears that it is gone.
    fn forget_sender(&mut self, sender: Id, m: &mut Moment) {
        let place = |it: &Socket| it.senders.iter().position(|(id, _)| *id == sender);
        for receiver in self.sockets.ids(|it| place(it).is_some()) {
            let Some(receiver) = self.sockets.get_mut(receiver) else {
                continue;
            };
            if let Some(at) = place(receiver) {
                m.wakers.push(receiver.senders.remove(at).1);
            }
        }
    }
}
