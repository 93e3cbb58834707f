use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::{fmt, io};

use anyrt_net::Listener;

use super::fault::is;
use super::relay::Relay;
use super::runtime::at_home;
use super::{BrokenStream, Fault};

anyrt_conformance_engine::mutants! { Fault;
    accept_fails: "to accept is an error",
        killed by "net::incoming_passes_over_aborted";
    accept_holds: "an accept holds its connection before it is ready",
        killed by "net::dropped_accept_keeps_connection";
    listener_leaks: "a listener that is dropped stays",
        killed by "net::listener_drop_resets_queue";
    one_acceptor: "a listener keeps one waker",
        killed by "net::many_acceptors", "net::dropped_waiter_passes_on";
    port_forgotten: "a listener does not know its port",
        killed by "net::listener_through_pointers";
    spins: "a task that waits wakes itself",
        killed by "net::idle_does_not_spin";
    waiters_stay: "a waiter that is dropped leaves its waker",
        killed by "net::waiter_keeps_no_task", "net::waiters_are_bounded", "net::receivers_are_bounded";
}

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
        if is(Fault::waiters_stay) {
            self.wakers
                .lock()
                .expect("nobody panicked")
                .push(cx.waker().clone());
        }
        if is(Fault::spins) {
            cx.waker().wake_by_ref();
        }
        let listener = self.get();
        let accepted = if is(Fault::one_acceptor) {
            let waker = self.relay.keep(cx.waker());
            let mut shared = self.shared.lock().expect("nobody panicked");
            ready!(listener.poll_accept(&mut shared, &mut Context::from_waker(&waker)))
        } else {
            ready!(listener.poll_accept(&mut waiter.waiter, cx))
        };
        if is(Fault::accept_fails) {
            return Poll::Ready(Err(io::Error::other("cannot accept")));
        }
        if accepted.is_err() && is(Fault::hangs_after_shutdown) {
            return Poll::Pending;
        }
        if is(Fault::accept_holds) {
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
        if is(Fault::port_forgotten) {
            addr.forget_port();
        }
        Ok(addr)
    }
}

impl<L: Listener> Drop for BrokenListener<L> {
    fn drop(&mut self) {
        if is(Fault::listener_leaks) {
            std::mem::forget(self.listener.take());
        }
    }
}
