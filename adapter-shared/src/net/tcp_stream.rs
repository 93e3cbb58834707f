use std::io;
use std::net::{SocketAddr, TcpStream as Std};
use std::task::{Context, Poll};

use anyrt_net::{Interest, TcpOptions};
use async_io::Async;

use super::poll::poll_io;
use super::stream::stream;
use super::{Connect, RUNTIME};

stream!(TcpStream, ReadHalf, WriteHalf, Std, SocketAddr, "TCP");

impl TcpStream {
    /// Begins to connect.
    #[inline]
    pub fn connect(addr: SocketAddr, options: &TcpOptions) -> Connect<Std, Self> {
        Connect::new(anyrt_socket::tcp::connect(addr, options).and_then(Async::new_nonblocking))
    }
}

impl anyrt_net::TcpStream for TcpStream {
    fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        poll_io(&self.0, cx, Interest::Read, |socket| socket.peek(buf))
    }

    fn options(&self) -> io::Result<TcpOptions> {
        anyrt_socket::tcp::options(self.0.get_ref())
    }

    fn set_options(&self, options: &TcpOptions) -> io::Result<()> {
        anyrt_socket::tcp::set_options(RUNTIME, self.0.get_ref(), options)
    }

    fn set_zero_linger(&self) -> io::Result<()> {
        anyrt_socket::tcp::set_zero_linger(self.0.get_ref())
    }
}
