use std::fmt::Debug;
use std::io;
use std::task::{Context, Poll};

use crate::{Interest, Readiness, Recv, RecvFrom, Send, SendTo};

/// A socket of messages: what UDP and Unix datagram sockets have in common.
///
/// Clones are handles to the same socket (`net::udp_clones_share`). Any number of tasks may wait, each with a
/// [`Waiter`](Self::Waiter) of its own.
///
/// # Contract
///
/// - A message arrives whole or not at all, and alone (`net::udp_boundaries`). What does not fit into the buffer is cut off
///   (`net::udp_truncates`). A message may be empty (`net::udp_empty_message`).
/// - A message that is too big is not sent, and the error is the system's (`net::udp_too_big`).
/// - Each of many waiting tasks receives a message, as long as there are any (`net::many_receivers`).
/// - A waiter that is dropped leaves nothing behind (`net::receivers_are_bounded`).
/// - A socket that always has something gives way to its neighbours (`net::hot_socket_gives_way`).
/// - A connected socket receives from its peer alone, and sends to it without an address (`net::udp_connected`).
///
/// # Cancellation
///
/// Dropping a pending receive loses no message (`net::dropped_recv_keeps_message`). A send that is dropped has sent its message
/// or nothing.
///
/// # Cost
///
/// Sending and receiving cost what they cost on the runtime's own sockets. A socket is up to three allocations more when it is made,
/// for clones and for tasks that wait beside each other. An event wakes all that wait in its direction: tens of tasks per socket, not
/// thousands.
///
/// # Examples
///
/// ```
/// use anyrt_net::prelude::*;
///
/// async fn exchange<R: NetRuntime>(rt: &R) -> std::io::Result<()> {
///     let here = ([127, 0, 0, 1], 0).into();
///     let (one, other) = (rt.udp_bind(here)?, rt.udp_bind(here)?);
///     one.send_to(b"moin", other.local_addr()?).await?;
///     let mut buf = [0; 16];
///     let (n, from) = other.recv_from(&mut buf).await?;
///     assert_eq!((&buf[..n], from), (&b"moin"[..], one.local_addr()?));
///     Ok(())
/// }
/// # use anyrt_core::{Config, prelude::*};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(exchange(&rt.handle())).unwrap();
/// ```
pub trait Datagram: Clone + Debug + Unpin {
    /// The address of a socket.
    type Addr: Clone + Debug + Unpin;
    /// The place of one that waits in one direction: empty at first, forgotten when it is dropped.
    type Waiter: Default + Debug + Unpin;

    /// Is ready when an operation in this direction may make progress; it may be ready for nothing.
    ///
    /// # Errors
    ///
    /// When the runtime that the socket belongs to is gone, on runtimes whose poller goes with them.
    fn poll_readiness(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>>;

    /// Receives one message, cut to `buf`, and tells who sent it.
    ///
    /// # Errors
    ///
    /// Those of the system; on a connected socket `ConnectionRefused` for an earlier message that nobody took.
    fn poll_recv_from(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, Self::Addr)>>;

    /// Sends one message to `to`, whole or not at all.
    ///
    /// # Errors
    ///
    /// Those of the system.
    fn poll_send_to(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
        to: &Self::Addr,
    ) -> Poll<io::Result<usize>>;

    /// Receives one message of a connected socket, cut to `buf`.
    ///
    /// # Errors
    ///
    /// Those of [`poll_recv_from`](Self::poll_recv_from).
    fn poll_recv(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>>;

    /// Sends one message to the peer of a connected socket.
    ///
    /// # Errors
    ///
    /// Those of the system. A socket without a peer has nowhere to send to.
    fn poll_send(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>>;

    /// Receives a message that is there (`net::udp_try_would_block`).
    ///
    /// # Errors
    ///
    /// `WouldBlock` when there is none.
    fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, Self::Addr)>;

    /// Sends a message that there is room for.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when there is no room.
    fn try_send_to(&self, buf: &[u8], to: &Self::Addr) -> io::Result<usize>;

    /// Connects the socket: from now on it receives from `peer` alone. May be called again, with another peer.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn connect(&self, peer: &Self::Addr) -> io::Result<()>;

    /// The address of this socket, with the port that the system chose.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn local_addr(&self) -> io::Result<Self::Addr>;

    /// The peer of a connected socket.
    ///
    /// # Errors
    ///
    /// `NotConnected` without one.
    fn peer_addr(&self) -> io::Result<Self::Addr>;

    /// Waits until an operation in this direction may make progress.
    #[inline]
    fn readiness(&self, interest: Interest) -> Readiness<'_, Self>
    where
        Self: Sized,
    {
        Readiness::new(self, interest)
    }

    /// Waits for a message, from anybody.
    #[inline]
    fn recv_from<'a>(&'a self, buf: &'a mut [u8]) -> RecvFrom<'a, Self>
    where
        Self: Sized,
    {
        RecvFrom::new(self, buf)
    }

    /// Waits for room, and sends a message to `to`.
    #[inline]
    fn send_to<'a>(&'a self, buf: &'a [u8], to: Self::Addr) -> SendTo<'a, Self>
    where
        Self: Sized,
    {
        SendTo::new(self, buf, to)
    }

    /// Waits for a message, from the peer of a connected socket.
    #[inline]
    fn recv<'a>(&'a self, buf: &'a mut [u8]) -> Recv<'a, Self>
    where
        Self: Sized,
    {
        Recv::new(self, buf)
    }

    /// Waits for room, and sends a message to the peer of a connected socket.
    #[inline]
    fn send<'a>(&'a self, buf: &'a [u8]) -> Send<'a, Self>
    where
        Self: Sized,
    {
        Send::new(self, buf)
    }
}
