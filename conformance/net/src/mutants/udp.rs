use std::io;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};

use anyrt_net::{Datagram, Interest, UdpOptions, UdpSocket};

use super::Fault;
use super::fault::is;
use super::relay::Relay;
use super::runtime::at_home;

anyrt_conformance_engine::mutants! { Fault;
    big_is_cut: "a message that is too big is cut and sent",
        killed by "net::udp_too_big";
    clone_leaks: "a socket stays open when its last handle is dropped",
        killed by "net::udp_clones_share";
    connect_ignored: "`connect` of a socket of datagrams does nothing",
        killed by "net::udp_connected", "net::unix_connected";
    full_is_an_error: "a send that finds no room is an error",
        killed by "net::unix_full_receiver_is_waited_for";
    empty_dropped: "empty messages are passed over",
        killed by "net::udp_empty_message";
    lengths_wrong: "a receive returns a wrong length",
        killed by "net::udp_boundaries", "net::unix_datagram";
    one_receiver: "a socket keeps one waker",
        killed by "net::many_receivers";
    recv_holds: "a receive holds its message before it is ready",
        killed by "net::dropped_recv_keeps_message";
    rest_comes_next: "what did not fit comes with the next receive",
        killed by "net::udp_truncates";
    udp_tries_succeed: "to try where there is no message returns an empty one",
        killed by "net::udp_try_would_block";
}

/// A socket of datagrams, with the flaw that was planted.
#[derive(Debug)]
pub(crate) struct BrokenUdp<S: Datagram> {
    socket: S,
    relay: Arc<Relay>,
    shared: Arc<Mutex<S::Waiter>>,
    rest: Arc<Mutex<Vec<u8>>>,
    wakers: Arc<Mutex<Vec<Waker>>>,
}

/// The place of one that waits, with the flaw that was planted.
#[derive(Debug)]
pub(crate) struct BrokenUdpWaiter<S: Datagram> {
    waiter: S::Waiter,
    held: Option<(Vec<u8>, S::Addr)>,
}

impl<S: Datagram> Default for BrokenUdpWaiter<S> {
    fn default() -> Self {
        Self {
            waiter: S::Waiter::default(),
            held: None,
        }
    }
}

impl<S: Datagram> Clone for BrokenUdp<S> {
    fn clone(&self) -> Self {
        Self {
            socket: self.socket.clone(),
            relay: Arc::clone(&self.relay),
            shared: Arc::clone(&self.shared),
            rest: Arc::clone(&self.rest),
            wakers: Arc::clone(&self.wakers),
        }
    }
}

impl<S: Datagram> BrokenUdp<S> {
    /// What is inside.
    pub(super) fn get(&self) -> &S {
        &self.socket
    }

    /// What is inside.
    pub(super) fn into_inner(self) -> S {
        self.socket
    }

    pub(super) fn new(socket: S) -> Self {
        if is(Fault::clone_leaks) {
            std::mem::forget(socket.clone());
        }
        Self {
            socket,
            relay: Arc::default(),
            shared: Arc::default(),
            rest: Arc::default(),
            wakers: Arc::default(),
        }
    }
}

impl<S: Datagram> Datagram for BrokenUdp<S> {
    type Addr = S::Addr;
    type Waiter = BrokenUdpWaiter<S>;

    fn poll_readiness(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        self.socket.poll_readiness(&mut waiter.waiter, cx, interest)
    }

    fn poll_recv_from(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, S::Addr)>> {
        at_home()?;
        if is(Fault::no_budget) {
            match self.socket.try_recv_from(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
        if is(Fault::waiters_stay) {
            self.wakers
                .lock()
                .expect("nobody panicked")
                .push(cx.waker().clone());
        }
        if let Some((message, from)) = waiter.held.take() {
            let n = message.len().min(buf.len());
            buf[..n].copy_from_slice(&message[..n]);
            return Poll::Ready(Ok((n, from)));
        }
        let mut rest = self.rest.lock().expect("nobody panicked");
        if is(Fault::rest_comes_next) && !rest.is_empty() {
            let n = rest.len().min(buf.len());
            buf[..n].copy_from_slice(&rest[..n]);
            rest.drain(..n);
            return Poll::Ready(Ok((n, self.local_addr()?)));
        }
        let mut whole = vec![0; 70_000];
        let (n, from) = loop {
            let received = if is(Fault::one_receiver) {
                let waker = self.relay.keep(cx.waker());
                let mut shared = self.shared.lock().expect("nobody panicked");
                let cx = &mut Context::from_waker(&waker);
                ready!(self.socket.poll_recv_from(&mut shared, cx, &mut whole))
            } else {
                ready!(
                    self.socket
                        .poll_recv_from(&mut waiter.waiter, cx, &mut whole)
                )
            };
            match received {
                Ok((0, _)) if is(Fault::empty_dropped) => {}
                Err(_) if is(Fault::hangs_after_shutdown) => return Poll::Pending,
                received => break received?,
            }
        };
        if is(Fault::recv_holds) {
            waiter.held = Some((whole[..n].to_vec(), from));
            let waker = cx.waker().clone();
            std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(5));
                waker.wake();
            });
            return Poll::Pending;
        }
        let fits = n.min(buf.len());
        buf[..fits].copy_from_slice(&whole[..fits]);
        if is(Fault::rest_comes_next) {
            rest.extend_from_slice(&whole[fits..n]);
        }
        let wrong = usize::from(is(Fault::lengths_wrong) && fits < buf.len());
        Poll::Ready(Ok((fits + wrong, from)))
    }

    fn poll_send_to(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &S::Addr,
    ) -> Poll<io::Result<usize>> {
        if is(Fault::no_budget) {
            match self.socket.try_send_to(buf, to) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
        let buf = if is(Fault::big_is_cut) {
            &buf[..buf.len().min(1000)]
        } else {
            buf
        };
        let sent = self.socket.poll_send_to(&mut waiter.waiter, cx, buf, to);
        if is(Fault::full_is_an_error) && sent.is_pending() {
            return Poll::Ready(Err(io::ErrorKind::WouldBlock.into()));
        }
        sent
    }

    fn poll_recv(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_recv(&mut waiter.waiter, cx, buf)
    }

    fn poll_send(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_send(&mut waiter.waiter, cx, buf)
    }

    fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, S::Addr)> {
        match self.socket.try_recv_from(buf) {
            Err(_) if is(Fault::udp_tries_succeed) => Ok((0, self.local_addr()?)),
            result => result,
        }
    }

    fn try_send_to(&self, buf: &[u8], to: &S::Addr) -> io::Result<usize> {
        self.socket.try_send_to(buf, to)
    }

    fn connect(&self, peer: &S::Addr) -> io::Result<()> {
        if is(Fault::connect_ignored) {
            return Ok(());
        }
        self.socket.connect(peer)
    }

    fn local_addr(&self) -> io::Result<S::Addr> {
        self.socket.local_addr()
    }

    fn peer_addr(&self) -> io::Result<S::Addr> {
        self.socket.peer_addr()
    }
}

impl<S: UdpSocket> UdpSocket for BrokenUdp<S> {
    fn options(&self) -> io::Result<UdpOptions> {
        self.socket.options()
    }

    fn set_options(&self, options: &UdpOptions) -> io::Result<()> {
        match self.socket.set_options(options) {
            Err(_) if is(Fault::refuses_nothing) => Ok(()),
            result => result,
        }
    }
}
