use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use anyrt_net::Interest;

use super::native::{NativeListener, NativeStream};
use super::source::Source;
use super::{Stream, Waiter};
use crate::driver::Slot;

/// A listener on compio.
///
/// # Cost
///
/// Each task that waits has a wait of its own in the driver.
#[derive(Debug)]
pub struct Listener<S: NativeListener>(Source<S>);

/// A TCP listener on compio.
pub type TcpListener = Listener<std::net::TcpListener>;

/// A Unix listener on compio.
#[cfg(unix)]
pub type UnixListener = Listener<std::os::unix::net::UnixListener>;

impl<S: NativeListener> Listener<S> {
    /// Takes over a listener that does not block.
    pub(super) fn new(listener: S, slot: &Rc<Slot>) -> io::Result<Self> {
        Source::new(listener, slot).map(Self)
    }
}

impl<S: NativeListener> anyrt_net::Listener for Listener<S> {
    type Stream = Stream<S::Stream>;
    type Addr = <S::Stream as NativeStream>::Addr;
    type Waiter = Waiter<S>;

    #[inline]
    fn poll_accept(
        &self,
        waiter: &mut Self::Waiter,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(Self::Stream, Self::Addr)>> {
        let accepted = waiter.poll_io(&self.0, cx, Interest::Read, NativeListener::take);
        let (stream, peer) = ready!(accepted)?;
        Poll::Ready(Stream::new(stream, self.0.slot()).map(|stream| (stream, peer)))
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.get().local()
    }
}

#[cfg(unix)]
impl TcpListener {
    pub(super) fn into_std(self) -> io::Result<std::net::TcpListener> {
        self.0.into_std(std::net::TcpListener::try_clone)
    }
}

#[cfg(unix)]
super::registered::os_handle!(TcpListener);
