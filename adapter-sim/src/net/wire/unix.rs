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
        if !receiver.hears(id, &from) {
            // As on Linux; there is no room to wait for.
            let message = "the receiver is connected to another socket";
            return Poll::Ready(Err(io::Error::new(ErrorKind::PermissionDenied, message)));
        }
        if !receiver.has_room(buf.len()) {
            receiver.keep_sender(id, waker, m);
            return Poll::Pending;
        }
        receiver.put(buf.into(), from);
        m.wakers.push(receiver.waker.clone());
        Poll::Ready(Ok(buf.len()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    const HOST: HostId = HostId(0);

    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn woken(task: &Task) -> usize {
        task.0.load(Ordering::Relaxed)
    }

    /// How many wakers of it there are.
    fn wakers(task: &Arc<Task>) -> usize {
        Arc::strong_count(task) - 1
    }

    /// A network, a socket whose next message must wait for room, and one that sends to it.
    fn full() -> (Wire, Id, Id, Address) {
        let mut wire = Wire::new(crate::Sim::builder().settings_mut());
        wire.shape.datagram_buffer = 1;
        let path = Arc::<Path>::from(Path::new("/there"));
        let mut bind = |path| wire.unix_bind(HOST, path, Waker::noop().clone()).unwrap();
        let (there, here) = (bind(Some(Arc::clone(&path))), bind(None));
        let to = Address::Path(Some(path));
        let sent = wire.send_unix(here, b"full", &to, &mut None, &mut Moment::new(0));
        assert!(matches!(sent, Poll::Ready(Ok(4))), "{sent:?}");
        (wire, there, here, to)
    }

    /// Sends with no room.
    fn wait(wire: &mut Wire, here: Id, to: &Address, task: &Arc<Task>) {
        let mut waker = Some(Waker::from(Arc::clone(task)));
        let sent = wire.send_unix(here, b"x", to, &mut waker, &mut Moment::new(0));
        assert!(sent.is_pending(), "there is no room: {sent:?}");
    }

    #[test]
    fn a_sender_that_is_polled_again_leaves_its_last_waker() {
        let (mut wire, there, here, to) = full();
        let (first, last) = (Arc::<Task>::default(), Arc::<Task>::default());
        for task in [&first, &first, &last, &last] {
            wait(&mut wire, here, &to, task);
        }
        let kept = (wakers(&first), wakers(&last));
        assert_eq!(kept, (0, 1), "one sender has one waker, its last");
        let mut m = Moment::new(0);
        assert!(wire.recv(there, &mut [0; 8], &mut m).is_ready());
        m.wakers.into_iter().for_each(Waker::wake);
        assert_eq!((woken(&first), woken(&last)), (0, 1));
        assert_eq!(wakers(&last), 0, "the wake took it");
    }

    #[test]
    fn each_sender_is_woken() {
        let (mut wire, there, here, to) = full();
        let other = wire.unix_bind(HOST, None, Waker::noop().clone()).unwrap();
        let tasks = [Arc::<Task>::default(), Arc::default()];
        for (sender, task) in [here, other].into_iter().zip(&tasks) {
            wait(&mut wire, sender, &to, task);
        }
        let mut m = Moment::new(0);
        assert!(wire.recv(there, &mut [0; 8], &mut m).is_ready());
        m.wakers.into_iter().for_each(Waker::wake);
        assert_eq!(tasks.map(|it| woken(&it)), [1, 1]);
    }

    #[test]
    fn a_sender_that_is_dropped_leaves_nothing() {
        let (mut wire, _, here, to) = full();
        let task = Arc::<Task>::default();
        wait(&mut wire, here, &to, &task);
        wire.drop_socket(here, &mut Moment::new(0));
        assert_eq!(wakers(&task), 0, "its waker stays at the receiver");
    }
}
