use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll};

use anyrt_net::{ListenOptions, NetRuntime, Unix};

use super::fault::is;
use super::runtime::{at_home, kind_lost};
use super::{Broken, BrokenListener, BrokenStream, BrokenUdp, Fault};

anyrt_conformance_engine::mutants! { Fault;
    file_goes: "the file of a Unix listener is removed",
        killed by "net::unix_file_stays";
}

/// An attempt to connect to a path, with the fault that was planted.
#[derive(Debug)]
pub(crate) struct BrokenUnixConnect<F> {
    attempt: F,
    alive: Weak<()>,
}

impl<S, F: Future<Output = io::Result<S>> + Unpin> Future for BrokenUnixConnect<F> {
    type Output = io::Result<BrokenStream<S>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let attempt = Pin::new(&mut self.attempt).poll(cx).map(kind_lost);
        attempt.map_ok(|stream| BrokenStream::new(stream, self.alive.clone()))
    }
}

impl<R: NetRuntime + Unix> Unix for Broken<R> {
    type UnixStream = BrokenStream<R::UnixStream>;
    type UnixListener = BrokenListener<R::UnixListener>;
    type UnixConnect = BrokenUnixConnect<R::UnixConnect>;
    type UnixDatagram = BrokenUdp<R::UnixDatagram>;

    fn unix_connect(&self, path: &Path) -> Self::UnixConnect {
        BrokenUnixConnect {
            attempt: self.inner().unix_connect(path),
            alive: self.alive(),
        }
    }

    fn unix_listen_with(
        &self,
        path: &Path,
        options: &ListenOptions,
    ) -> io::Result<Self::UnixListener> {
        let mut options = options.clone();
        if is(Fault::backlog_ignored) {
            options.backlog = None;
        }
        let listener = kind_lost(self.inner().unix_listen_with(path, &options))?;
        if is(Fault::file_goes) {
            std::fs::remove_file(path)?;
        }
        Ok(BrokenListener::new(listener))
    }

    fn unix_pair(&self) -> io::Result<(Self::UnixStream, Self::UnixStream)> {
        at_home()?;
        let (one, other) = self.inner().unix_pair()?;
        let broken = |stream| BrokenStream::new(stream, self.alive());
        Ok((broken(one), broken(other)))
    }

    fn unix_bind(&self, path: &Path) -> io::Result<Self::UnixDatagram> {
        self.inner().unix_bind(path).map(BrokenUdp::new)
    }

    fn unix_unbound(&self) -> io::Result<Self::UnixDatagram> {
        self.inner().unix_unbound().map(BrokenUdp::new)
    }

    fn unix_datagram_pair(&self) -> io::Result<(Self::UnixDatagram, Self::UnixDatagram)> {
        let (one, other) = self.inner().unix_datagram_pair()?;
        Ok((BrokenUdp::new(one), BrokenUdp::new(other)))
    }
}
