use std::io;
use std::path::Path;
use std::sync::Arc;

use anyrt_net::{ListenOptions, Unix, WaitList, forward_net};

use super::super::call;
use super::super::connect::UnixConnect;
use super::super::listener::UnixListener;
use super::super::stream::UnixStream;
use super::super::unix_datagram::UnixDatagram;
use super::here;
use crate::{Ambient, Sim};

impl Unix for Sim {
    type UnixStream = UnixStream;
    type UnixListener = UnixListener;
    type UnixConnect = UnixConnect;
    type UnixDatagram = UnixDatagram;

    fn unix_connect(&self, path: &Path) -> UnixConnect {
        let (shared, host) = (self.shared(), self.place());
        let id = call::attempt(shared, |wire, m| wire.unix_connect(host, path, m));
        UnixConnect::new(shared, id)
    }

    /// Binds to `path` on the simulated host and listens. No file is made, so a path whose socket was dropped is free at once.
    fn unix_listen_with(&self, path: &Path, options: &ListenOptions) -> io::Result<UnixListener> {
        let (host, path) = (self.place(), Arc::from(path));
        UnixListener::listen(self.shared(), |wire, waker| {
            wire.unix_listen(host, path, options, waker)
        })
    }

    fn unix_pair(&self) -> io::Result<(UnixStream, UnixStream)> {
        let (shared, host) = (self.shared(), self.place());
        let (one, other) = call::act(shared, |wire, _| wire.unix_pair(host))?;
        Ok((UnixStream::new(shared, one), UnixStream::new(shared, other)))
    }

    fn unix_bind(&self, path: &Path) -> io::Result<UnixDatagram> {
        let (host, path) = (self.place(), Some(Arc::from(path)));
        UnixDatagram::bind(self.shared(), |wire, waker| {
            wire.unix_bind(host, path, waker)
        })
    }

    fn unix_unbound(&self) -> io::Result<UnixDatagram> {
        let host = self.place();
        UnixDatagram::bind(self.shared(), |wire, waker| {
            wire.unix_bind(host, None, waker)
        })
    }

    fn unix_datagram_pair(&self) -> io::Result<(UnixDatagram, UnixDatagram)> {
        let (shared, host) = (self.shared(), self.place());
        let lists = [WaitList::new(), WaitList::new()];
        let wakers = [lists[0].waker().clone(), lists[1].waker().clone()];
        let (one, other) = call::act(shared, |wire, _| wire.unix_datagram_pair(host, wakers))?;
        let [first, second] = lists;
        Ok((
            UnixDatagram::new(shared, one, first),
            UnixDatagram::new(shared, other, second),
        ))
    }
}

forward_net! { [] Ambient as Sim, |this| here(); Unix }
