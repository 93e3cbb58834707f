use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::transfer::{AtEnd, Transfer};

/// Copies everything from `reader` to `writer`, flushes, and resolves to the number of bytes.
///
/// The writer is left open: close it to say that this was all.
///
/// # Contract
///
/// Every byte is copied, and counted (`net::copy_counts`).
///
/// # Cancellation
///
/// Up to 8 KiB that were read and not yet written go with the future. To go on later, keep it and poll it by reference.
///
/// # Errors
///
/// The first error of either side; `WriteZero` when the writer takes nothing more.
///
/// # Cost
///
/// One allocation of 8 KiB, by the first poll.
///
/// # Examples
///
/// ```
/// use anyrt_net::{Stream, copy};
/// use futures::io::AsyncWriteExt;
///
/// async fn echo<S: Stream>(stream: S) -> std::io::Result<u64> {
///     let (mut reader, mut writer) = stream.into_split();
///     let copied = copy(&mut reader, &mut writer).await?;
///     writer.close().await?;
///     Ok(copied)
/// }
/// ```
pub fn copy<'a, R, W>(reader: &'a mut R, writer: &'a mut W) -> Copy<'a, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    Copy {
        reader,
        writer,
        transfer: Transfer::new(),
    }
}

/// Copies one direction; made by [`copy`].
///
/// # Cancellation
///
/// Up to 8 KiB that were read and not yet written go with it.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Copy<'a, R: ?Sized, W: ?Sized> {
    reader: &'a mut R,
    writer: &'a mut W,
    transfer: Transfer,
}

impl<R, W> Future for Copy<'_, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    type Output = io::Result<u64>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.transfer
            .poll(cx, this.reader, this.writer, AtEnd::Flush)
    }
}
