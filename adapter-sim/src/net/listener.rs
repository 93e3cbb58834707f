use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, Waker};

use anyrt_net::{Place, WaitList};

use super::Pending;
use super::Wire;
use super::call::{self, Home};
use super::hold::Hold;
use super::stream::TcpStream;
#[cfg(unix)]
use super::stream::{UnixStream, unix_addr};
use super::wire::slab::Id;

/// The place of one task that waits for a simulated listener or datagram socket.
///
/// # Examples
///
/// ```
/// let waiter = anyrt_sim::net::Waiter::default();
/// assert_eq!(format!("{waiter:?}"), "Waiter(Place { waits: false })");
/// ```
#[derive(Debug, Default)]
pub struct Waiter(pub(super) Place);

macro_rules! listener {
    ($listener:ident, $stream:ident, $addr:ty, $what:literal) => {
        #[doc = concat!("A simulated ", $what, " listener.")]
        ///
        /// It is an [`anyrt_net::Listener`]; see there.
        pub struct $listener {
            hold: Hold,
            waiting: WaitList,
        }

        impl $listener {
            pub(super) fn listen(
                shared: &Home,
                listen: impl FnOnce(&mut Wire, Waker) -> io::Result<Id>,
            ) -> io::Result<Self> {
                let waiting = WaitList::new();
                let waker = waiting.waker().clone();
                let id = call::act(shared, |wire, _| listen(wire, waker))?;
                let hold = Hold::new(shared, id, Wire::drop_listener);
                Ok(Self { hold, waiting })
            }

            fn poll_end(
                &self,
                waiter: &mut Waiter,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<$stream>> {
                let (shared, id) = (&self.hold.shared, self.hold.id);
                let accept = |cx: &mut Context<'_>| {
                    call::poll(shared, cx, Pending::Accept(id), |wire, _, _| {
                        wire.accept(id)
                    })
                };
                let accepted = self.waiting.poll(&mut waiter.0, cx, accept);
                accepted.map_ok(|end| $stream::new(shared, end))
            }
        }

        impl fmt::Debug for $listener {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($listener))
                    .finish_non_exhaustive()
            }
        }

        impl anyrt_net::Listener for $listener {
            type Stream = $stream;
            type Addr = $addr;
            type Waiter = Waiter;

            fn poll_accept(
                &self,
                waiter: &mut Waiter,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<($stream, $addr)>> {
                use anyrt_net::Stream as _;

                self.poll_end(waiter, cx).map(|accepted| {
                    let stream = accepted?;
                    match stream.peer_addr() {
                        Ok(peer) => Ok((stream, peer)),
                        // It was reset before it was accepted.
                        Err(_) => Err(io::ErrorKind::ConnectionAborted.into()),
                    }
                })
            }

            fn local_addr(&self) -> io::Result<$addr> {
                let addr = call::look(&self.hold.shared, |state| {
                    state.wire.listener_addr(self.hold.id)
                });
                self.shown(addr?)
            }
        }
    };
}

type Bound = (SocketAddr, Option<std::sync::Arc<std::path::Path>>);

listener!(TcpListener, TcpStream, SocketAddr, "TCP");
#[cfg(unix)]
listener!(
    UnixListener,
    UnixStream,
    std::os::unix::net::SocketAddr,
    "Unix"
);

impl TcpListener {
    fn shown(&self, (addr, _): Bound) -> io::Result<SocketAddr> {
        Ok(addr)
    }
}

#[cfg(unix)]
impl UnixListener {
    fn shown(&self, (_, path): Bound) -> io::Result<std::os::unix::net::SocketAddr> {
        unix_addr(path.as_deref())
    }
}
