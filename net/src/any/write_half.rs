use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncWrite;

use crate::{Interest, Ready};

/// The half of an [`AnyTcpStream`](crate::AnyTcpStream) that writes.
///
/// # Cost
///
/// 16 bytes, and a box.
pub struct AnyWriteHalf(Box<dyn DynHalf>);

trait DynHalf: AsyncWrite + Ready + fmt::Debug + Unpin + Send + Sync {}

impl<H: AsyncWrite + Ready + fmt::Debug + Unpin + Send + Sync> DynHalf for H {}

impl AnyWriteHalf {
    pub(super) fn new<H>(half: H) -> Self
    where
        H: AsyncWrite + Ready + fmt::Debug + Unpin + Send + Sync + 'static,
    {
        Self(Box::new(half))
    }
}

impl AsyncWrite for AnyWriteHalf {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

impl Ready for AnyWriteHalf {
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        self.0.poll_ready(cx, interest)
    }
}

impl fmt::Debug for AnyWriteHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyWriteHalf").field(&self.0).finish()
    }
}
