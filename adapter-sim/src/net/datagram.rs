//! What UDP's sockets and Unix ones have in common: one socket of the network, those that wait for it, and messages with addresses.

use std::io;
use std::task::{Context, Poll, Waker};

use anyrt_net::{Interest, WaitList};

use super::Pending;
use super::Wire;
use super::call::{self, Home, or_would_block};
use super::hold::Hold;
use super::listener::Waiter;
use super::wire::slab::Id;
use super::wire::{Address, Moment};

pub(super) struct Datagrams {
    pub(super) hold: Hold,
    receivers: WaitList,
}

impl Datagrams {
    pub(super) fn bind(
        shared: &Home,
        bind: impl FnOnce(&mut Wire, Waker) -> io::Result<Id>,
    ) -> io::Result<Self> {
        let receivers = WaitList::new();
        let waker = receivers.waker().clone();
        let id = call::act(shared, |wire, _| bind(wire, waker))?;
        Ok(Self::new(shared, id, receivers))
    }

    pub(super) fn new(shared: &Home, id: Id, receivers: WaitList) -> Self {
        let hold = Hold::new(shared, id, Wire::drop_socket);
        Self { hold, receivers }
    }

    /// Polls for something that those that wait to receive are told of.
    pub(super) fn poll<T>(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Wire, &mut Moment) -> Poll<T>,
    ) -> Poll<T> {
        let shared = &self.hold.shared;
        let pending = Pending::Receive(self.hold.id);
        let poll =
            |cx: &mut Context<'_>| call::poll(shared, cx, pending, |wire, m, _| poll(wire, m));
        self.receivers.poll(&mut waiter.0, cx, poll)
    }

    pub(super) fn poll_readiness(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        let id = self.hold.id;
        self.poll(waiter, cx, |wire, _| match wire.has_message(id)? {
            false if interest == Interest::Read => Poll::Pending,
            _ => Poll::Ready(Ok(())),
        })
    }

    pub(super) fn poll_recv<A>(
        &self,
        waiter: &mut Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
        shown: impl FnOnce(Address) -> io::Result<A>,
    ) -> Poll<io::Result<(usize, A)>> {
        let id = self.hold.id;
        let received = self.poll(waiter, cx, |wire, m| wire.recv(id, buf, m));
        received.map(|received| received.and_then(|(n, from)| Ok((n, shown(from)?))))
    }

    pub(super) fn try_recv(&self, buf: &mut [u8]) -> io::Result<(usize, Address)> {
        let id = self.hold.id;
        or_would_block(self.act(|wire, m| wire.recv(id, buf, m)))
    }

    pub(super) fn act<T>(&self, act: impl FnOnce(&mut Wire, &mut Moment) -> T) -> T {
        call::act(&self.hold.shared, act)
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&Wire) -> T) -> T {
        call::look(&self.hold.shared, |state| look(&state.wire))
    }

    pub(super) fn connect(&self, peer: Address) -> io::Result<()> {
        self.act(|wire, m| wire.set_peer(self.hold.id, peer, m))
    }

    pub(super) fn local(&self) -> io::Result<Address> {
        self.look(|wire| wire.socket_addr(self.hold.id))
    }

    pub(super) fn peer(&self) -> io::Result<Address> {
        self.look(|wire| wire.socket_peer(self.hold.id))
    }
}

/// The half of [`anyrt_net::Datagram`] that is the same for both: all but how a message is sent.
macro_rules! receives {
    ($shown:path, $address:path) => {
        fn poll_readiness(
            &self,
            waiter: &mut Waiter,
            cx: &mut Context<'_>,
            interest: Interest,
        ) -> Poll<io::Result<()>> {
            self.0.poll_readiness(waiter, cx, interest)
        }

        fn poll_recv_from(
            &self,
            waiter: &mut Waiter,
            cx: &mut Context<'_>,
            buf: &mut [u8],
        ) -> Poll<io::Result<(usize, SocketAddr)>> {
            self.0.poll_recv(waiter, cx, buf, $shown)
        }

        fn poll_recv(
            &self,
            waiter: &mut Waiter,
            cx: &mut Context<'_>,
            buf: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            self.poll_recv_from(waiter, cx, buf).map_ok(|(n, _)| n)
        }

        fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
            let (n, from) = self.0.try_recv(buf)?;
            Ok((n, $shown(from)?))
        }

        fn connect(&self, peer: &SocketAddr) -> io::Result<()> {
            self.0.connect($address(peer))
        }

        fn local_addr(&self) -> io::Result<SocketAddr> {
            $shown(self.0.local()?)
        }
    };
}

pub(super) use receives;
