use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use anyrt_net::{AsyncRead, AsyncWrite, Interest, Ready};

use super::Fault;
use super::fault::is;

anyrt_conformance_engine::mutants! { Fault;
    drops_bytes: "a read loses a byte now and then",
        killed by "net::echo", "net::split_on_two_tasks", "net::copy_counts", "net::dropped_read_keeps_bytes";
    loud_read_half: "dropping the read half ends the write side, too",
        killed by "net::read_half_drop_is_silent";
    silent_write_half: "dropping the write half leaves the write side open",
        killed by "net::write_half_drop_is_fin", "net::unix_pair";
}

/// The half of a stream that reads, with the flaw that was planted.
#[derive(Debug)]
pub(crate) struct BrokenRead<H> {
    pub(super) half: H,
    pub(super) reads: usize,
    pub(super) has_ended: Arc<AtomicBool>,
}

/// The half of a stream that writes, with the flaw that was planted.
#[derive(Debug)]
pub(crate) struct BrokenWrite<H> {
    pub(super) half: Option<H>,
    pub(super) has_ended: Arc<AtomicBool>,
}

/// Loses a byte of a read now and then.
pub(super) fn lose(reads: &mut usize, buf: &mut [u8], n: usize) -> usize {
    *reads += 1;
    if is(Fault::drops_bytes) && n > 0 && (*reads & 1) == 0 {
        buf.copy_within(1..n, 0);
        return n - 1;
    }
    n
}

impl<H: AsyncRead + Unpin> AsyncRead for BrokenRead<H> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let read = Pin::new(&mut this.half).poll_read(cx, buf);
        read.map_ok(|n| lose(&mut this.reads, buf, n))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.half).poll_read_vectored(cx, bufs)
    }
}

impl<H: Ready> Ready for BrokenRead<H> {
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        self.half.poll_ready(cx, interest)
    }
}

impl<H> Drop for BrokenRead<H> {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::Relaxed);
    }
}

impl<H: AsyncWrite + Unpin> BrokenWrite<H> {
    fn half(&mut self) -> io::Result<Pin<&mut H>> {
        if is(Fault::loud_read_half) && self.has_ended.load(Ordering::Relaxed) {
            return Err(ErrorKind::BrokenPipe.into());
        }
        Ok(Pin::new(self.half.as_mut().expect("is dropped last")))
    }
}

impl<H: AsyncWrite + Unpin> AsyncWrite for BrokenWrite<H> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.half()?.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.half()?.poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.half()?.poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.half()?.poll_close(cx)
    }
}

impl<H: Ready> Ready for BrokenWrite<H> {
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        let half = self.half.as_ref().expect("is dropped last");
        half.poll_ready(cx, interest)
    }
}

impl<H> Drop for BrokenWrite<H> {
    fn drop(&mut self) {
        if is(Fault::silent_write_half) {
            std::mem::forget(self.half.take());
        }
    }
}
