use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::mem;
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

anyrt_conformance_engine::mutants! { Fault;
    addresses_swapped: "a stream confuses its addresses",
        killed by "net::addresses_agree";
    always_ready: "a stream is always ready",
        killed by "net::readiness_forgotten";
    close_complains: "to close again is an error",
        killed by "net::close_repeats";
    close_only_flushes: "`poll_close` does not shut the write side down",
        killed by "net::half_close", "net::write_after_close", "net::copy_bidirectional_half_closes",
            "net::unix_stream", "net::completion_half_close", "net::completion_half_close_comes_last";
    dies_with_handle: "a stream ends with the handle that made it",
        killed by "net::outlives_the_handle";
    empty_waits: "a read of no bytes waits",
        killed by "net::zero_length";
    end_once: "the end of a stream is told once",
        killed by "net::end_is_sticky", "net::lent_read_is_what_came";
    errors_swallowed: "a write to a peer that is gone succeeds",
        killed by "net::write_to_gone_peer";
    first_waker_stays: "a read wakes the task that polled it first",
        killed by "net::last_waker_wins";
    flush_fails: "to flush is an error",
        killed by "net::flush_is_done";
    hangs_after_shutdown: "after the shutdown of its runtime an operation waits for ever",
        killed by "net::shutdown_never_hangs";
    linger_ignored: "a linger of zero is forgotten",
        killed by "net::reset_by_linger", "net::after_reset", "net::gone_peer_has_no_address";
    no_budget: "operations that are ready cost nothing",
        killed by "net::hot_socket_gives_way", "net::hot_stream_gives_way",
            "net::idle_socket_hides_no_hot_one";
    one_waker_for_both: "a reader takes the place of the writer",
        killed by "net::directions_are_apart";
    pending_read_takes: "a read that was pending loses the first byte that comes",
        killed by "net::completion_dropped_read_loses_nothing";
    peek_takes: "to peek takes the bytes",
        killed by "net::peek_keeps";
    reads_ahead: "a wait for readiness takes the bytes",
        killed by "net::reset_by_unread", "net::readiness_tells";
    reads_last_slice: "a vectored read fills the last slice first",
        killed by "net::vectored_read";
    read_scribbles: "a read writes to what it leaves of the buffer",
        killed by "net::completion_read_gives_back";
    refuses_nothing: "options that are settled are ignored",
        killed by "net::option_is_refused";
    shutdown_forgets: "`shutdown` does nothing",
        killed by "net::shutdown_ends_both";
    spurious_ends: "a poll that nobody woke is taken for the end",
        killed by "net::spurious_wake_is_harmless";
    stream_leaks: "a stream that is dropped stays open",
        killed by "net::cancelled_task_closes", "net::shutdown_drops_sockets";
    takes_everything: "a write takes bytes that the system has no room for",
        killed by "net::backpressure", "net::dropped_write_all_is_prefix", "net::completion_partial_write",
            "net::completion_dropped_write_keeps_order";
    tries_always_succeed: "to try where there is nothing returns 0",
        killed by "net::try_would_block";
    write_counts_less: "a write tells one byte less than it took",
        killed by "net::completion_write_gives_back";
    writes_first_slice: "a vectored write takes the first slice alone",
        killed by "net::vectored_write";
}

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
        if is(Fault::dies_with_handle) && self.alive.strong_count() == 0 {
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
        if (is(Fault::empty_waits) && buf.is_empty()) || (is(Fault::end_once) && this.has_ended) {
            return Poll::Pending;
        }
        if is(Fault::no_budget) {
            match this.get().try_read(buf) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
        let waker = match cx.waker() {
            waker if is(Fault::first_waker_stays) => this.relay.keep_first(waker),
            waker if is(Fault::one_waker_for_both) => this.relay.keep(waker),
            waker => waker.clone(),
        };
        let read = this
            .get_pin()
            .poll_read(&mut Context::from_waker(&waker), buf);
        if read.is_pending() {
            this.pending += 1;
            if is(Fault::spurious_ends) && this.pending > 1 {
                return Poll::Ready(Ok(0));
            }
            return Poll::Pending;
        }
        let read = ready!(read);
        if read.is_err() && is(Fault::hangs_after_shutdown) {
            return Poll::Pending;
        }
        this.has_ended |= matches!(read, Ok(0)) && !buf.is_empty();
        if let Ok(count @ 1..) = read {
            if is(Fault::read_scribbles) {
                buf[count..].fill(0);
            }
            if is(Fault::pending_read_takes) && mem::take(&mut this.pending) > 0 {
                buf.copy_within(1..count, 0);
                return Poll::Ready(Ok(count - 1));
            }
        }
        Poll::Ready(read.map(|n| lose(&mut this.reads, buf, n)))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        if is(Fault::reads_last_slice) {
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
        let waker = if is(Fault::one_waker_for_both) {
            self.relay.keep(cx.waker())
        } else {
            cx.waker().clone()
        };
        let write = self
            .get_pin()
            .poll_write(&mut Context::from_waker(&waker), buf);
        match write {
            Poll::Pending if is(Fault::takes_everything) => Poll::Ready(Ok(buf.len())),
            Poll::Ready(Ok(count @ 2..)) if is(Fault::write_counts_less) => {
                Poll::Ready(Ok(count - 1))
            }
            Poll::Ready(Err(_)) if is(Fault::errors_swallowed) => Poll::Ready(Ok(buf.len())),
            write => write,
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if is(Fault::writes_first_slice) {
            let first = bufs.first().map_or(&[][..], |slice| slice);
            return self.get_pin().poll_write(cx, first);
        }
        self.get_pin().poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if is(Fault::flush_fails) {
            return Poll::Ready(Err(ErrorKind::Other.into()));
        }
        self.get_pin().poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if is(Fault::close_only_flushes) {
            return self.get_pin().poll_flush(cx);
        }
        if is(Fault::close_complains) && self.is_closed {
            return Poll::Ready(Err(ErrorKind::NotConnected.into()));
        }
        self.is_closed = true;
        self.get_pin().poll_close(cx)
    }
}

impl<S: Stream> Ready for BrokenStream<S> {
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        if is(Fault::always_ready) {
            // With a turn in between, so that the rule comes to its end.
            return Poll::Ready(Ok(()));
        }
        ready!(self.get().poll_ready(cx, interest))?;
        if is(Fault::reads_ahead) && interest == Interest::Read {
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
            Err(_) if is(Fault::tries_always_succeed) => Ok(0),
            Err(error) if is(Fault::always_ready) => {
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
        if is(Fault::addresses_swapped) {
            return self.get().peer_addr();
        }
        self.get().local_addr()
    }

    fn peer_addr(&self) -> io::Result<S::Addr> {
        self.get().peer_addr()
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if is(Fault::shutdown_forgets) {
            return Ok(());
        }
        self.get().shutdown(how)
    }
}

impl<S: TcpStream> TcpStream for BrokenStream<S> {
    fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let peeked = ready!(self.get().poll_peek(cx, buf));
        if is(Fault::peek_takes) {
            let _ = self.get().try_read(&mut [0; 1]);
        }
        Poll::Ready(peeked)
    }

    fn options(&self) -> io::Result<TcpOptions> {
        self.get().options()
    }

    fn set_options(&self, options: &TcpOptions) -> io::Result<()> {
        match self.get().set_options(options) {
            Err(_) if is(Fault::refuses_nothing) => Ok(()),
            result => result,
        }
    }

    fn set_zero_linger(&self) -> io::Result<()> {
        if is(Fault::linger_ignored) {
            return Ok(());
        }
        self.get().set_zero_linger()
    }
}

impl<S> Drop for BrokenStream<S> {
    fn drop(&mut self) {
        if is(Fault::stream_leaks) {
            mem::forget(self.stream.take());
        }
    }
}
