//! What an operation of a socket waits for, as a report has it, and what stands in its way that the program cannot know.

use super::super::pending::{Pending, place};
use super::datagram::Address;
use super::end::{End, HELD, Phase};
use super::slab::Id;
use super::{HostId, Wire};
use crate::TaskId;
use crate::report::count::Count;

impl Wire {
    /// Tells whether a task is kept because its host is paused.
    pub(crate) fn is_parked(&self, host: Option<HostId>, task: TaskId) -> bool {
        host.is_some_and(|host| self.host(host).parked.contains(&task))
    }

    /// An operation in words; `None` when its socket is gone.
    pub(crate) fn pending_words(&self, pending: Pending) -> Option<String> {
        Some(match pending {
            Pending::Connect(id) => {
                let end = self.ends.get(id)?;
                match (&end.peer_path, self.owner(end.host, end.peer.ip())) {
                    (None, None) => {
                        format!("connecting to {}, an address that no host has", end.peer)
                    }
                    _ => {
                        let mut obstacle = self.obstacle(end);
                        if obstacle.is_empty() && end.peer_path.is_none() {
                            obstacle = self.absence(end);
                        }
                        format!("connecting to {}{obstacle}", self.peer(end))
                    }
                }
            }
            Pending::Read(id) => {
                let end = self.ends.get(id)?;
                format!("reading from {}{}", self.peer(end), self.silence(end))
            }
            Pending::Write(id) => {
                let end = self.ends.get(id)?;
                let unread = end.unread;
                let (peer, silence) = (self.peer(end), self.silence(end));
                let unread = Count(unread as u64, "byte");
                format!("writing to {peer}, which has not read {unread} before{silence}")
            }
            Pending::Accept(id) => {
                let listener = self.listeners.get(id)?;
                match &listener.path {
                    Some(path) => format!("accepting on {}", path.display()),
                    None => format!("accepting on {}", listener.local),
                }
            }
            Pending::Receive(id) => format!("receiving on {}", self.socket_words(id)?),
            Pending::Send(id) => format!(
                "sending on {}, whose receiver has no room",
                self.socket_words(id)?
            ),
            Pending::Signal(id) => {
                let kind = self.subscriptions.get(id)?.kind;
                format!("waiting for the signal `{kind}`")
            }
            Pending::Lookup => "waiting for the answer of a name server".to_owned(),
        })
    }

    fn socket_words(&self, id: Id) -> Option<String> {
        Some(match &self.sockets.get(id)?.local {
            Address::Ip(local) => local.to_string(),
            Address::Path(Some(path)) => path.display().to_string(),
            Address::Path(None) => "a Unix socket".to_owned(),
        })
    }

    fn peer(&self, end: &End) -> String {
        match (&end.peer_path, &end.path) {
            (Some(path), _) | (None, Some(path)) => path.display().to_string(),
            (None, None) if end.peer.port() == 0 => "a Unix socket".to_owned(),
            (None, None) => place(&self.host(end.peer_host).name, end.peer),
        }
    }

    /// What keeps messages from going to the peer and back.
    fn obstacle(&self, end: &End) -> String {
        let is_closed = |way| {
            let barrier = self.links.barrier(way);
            barrier.cut || barrier.held
        };
        if !self.host(end.peer_host).is_up {
            ", which is down".to_owned()
        } else if self.host(end.peer_host).is_paused {
            ", which is paused".to_owned()
        } else if is_closed(end.outward()) || is_closed(end.inward()) {
            ", and the way there or back is closed".to_owned()
        } else {
            String::new()
        }
    }

    /// Why a host that can be reached does not take a connection.
    fn absence(&self, end: &End) -> String {
        let mut there = self.listeners_at(end.peer_host, end.peer).peekable();
        if there.peek().is_none() {
            match self.host(end.peer_host).was_started {
                true => ", where nothing listens".to_owned(),
                false => ", where nothing listens, as nothing was started there".to_owned(),
            }
        } else if there.all(|listener| !self.has_room(listener)) {
            ", whose backlog is full".to_owned()
        } else {
            String::new()
        }
    }

    /// Why nothing comes from the peer, where the network knows.
    fn silence(&self, end: &End) -> String {
        let held = |segment: &super::end::Segment| segment.at == HELD;
        let mut words = self.obstacle(end);
        if end.phase == Phase::Open && end.other.is_none() {
            words.push_str(", which knows nothing of this connection");
        } else if end.segments.iter().any(held) {
            words.push_str(", whose answer waits for its way");
        }
        words
    }
}
