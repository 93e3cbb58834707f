use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use super::transfer::{AtEnd, Transfer};

/// Copies both ways between two streams until both have ended, and resolves to the bytes of each direction.
///
/// What a proxy does. When one stream ends, the other's write side is closed, and the opposite direction goes on.
///
/// # Contract
///
/// An end passes through as a half-close, and the answer to it still arrives (`net::copy_bidirectional_half_closes`).
///
/// # Cancellation
///
/// Up to 8 KiB per direction go with the future. To go on later, keep it and poll it by reference.
///
/// # Errors
///
/// The first error of either direction.
///
/// # Cost
///
/// Two allocations of 8 KiB, by the first poll.
///
/// # Examples
///
/// ```
/// use anyrt_net::{copy_bidirectional, prelude::*};
///
/// /// Connects a client with the server behind this one.
/// async fn proxy<R: NetRuntime>(rt: &R, mut client: R::TcpStream, backend: &str) -> std::io::Result<()> {
///     let mut server = rt.connect_host(backend, 80).await?;
///     let (up, down) = copy_bidirectional(&mut client, &mut server).await?;
///     println!("{up} bytes up, {down} bytes down");
///     Ok(())
/// }
/// ```
pub fn copy_bidirectional<'a, A, B>(a: &'a mut A, b: &'a mut B) -> CopyBidirectional<'a, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    CopyBidirectional {
        a,
        b,
        to_b: Transfer::new(),
        to_a: Transfer::new(),
    }
}

/// Copies both directions; made by [`copy_bidirectional`].
///
/// # Cancellation
///
/// Up to 8 KiB per direction go with it.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct CopyBidirectional<'a, A: ?Sized, B: ?Sized> {
    a: &'a mut A,
    b: &'a mut B,
    to_b: Transfer,
    to_a: Transfer,
}

impl<A, B> Future for CopyBidirectional<'_, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    type Output = io::Result<(u64, u64)>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let to_b = this.to_b.poll(cx, this.a, this.b, AtEnd::Close)?;
        let to_a = this.to_a.poll(cx, this.b, this.a, AtEnd::Close)?;
        Poll::Ready(Ok((ready!(to_b), ready!(to_a))))
    }
}
