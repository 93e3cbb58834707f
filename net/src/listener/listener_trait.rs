use std::fmt::Debug;
use std::io;
use std::task::{Context, Poll};

use anyrt_core::Timer;

use crate::{Accept, Incoming};

/// Accepts connections. Any number of tasks may wait, each with a [`Waiter`](Self::Waiter) of its own.
///
/// # Contract
///
/// - Each of many waiting tasks gets a connection, as long as there are any (`net::many_acceptors`).
/// - A waiter that is dropped takes no wake-up with it (`net::dropped_waiter_passes_on`), keeps no task alive
///   (`net::waiter_keeps_no_task`) and leaves nothing behind (`net::waiters_are_bounded`).
/// - Connections beyond the backlog wait and are neither refused nor lost (`net::backlog_full_delays`).
/// - Dropping the listener resets the connections that nobody accepted (`net::listener_drop_resets_queue`).
/// - References and pointers to a listener are listeners (`net::listener_through_pointers`).
/// - What it accepts belongs to the listener's own runtime, wherever it is polled (`net::accepted_belongs_home`).
///
/// # Cancellation
///
/// Dropping a pending [`accept`](Self::accept) loses no connection (`net::dropped_accept_keeps_connection`).
///
/// # Cost
///
/// To accept costs what it costs on the runtime's own listener. A listener is up to one allocation more when it is made, for tasks that
/// wait beside each other, all of which an event wakes.
///
/// # Examples
///
/// An accept loop is [`incoming`](Self::incoming); a single connection is [`accept`](Self::accept):
///
/// ```
/// use anyrt_net::prelude::*;
///
/// async fn first_peer<R: NetRuntime>(rt: &R) -> std::io::Result<std::net::SocketAddr> {
///     let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into())?;
///     let connect = rt.tcp_connect(listener.local_addr()?);
///     let (_stream, peer) = listener.accept().await?;
///     assert_eq!(connect.await?.local_addr()?, peer);
///     Ok(peer)
/// }
/// # use anyrt_core::{Config, prelude::*};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(first_peer(&rt.handle())).unwrap();
/// ```
pub trait Listener: Debug + Unpin {
    /// What is accepted.
    type Stream;
    /// The address of a peer.
    type Addr;
    /// The place of one that waits: empty at first, forgotten when it is dropped.
    type Waiter: Default + Debug + Unpin;

    /// Accepts a connection, or keeps the waker in `waiter` until there is one.
    ///
    /// Each poll replaces the waker that the same waiter kept before. Waiters of other tasks keep theirs.
    ///
    /// # Errors
    ///
    /// Those of a connection that was gone before it was accepted (`ConnectionAborted`); those of a process that has run out
    /// of descriptors; and those of the listener itself, such as the shutdown of its runtime. [`incoming`](Self::incoming)
    /// tells them apart.
    fn poll_accept(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(Self::Stream, Self::Addr)>>;

    /// The address that it listens on, with the port that the system chose.
    ///
    /// # Errors
    ///
    /// What the system reports.
    fn local_addr(&self) -> io::Result<Self::Addr>;

    /// Waits for the next connection.
    ///
    /// # Errors
    ///
    /// Those of [`poll_accept`](Self::poll_accept).
    #[inline]
    fn accept(&self) -> Accept<'_, Self>
    where
        Self: Sized,
    {
        Accept::new(self)
    }

    /// Turns the listener into a stream of connections that survives what a server should survive.
    ///
    /// `timer` is the runtime, for the pauses; see [`Incoming`]. For several accept loops on one listener, put it into an
    /// `Arc` first.
    #[inline]
    fn incoming<T: Timer>(self, timer: T) -> Incoming<Self, T>
    where
        Self: Sized,
    {
        Incoming::new(self, timer)
    }
}
