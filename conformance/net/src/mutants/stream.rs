use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use anyrt_net::{AsyncRead, AsyncWrite, Interest, Ready, Stream, TcpOptions, TcpStream};

use super::fault::is;
use super::halves::lose;
use super::relay::Relay;
use super::runtime::at_home;
use super::{BrokenRead, BrokenWrite, Fault};

/// A connection, with the flaw that was planted.
#[derive(Debug)]
pub(crate) struct BrokenStream<S> {
    stream: Option<S>,
    alive: Weak<()>,
    relay: Arc<Relay>,
    reads: usize,
    pending: usize,
    has_ended: bool,
    is_closed: bool,
}

impl<S> BrokenStream<S> {
    pub(super) fn new(stream: S, alive: Weak<()>) -> Self {
        Self {
            stream: Some(stream),
            alive,
            relay: Arc::default(),
            reads: 0,
            pending: 0,
            has_ended: false,
            is_closed: false,
        }
    }

    pub(super) fn get(&self) -> &S {
        self.stream.as_ref().expect("is there until it is split")
    }

    fn get_pin(&mut self) -> Pin<&mut S>
    where
        S: Unpin,
    {
        Pin::new(self.stream.as_mut().expect("is there until it is split"))
    }

    /// What is inside.
    pub(super) fn into_inner(mut self) -> S {
        self.stream.take().expect("is there until it is split")
    }

    fn check(&self) -> io::Result<()> {
        if is(Fault::DiesWithHandle) && self.alive.strong_count() == 0 {
            return Err(io::Error::other("the handle is gone"));
        }
        at_home()
    }
}

impl<S: Stream> AsyncRead for BrokenStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check()?;
        if (is(Fault::EmptyWaits) && buf.is_empty()) || (is(Fault::EndOnce) && this.has_ended) {
            return Poll::Pending;
        }
        if is(Fault::NoBudget) {
            match this.get().try_read(buf) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
        let waker = match cx.waker() {
            waker if is(Fault::FirstWakerStays) => this.relay.keep_first(waker),
            waker if is(Fault::OneWakerForBoth) => this.relay.keep(waker),
            waker => waker.clone(),
        };
        let read = this
            .get_pin()
            .poll_read(&mut Context::from_waker(&waker), buf);
        if read.is_pending() {
            this.pending += 1;
            if is(Fault::SpuriousEnds) && this.pending > 1 {
                return Poll::Ready(Ok(0));
            }
            return Poll::Pending;
        }
        let read = ready!(read);
        if read.is_err() && is(Fault::HangsAfterShutdown) {
            return Poll::Pending;
        }
        this.has_ended |= matches!(read, Ok(0)) && !buf.is_empty();
        Poll::Ready(read.map(|n| lose(&mut this.reads, buf, n)))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        if is(Fault::ReadsLastSlice) {
            let Some(last) = bufs.last_mut() else {
                return Poll::Ready(Ok(0));
            };
            return self.get_pin().poll_read(cx, last);
        }
        self.get_pin().poll_read_vectored(cx, bufs)
    }
}

impl<S: Stream> AsyncWrite for BrokenStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        let waker = if is(Fault::OneWakerForBoth) {
            self.relay.keep(cx.waker())
        } else {
            cx.waker().clone()
        };
        let write = self
            .get_pin()
            .poll_write(&mut Context::from_waker(&waker), buf);
        match write {
            Poll::Pending if is(Fault::TakesEverything) => Poll::Ready(Ok(buf.len())),
            Poll::Ready(Err(_)) if is(Fault::ErrorsSwallowed) => Poll::Ready(Ok(buf.len())),
            write => write,
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if is(Fault::WritesFirstSlice) {
            let first = bufs.first().map_or(&[][..], |slice| slice);
            return self.get_pin().poll_write(cx, first);
        }
        self.get_pin().poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if is(Fault::FlushFails) {
            return Poll::Ready(Err(ErrorKind::Other.into()));
        }
        self.get_pin().poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if is(Fault::CloseOnlyFlushes) {
            return self.get_pin().poll_flush(cx);
        }
        if is(Fault::CloseComplains) && self.is_closed {
            return Poll::Ready(Err(ErrorKind::NotConnected.into()));
        }
        self.is_closed = true;
        self.get_pin().poll_close(cx)
    }
}

impl<S: Stream> Ready for BrokenStream<S> {
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        if is(Fault::AlwaysReady) {
            // With a turn in between, so that the rule comes to its end.
            return Poll::Ready(Ok(()));
        }
        ready!(self.get().poll_ready(cx, interest))?;
        if is(Fault::ReadsAhead) && interest == Interest::Read {
            let _ = self.get().try_read(&mut [0; 64]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> Stream for BrokenStream<S> {
    type Addr = S::Addr;
    type ReadHalf = BrokenRead<S::ReadHalf>;
    type WriteHalf = BrokenWrite<S::WriteHalf>;

    fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        match self.get().try_read(buf) {
            Err(_) if is(Fault::TriesAlwaysSucceed) => Ok(0),
            Err(error) if is(Fault::AlwaysReady) => {
                std::thread::sleep(std::time::Duration::from_micros(100));
                Err(error)
            }
            result => result,
        }
    }

    fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.get().try_write(buf)
    }

    fn into_split(self) -> (Self::ReadHalf, Self::WriteHalf) {
        let (read, write) = self.into_inner().into_split();
        let has_ended = Arc::<AtomicBool>::default();
        let read = BrokenRead {
            half: read,
            reads: 0,
            has_ended: Arc::clone(&has_ended),
        };
        let write = BrokenWrite {
            half: Some(write),
            has_ended,
        };
        (read, write)
    }

    fn local_addr(&self) -> io::Result<S::Addr> {
        if is(Fault::AddressesSwapped) {
            return self.get().peer_addr();
        }
        self.get().local_addr()
    }

    fn peer_addr(&self) -> io::Result<S::Addr> {
        self.get().peer_addr()
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if is(Fault::ShutdownForgets) {
            return Ok(());
        }
        self.get().shutdown(how)
    }
}

impl<S: TcpStream> TcpStream for BrokenStream<S> {
    fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let peeked = ready!(self.get().poll_peek(cx, buf));
        if is(Fault::PeekTakes) {
            let _ = self.get().try_read(&mut [0; 1]);
        }
        Poll::Ready(peeked)
    }

    fn options(&self) -> io::Result<TcpOptions> {
        self.get().options()
    }

    fn set_options(&self, options: &TcpOptions) -> io::Result<()> {
        match self.get().set_options(options) {
            Err(_) if is(Fault::RefusesNothing) => Ok(()),
            result => result,
        }
    }

    fn set_zero_linger(&self) -> io::Result<()> {
        if is(Fault::LingerIgnored) {
            return Ok(());
        }
        self.get().set_zero_linger()
    }
}

impl<S> Drop for BrokenStream<S> {
    fn drop(&mut self) {
        if is(Fault::StreamLeaks) {
            std::mem::forget(self.stream.take());
        }
    }
}
