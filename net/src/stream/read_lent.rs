use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

/// The most bytes that one call reads.
const ROOM: usize = 64 * 1024;

thread_local! {
    /// Empty until the first read, and while a read is under way.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Reads at most `room` bytes and lends them to `take`, for callers whose own room is not initialised.
///
/// It resolves to the number of bytes that were read. Zero is the end of the stream, or `room` was zero. `take` is called once
/// when the read is ready, and not at all when it is pending or failed (`net::lent_read_is_what_came`).
///
/// # For bridges
///
/// A library that reads into memory that nobody has initialised offers a safe way to append a slice, such as
/// `tokio::io::ReadBuf::put_slice`. To zero its memory first costs more than to copy the bytes that came.
///
/// # Errors
///
/// Those of the read.
///
/// # Cost
///
/// The bytes are copied once more. The first call on a thread allocates 64 KiB, which the thread keeps. So does a call from within
/// a `poll_read` that was itself called by this function, as when TLS is read through a bridge over a bridge.
///
/// # Examples
///
/// ```
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
/// use anyrt_net::{AsyncRead, poll_read_lent};
///
/// /// Appends what came to `bytes`, which has no initialised room.
/// fn poll_append<S: AsyncRead + Unpin>(
///     stream: &mut S,
///     cx: &mut Context<'_>,
///     bytes: &mut Vec<u8>,
/// ) -> Poll<std::io::Result<usize>> {
///     let room = bytes.capacity() - bytes.len();
///     poll_read_lent(Pin::new(stream), cx, room, |read| bytes.extend_from_slice(read))
/// }
/// # let mut bytes = Vec::with_capacity(100);
/// # let mut cx = Context::from_waker(std::task::Waker::noop());
/// # let read = poll_append(&mut &b"moin"[..], &mut cx, &mut bytes);
/// # assert!(matches!(read, Poll::Ready(Ok(4))) && bytes == b"moin");
/// ```
pub fn poll_read_lent<S>(
    stream: Pin<&mut S>,
    cx: &mut Context<'_>,
    room: usize,
    take: impl FnOnce(&[u8]),
) -> Poll<io::Result<usize>>
where
    S: AsyncRead + ?Sized,
{
    // Taken out, so that a stream that comes here while it is read finds none and makes its own.
    let mut buffer = BUFFER.take();
    buffer.resize(ROOM, 0);
    let read = stream.poll_read(cx, &mut buffer[..room.min(ROOM)]);
    if let Poll::Ready(Ok(count)) = read {
        take(&buffer[..count]);
    }
    BUFFER.replace(buffer);
    Poll::Ready(Ok(ready!(read)?))
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// Reads what it holds through another call.
    struct Nested(&'static [u8]);

    impl AsyncRead for Nested {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            poll_read_lent(Pin::new(&mut self.0), cx, buf.len(), |read| {
                buf[..read.len()].copy_from_slice(read);
            })
        }
    }

    #[test]
    fn a_read_within_a_read_has_a_buffer_of_its_own() {
        let mut cx = Context::from_waker(Waker::noop());
        let mut read = Vec::new();
        for _ in 0..2 {
            let mut stream = Nested(b"moin");
            let polled = poll_read_lent(Pin::new(&mut stream), &mut cx, 3, |lent| {
                read.extend_from_slice(lent);
            });
            assert!(matches!(polled, Poll::Ready(Ok(3))));
        }
        assert_eq!(read, b"moimoi");
    }
}
