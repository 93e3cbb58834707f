use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Waker, ready};

use anyrt_net::{Listener, TcpStream};

use super::fault::is;
use super::relay::Relay;
use super::runtime::at_home;
use super::{BrokenStream, Fault};

/// A listener, with the flaw that was planted.
#[derive(Debug)]
pub struct BrokenListener<L: Listener> {
    listener: Option<L>,
    relay: Arc<Relay>,
    shared: Mutex<L::Waiter>,
    wakers: Mutex<Vec<Waker>>,
}

/// The place of one that waits, with the flaw that was planted.
#[derive(Debug)]
pub struct BrokenWaiter<L: Listener> {
    waiter: L::Waiter,
    held: Option<(L::Stream, SocketAddr)>,
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

impl<L: Listener> BrokenListener<L> {
    pub(super) fn new(listener: L) -> Self {
        Self {
            listener: Some(listener),
            relay: Arc::default(),
            shared: Mutex::default(),
            wakers: Mutex::default(),
        }
    }
}

impl<L> Listener for BrokenListener<L>
where
    L: Listener<Addr = SocketAddr, Stream: TcpStream>,
{
    type Stream = BrokenStream<L::Stream>;
    type Addr = SocketAddr;
    type Waiter = BrokenWaiter<L>;

    fn poll_accept(
        &self,
        waiter: &mut BrokenWaiter<L>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(Self::Stream, SocketAddr)>> {
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
        let listener = self.listener.as_ref().expect("is dropped last");
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

    fn local_addr(&self) -> io::Result<SocketAddr> {
        let listener = self.listener.as_ref().expect("is dropped last");
        let mut addr = listener.local_addr()?;
        if is(Fault::PortForgotten) {
            addr.set_port(0);
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
