use std::fmt;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_io::Async;

/// An attempt to connect, which began when it was made; `N` is std's stream, and `S` is ours.
///
/// # Cancellation
///
/// Dropping it gives up, and closes the connection where there is one already (`net::dropped_connect_closes`).
///
/// # Panics
///
/// When it is polled again after it was ready.
#[must_use = "futures do nothing unless polled"]
pub struct Connect<N, S> {
    socket: Option<io::Result<Async<N>>>,
    stream: PhantomData<fn() -> S>,
}

/// What a stream is made of once it is connected.
pub(super) trait Connected<N>: Sized {
    fn connected(socket: Async<N>) -> Self;
    fn take_error(socket: &N) -> io::Result<Option<io::Error>>;
}

impl<N, S> Connect<N, S> {
    #[inline]
    pub(super) fn new(socket: io::Result<Async<N>>) -> Self {
        Self {
            socket: Some(socket),
            stream: PhantomData,
        }
    }
}

impl<N, S> Unpin for Connect<N, S> {}

impl<N, S: Connected<N>> Future for Connect<N, S> {
    type Output = io::Result<S>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(Ok(socket)) = &self.socket {
            ready!(socket.poll_writable(cx))?;
            if let Some(error) = S::take_error(socket.get_ref())? {
                self.socket = None;
                return Poll::Ready(Err(error));
            }
        }
        match self.socket.take() {
            Some(socket) => Poll::Ready(socket.map(S::connected)),
            None => panic!("`Connect` polled after it was ready"),
        }
    }
}

impl<N, S> fmt::Debug for Connect<N, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_shows_its_name() {
        let refused = Err(io::ErrorKind::Unsupported.into());
        let connect = Connect::<std::net::TcpStream, super::super::TcpStream>::new(refused);
        assert_eq!(format!("{connect:?}"), "Connect { .. }");
    }
}
