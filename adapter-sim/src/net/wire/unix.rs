//! Unix sockets: paths of one host, and what is bound to them.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::task::{Poll, Waker};

use anyrt_net::{ListenOptions, SocketOption};

use super::datagram::{Address, Socket};
use super::end::{End, Phase};
use super::host::AtPath;
use super::listener::Listener;
use super::slab::Id;
use super::tries::Tried;
use super::{HostId, Moment, Wire};
use crate::handle::RUNTIME;

fn nowhere() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 0))
}

impl Wire {
    /// # Errors
    ///
    /// `AddrInUse` when a socket is bound to the path. The file of one that was dropped is in nobody's way.
    fn check_path(&self, host: HostId, path: &Path) -> io::Result<()> {
        match self.host(host).paths.get(path) {
            None | Some(AtPath::Left) => Ok(()),
            Some(_) => Err(ErrorKind::AddrInUse.into()),
        }
    }

    pub(crate) fn unix_listen(
        &mut self,
        host: HostId,
        path: Arc<Path>,
        options: &ListenOptions,
        waker: Waker,
    ) -> io::Result<Id> {
        options.check(RUNTIME, &[SocketOption::Backlog])?;
        self.check_up(host)?;
        self.check_descriptor(host)?;
        self.check_path(host, &path)?;
        let mut listener = Listener::new(host, nowhere(), options, waker);
        listener.path = Some(Arc::clone(&path));
        let id = self.listeners.insert(listener);
        self.host_mut(host).paths.insert(path, AtPath::Listener(id));
        self.take_descriptor(host);
        Ok(id)
    }

    pub(crate) fn unix_connect(
        &mut self,
        host: HostId,
        path: &Path,
        m: &mut Moment,
    ) -> io::Result<Id> {
        self.check_up(host)?;
        self.check_descriptor(host)?;
        let tried = Tried::UnixConnect(Arc::from(path));
        self.tries.count(host, tried.clone());
        let listener = match self.host(host).paths.get(path) {
            None => return Err(ErrorKind::NotFound.into()),
            Some(AtPath::Listener(listener)) => *listener,
            Some(_) => return Err(ErrorKind::ConnectionRefused.into()),
        };
        if !self.has_room(listener) {
            return Err(ErrorKind::WouldBlock.into());
        }
        let mut end = End::new((host, host), (nowhere(), nowhere()), self.shape.buffer);
        end.phase = Phase::Open;
        end.peer_path = Some(Arc::from(path));
        let id = self.ends.insert(end);
        self.take_descriptor(host);
        self.answer_syn(listener, id, m);
        self.tries.succeeded(host, tried);
        Ok(id)
    }

    pub(crate) fn unix_pair(&mut self, host: HostId) -> io::Result<(Id, Id)> {
        self.check_up(host)?;
        let [one, other] = [(); 2].map(|()| {
            let mut end = End::new((host, host), (nowhere(), nowhere()), self.shape.buffer);
            end.phase = Phase::Open;
            self.ends.insert(end)
        });
        for (end, peer) in [(one, other), (other, one)] {
            self.end_mut(end)?.other = Some(peer);
            self.take_descriptor(host);
        }
        Ok((one, other))
    }

    pub(crate) fn unix_bind(
        &mut self,
        host: HostId,
        path: Option<Arc<Path>>,
        waker: Waker,
    ) -> io::Result<Id> {
        self.check_up(host)?;
        self.check_descriptor(host)?;
        if let Some(path) = &path {
            self.check_path(host, path)?;
        }
        let local = Address::Path(path.clone());
        let socket = Socket::new(host, local, self.shape.datagram_buffer, waker);
        let id = self.sockets.insert(socket);
        self.take_descriptor(host);
        if let Some(path) = path {
            self.host_mut(host).paths.insert(path, AtPath::Datagram(id));
        }
        Ok(id)
    }

    pub(crate) fn unix_datagram_pair(
        &mut self,
        host: HostId,
        wakers: [Waker; 2],
    ) -> io::Result<(Id, Id)> {
        let [first, second] = wakers;
        let one = self.unix_bind(host, None, first)?;
        let other = self.unix_bind(host, None, second)?;
        for (socket, peer) in [(one, other), (other, one)] {
            let socket = self.socket_mut(socket)?;
            socket.pair = Some(peer);
            socket.peer = Some(Address::Path(None));
        }
        Ok((one, other))
    }

    /// Sends a message to a path, or to the other of a pair; where that has no room, keeps the waker.
    pub(crate) fn send_unix(
        &mut self,
        id: Id,
        buf: &[u8],
        to: &Address,
        waker: &mut Option<Waker>,
        m: &mut Moment,
    ) -> Poll<io::Result<usize>> {
        let socket = self.socket(id)?;
        let (host, from) = (socket.host, socket.local.clone());
        let to = match (to, socket.pair) {
            (Address::Path(Some(path)), _) => match self.host(host).paths.get(path) {
                None => return Poll::Ready(Err(ErrorKind::NotFound.into())),
                Some(AtPath::Datagram(to)) => *to,
                Some(_) => return Poll::Ready(Err(ErrorKind::ConnectionRefused.into())),
            },
            (_, Some(pair)) => pair,
            _ => return Poll::Ready(Err(ErrorKind::InvalidInput.into())),
        };
        let Some(receiver) = self.sockets.get_mut(to) else {
            return Poll::Ready(Err(ErrorKind::ConnectionRefused.into()));
        };
        if !receiver.has_room(buf.len()) {
            receiver.senders.extend(waker.take());
            return Poll::Pending;
        }
        receiver.put(buf.into(), from);
        m.wakers.push(receiver.waker.clone());
        Poll::Ready(Ok(buf.len()))
    }
}
