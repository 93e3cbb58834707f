use std::fmt::Debug;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::{CompletionRead, CompletionWrite};

/// The completion shape over any stream that is read and written by readiness.
///
/// The buffer stays with the caller until bytes can be copied, so an operation that is dropped while it is pending has done nothing.
///
/// # Cost
///
/// Nothing: it is the stream, and calls its polls.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_net::{Completion, CompletionRead, CompletionWrite, Listener, Tcp};
///
/// let rt = anyrt_tokio::Owned::launch(Config::new())?;
/// rt.block_on(async {
///     let handle = rt.handle();
///     let listener = handle.tcp_listen("127.0.0.1:0".parse().expect("an address"))?;
///     let client = handle.tcp_connect(listener.local_addr()?).await?;
///     let (server, _) = listener.accept().await?;
///     let (mut client, mut server) = (Completion::new(client), Completion::new(server));
///     client.write_all_owned(b"moin".to_vec()).await.0?;
///     let (read, buf) = server.read_owned(vec![0; 16]).await;
///     assert_eq!(&buf[..read?], b"moin");
///     Ok::<_, Box<dyn std::error::Error>>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Completion<S>(S);

impl<S> Completion<S> {
    /// Takes over a stream.
    ///
    /// # Examples
    ///
    /// See [`Completion`].
    #[inline]
    pub const fn new(stream: S) -> Self {
        Self(stream)
    }

    /// Returns the stream inside.
    ///
    /// # Examples
    ///
    /// ```
    /// let stream = anyrt_net::Completion::new(futures::io::empty());
    /// let _: &futures::io::Empty = stream.get_ref();
    /// ```
    #[inline]
    pub const fn get_ref(&self) -> &S {
        &self.0
    }

    /// Gives the stream back.
    ///
    /// # Examples
    ///
    /// ```
    /// let stream = anyrt_net::Completion::new(futures::io::empty());
    /// let _: futures::io::Empty = stream.into_inner();
    /// ```
    #[inline]
    pub fn into_inner(self) -> S {
        self.0
    }
}

impl<S: AsyncRead + Debug + Unpin> CompletionRead for Completion<S> {
    #[inline]
    fn poll_read_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Debug + Unpin> CompletionWrite for Completion<S> {
    #[inline]
    fn poll_write_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
        from: usize,
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, &buf[from..])
    }

    #[inline]
    fn poll_half_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}
