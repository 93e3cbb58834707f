use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;
use hyper::rt::{Read, ReadBufCursor, Write};

/// With this a client begins HTTP/2.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The stream of a connection whose first bytes have come, which tell its version. They are read once more.
#[derive(Debug)]
pub(super) struct Opened<I> {
    io: I,
    first: [u8; PREFACE.len()],
    /// Which of the first bytes are still to be read.
    begin: usize,
    end: usize,
    turn: Option<Turn>,
}

/// Whether the peer was the last to speak.
#[derive(Clone, Debug)]
pub(super) struct Turn(Arc<AtomicBool>);

impl Turn {
    /// The peer has spoken.
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    pub(super) fn is_peers(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, peers: bool) {
        self.0.store(peers, Ordering::Relaxed);
    }
}

impl<I> Opened<I> {
    /// Waits for the bytes that tell the version, or for the end of what the peer sends.
    ///
    /// hyper-util's server would wait for them itself, and for ever.
    pub(super) async fn wait<S: AsyncRead + Unpin>(
        mut stream: S,
        wrap: impl FnOnce(S) -> I,
        turn: Option<Turn>,
    ) -> io::Result<Self> {
        let (mut first, mut end) = ([0; PREFACE.len()], 0);
        while end < PREFACE.len() && first[..end] == PREFACE[..end] {
            let read = poll_fn(|cx| Pin::new(&mut stream).poll_read(cx, &mut first[end..])).await?;
            if read == 0 {
                break;
            }
            end += read;
        }
        Ok(Self {
            io: wrap(stream),
            first,
            begin: 0,
            end,
            turn,
        })
    }
}

impl<I: Read + Unpin> Read for Opened<I> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.begin < this.end {
            let end = this.end.min(this.begin + buf.remaining());
            buf.put_slice(&this.first[this.begin..end]);
            this.begin = end;
            return Poll::Ready(Ok(()));
        }
        ready!(Pin::new(&mut this.io).poll_read(cx, buf))?;
        if let Some(turn) = &this.turn {
            turn.set(true);
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: Write + Unpin> Write for Opened<I> {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, buf));
        self.wrote();
        Poll::Ready(written)
    }

    #[inline]
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    #[inline]
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    #[inline]
    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write_vectored(cx, bufs));
        self.wrote();
        Poll::Ready(written)
    }
}

impl<I> Opened<I> {
    #[inline]
    fn wrote(&self) {
        if let Some(turn) = &self.turn {
            turn.set(false);
        }
    }
}
