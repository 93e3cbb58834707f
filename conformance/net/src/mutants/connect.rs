use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll, ready};

use anyrt_net::{NetRuntime, TcpOptions};

use super::fault::is;
use super::runtime::kind_lost;
use super::{BrokenStream, Fault};

anyrt_conformance_engine::mutants! { Fault;
    connect_leaks: "an attempt that is dropped goes on",
        killed by "net::dropped_connect_closes", "net::fds_return";
    fails_never: "an attempt that fails is never told",
        killed by "net::connect_host_passes_over_failures";
    lazy_connect: "an attempt begins with its first poll",
        killed by "net::connect_begins_at_the_call";
}

/// An attempt to connect, with the flaw that was planted.
pub(crate) struct BrokenConnect<R: NetRuntime> {
    rt: R,
    alive: Weak<()>,
    addr: SocketAddr,
    options: TcpOptions,
    attempt: Option<R::TcpConnect>,
}

impl<R: NetRuntime> BrokenConnect<R> {
    pub(super) fn new(rt: &R, alive: Weak<()>, addr: SocketAddr, options: &TcpOptions) -> Self {
        let attempt = (!is(Fault::lazy_connect)).then(|| rt.tcp_connect_with(addr, options));
        Self {
            rt: rt.clone(),
            alive,
            addr,
            options: options.clone(),
            attempt,
        }
    }
}

impl<R: NetRuntime> Unpin for BrokenConnect<R> {}

impl<R: NetRuntime> Future for BrokenConnect<R> {
    type Output = io::Result<BrokenStream<R::TcpStream>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let begin = || this.rt.tcp_connect_with(this.addr, &this.options);
        let attempt = this.attempt.get_or_insert_with(begin);
        let result = ready!(Pin::new(attempt).poll(cx));
        this.attempt = None;
        if result.is_err() && (is(Fault::fails_never) || is(Fault::hangs_after_shutdown)) {
            return Poll::Pending;
        }
        Poll::Ready(kind_lost(result).map(|stream| BrokenStream::new(stream, this.alive.clone())))
    }
}

impl<R: NetRuntime> Drop for BrokenConnect<R> {
    fn drop(&mut self) {
        if is(Fault::connect_leaks) {
            std::mem::forget(self.attempt.take());
        }
    }
}

impl<R: NetRuntime> fmt::Debug for BrokenConnect<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokenConnect").finish_non_exhaustive()
    }
}
