use std::fmt;
use std::future::Future;
use std::io;
use std::mem;
use std::net::Shutdown;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use anyrt_net::{CompletionRead, CompletionWrite};
use anyrt_shared::poll_proceed;
use anyrt_socket::gone_is_fine;
use compio_buf::{BufResult, IntoInner, Slice};
use compio_driver::op::{Recv, RecvFlags, Send as SendOp, SendFlags};
use compio_driver::{DriverType, SharedFd};
use compio_runtime::Submit;

use super::Stream;
use super::native::NativeStream;
use crate::driver::Slot;

/// A connection that gives buffers to the driver and gets them back: on io_uring the kernel fills them.
///
/// # Cancellation
///
/// An operation stays in the stream when its future is dropped. See
/// [`CompletionRead`](anyrt_net::CompletionRead) and [`CompletionWrite`](anyrt_net::CompletionWrite).
///
/// # Cost
///
/// One allocation of compio's for each operation that is not done at once.
///
/// # Examples
///
/// ```
/// use anyrt_compio::{Local, net::CompletionStream};
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_net::{CompletionRead, CompletionWrite, Listener, Tcp};
///
/// let rt = Local::launch(Config::new())?;
/// rt.block_on(async {
///     let handle = rt.handle();
///     let listener = handle.tcp_listen("127.0.0.1:0".parse()?)?;
///     let mut client = CompletionStream::new(handle.tcp_connect(listener.local_addr()?).await?)?;
///     let mut server = CompletionStream::new(listener.accept().await?.0)?;
///     client.write_all_owned(b"moin".to_vec()).await.0?;
///     let (read, buf) = server.read_owned(vec![0; 16]).await;
///     assert_eq!(&buf[..read?], b"moin");
///     Ok::<_, Box<dyn std::error::Error>>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CompletionStream<S: NativeStream = std::net::TcpStream> {
    read: CompletionReadHalf<S>,
    write: CompletionWriteHalf<S>,
}

/// The part of a buffer that the system has.
type Lent = Slice<Vec<u8>>;

/// The half of a [`CompletionStream`] that reads.
pub struct CompletionReadHalf<S: NativeStream = std::net::TcpStream> {
    fd: SharedFd<S>,
    slot: Rc<Slot>,
    /// What is under way, with the buffer.
    lent: Option<Submit<Recv<Lent, SharedFd<S>>>>,
}

/// The half of a [`CompletionStream`] that writes; its drop shuts the write side down.
pub struct CompletionWriteHalf<S: NativeStream = std::net::TcpStream> {
    fd: SharedFd<S>,
    slot: Rc<Slot>,
    /// What is under way, with the buffer.
    lent: Option<Submit<SendOp<Lent, SharedFd<S>>>>,
}

impl<S: NativeStream> CompletionStream<S> {
    /// Takes over a connection.
    ///
    /// # Errors
    ///
    /// What the system reports, and when the connection's [`Local`](crate::Local) is gone.
    ///
    /// # Examples
    ///
    /// See [`CompletionStream`].
    pub fn new(stream: Stream<S>) -> io::Result<Self> {
        let source = stream.0;
        let runtime = source.slot().running()?;
        // io_uring waits itself, but for sockets that do not block; the poller needs those.
        source
            .get()
            .nonblocking(runtime.driver_type() != DriverType::IoUring)?;
        let (fd, slot) = (source.shared(), source.slot().clone());
        Ok(Self {
            read: CompletionReadHalf {
                fd: fd.clone(),
                slot: slot.clone(),
                lent: None,
            },
            write: CompletionWriteHalf {
                fd,
                slot,
                lent: None,
            },
        })
    }

    /// Makes two halves, for two tasks.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn split(stream: anyrt_compio::net::CompletionStream) {
    /// let (mut reader, mut writer) = stream.into_split();
    /// # drop((&mut reader, &mut writer));
    /// # }
    /// ```
    pub fn into_split(self) -> (CompletionReadHalf<S>, CompletionWriteHalf<S>) {
        (self.read, self.write)
    }
}

impl<S: NativeStream> CompletionRead for CompletionReadHalf<S> {
    fn poll_read_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        let runtime = self.slot.running()?;
        if self.lent.is_none() {
            ready!(poll_proceed(std::ptr::from_ref(self).addr(), cx));
        }
        let fd = &self.fd;
        let lent = self.lent.get_or_insert_with(|| {
            let room = buf.len();
            let buf = compio_buf::IoBuf::slice(mem::take(buf), ..room);
            runtime.submit(Recv::new(fd.clone(), buf, RecvFlags::empty()))
        });
        let BufResult(read, op) = ready!(Pin::new(lent).poll(cx));
        self.lent = None;
        *buf = op.into_inner().into_inner();
        Poll::Ready(read)
    }
}

impl<S: NativeStream> CompletionWriteHalf<S> {
    /// Waits for what is under way, if something is, and returns its buffer.
    fn poll_lent(&mut self, cx: &mut Context<'_>) -> Poll<(io::Result<usize>, Vec<u8>)> {
        let Some(lent) = &mut self.lent else {
            return Poll::Ready((Ok(0), Vec::new()));
        };
        let BufResult(written, op) = ready!(Pin::new(lent).poll(cx));
        self.lent = None;
        Poll::Ready((written, op.into_inner().into_inner()))
    }
}

impl<S: NativeStream> CompletionWrite for CompletionWriteHalf<S> {
    fn poll_write_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
        from: usize,
    ) -> Poll<io::Result<usize>> {
        let runtime = self.slot.running()?;
        if !buf.is_empty() {
            // Of a write that was dropped.
            ready!(self.poll_lent(cx)).0?;
            ready!(poll_proceed(std::ptr::from_ref(self).addr(), cx));
            let lent = compio_buf::IoBuf::slice(mem::take(buf), from..);
            self.lent =
                Some(runtime.submit(SendOp::new(self.fd.clone(), lent, SendFlags::empty())));
        }
        let (written, back) = ready!(self.poll_lent(cx));
        *buf = back;
        Poll::Ready(written)
    }

    fn poll_half_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.slot.running()?;
        ready!(self.poll_lent(cx)).0?;
        Poll::Ready(gone_is_fine(self.fd.end(Shutdown::Write)))
    }
}

impl<S: NativeStream> Drop for CompletionWriteHalf<S> {
    fn drop(&mut self) {
        // Nobody can be told, and the connection may be gone.
        let _ = self.fd.end(Shutdown::Write);
    }
}

impl<S: NativeStream> CompletionRead for CompletionStream<S> {
    #[inline]
    fn poll_read_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        self.read.poll_read_owned(cx, buf)
    }
}

impl<S: NativeStream> CompletionWrite for CompletionStream<S> {
    #[inline]
    fn poll_write_owned(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut Vec<u8>,
        from: usize,
    ) -> Poll<io::Result<usize>> {
        self.write.poll_write_owned(cx, buf, from)
    }

    #[inline]
    fn poll_half_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write.poll_half_close(cx)
    }
}

macro_rules! shows_the_socket {
    ($($type:ident by $fd:ident $(. $more:ident)?;)+) => {$(
        impl<S: NativeStream> fmt::Debug for $type<S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($type)).field(&*self.$fd$(.$more)?).finish()
            }
        }
    )+};
}

shows_the_socket! {
    CompletionStream by read.fd;
    CompletionReadHalf by fd;
    CompletionWriteHalf by fd;
}
