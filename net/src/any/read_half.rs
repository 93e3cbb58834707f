use std::fmt;
use std::io::{self, IoSliceMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncRead;

use crate::{Interest, Ready};

/// The half of an [`AnyTcpStream`](crate::AnyTcpStream) that reads.
///
/// # Cost
///
/// 16 bytes, and a box.
pub struct AnyReadHalf(Box<dyn DynHalf>);

trait DynHalf: AsyncRead + Ready + fmt::Debug + Unpin + Send + Sync {}

impl<H: AsyncRead + Ready + fmt::Debug + Unpin + Send + Sync> DynHalf for H {}

impl AnyReadHalf {
    pub(super) fn new<H>(half: H) -> Self
    where
        H: AsyncRead + Ready + fmt::Debug + Unpin + Send + Sync + 'static,
    {
        Self(Box::new(half))
    }
}

impl AsyncRead for AnyReadHalf {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read_vectored(cx, bufs)
    }
}

impl Ready for AnyReadHalf {
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        self.0.poll_ready(cx, interest)
    }
}

impl fmt::Debug for AnyReadHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyReadHalf").field(&self.0).finish()
    }
}
