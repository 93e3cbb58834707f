use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::{fmt, io};

use anyrt_net::Listener;

use super::fault::is;
use super::relay::Relay;
use super::runtime::at_home;
use super::{BrokenStream, Fault};

/// A listener, with the flaw that was planted.
#[derive(Debug)]
pub(crate) struct BrokenListener<L: Listener> {
    listener: Option<L>,
    relay: Arc<Relay>,
    shared: Mutex<L::Waiter>,
    wakers: Mutex<Vec<Waker>>,
}

/// The place of one that waits, with the flaw that was planted.
pub(crate) struct BrokenWaiter<L: Listener> {
    waiter: L::Waiter,
    held: Option<(L::Stream, L::Addr)>,
}

impl<L: Listener> Default for BrokenWaiter<L> {
    fn default() -> Self {
        Self {
            waiter: L::Waiter::default(),
            held: None,
        }
    }
}

impl<L: Listener> Unpin for BrokenWaiter<L> {}

impl<L: Listener> fmt::Debug for BrokenWaiter<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokenWaiter").finish_non_exhaustive()
    }
}

impl<L: Listener> BrokenListener<L> {
    pub(super) fn new(listener: L) -> Self {
        Self {
            listener: Some(listener),
            relay: Arc::default(),
            shared: Mutex::default(),
            wakers: Mutex::default(),
        }
    }

    /// What is inside.
    pub(super) fn get(&self) -> &L {
        self.listener.as_ref().expect("is dropped last")
    }

    /// What is inside.
    pub(super) fn into_inner(mut self) -> L {
        self.listener.take().expect("is dropped last")
    }
}

/// An address of a listener, which may have a port.
pub(super) trait Address {
    /// Forgets the port.
    fn forget_port(&mut self) {}
}

impl Address for SocketAddr {
    fn forget_port(&mut self) {
        self.set_port(0);
    }
}

#[cfg(unix)]
impl Address for std::os::unix::net::SocketAddr {}

impl<L: Listener<Addr: Address>> Listener for BrokenListener<L> {
    type Stream = BrokenStream<L::Stream>;
    type Addr = L::Addr;
    type Waiter = BrokenWaiter<L>;

    fn poll_accept(
        &self,
        waiter: &mut BrokenWaiter<L>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(Self::Stream, L::Addr)>> {
        at_home()?;
        let broken = |(stream, peer)| Ok((BrokenStream::new(stream, Weak::new()), peer));
        if let Some(held) = waiter.held.take() {
            return Poll::Ready(broken(held));
        }
        if is(Fault::WaitersStay) {
            self.wakers
                .lock()
                .expect("nobody panicked")
                .push(cx.waker().clone());
        }
        if is(Fault::Spins) {
            cx.waker().wake_by_ref();
        }
        let listener = self.get();
        let accepted = if is(Fault::OneAcceptor) {
            let waker = self.relay.keep(cx.waker());
            let mut shared = self.shared.lock().expect("nobody panicked");
            ready!(listener.poll_accept(&mut shared, &mut Context::from_waker(&waker)))
        } else {
            ready!(listener.poll_accept(&mut waiter.waiter, cx))
        };
        if is(Fault::AcceptFails) {
            return Poll::Ready(Err(io::Error::other("cannot accept")));
        }
        if accepted.is_err() && is(Fault::HangsAfterShutdown) {
            return Poll::Pending;
        }
        if is(Fault::AcceptHolds) {
            waiter.held = accepted.ok();
            // Later, as a system that answers in its own time would.
            let waker = cx.waker().clone();
            std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(5));
                waker.wake();
            });
            return Poll::Pending;
        }
        Poll::Ready(accepted.and_then(broken))
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        let mut addr = self.get().local_addr()?;
        if is(Fault::PortForgotten) {
            addr.forget_port();
        }
        Ok(addr)
    }
}

impl<L: Listener> Drop for BrokenListener<L> {
    fn drop(&mut self) {
        if is(Fault::ListenerLeaks) {
            std::mem::forget(self.listener.take());
        }
    }
}
