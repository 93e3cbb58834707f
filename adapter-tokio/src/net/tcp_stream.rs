use std::convert::identity;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use anyrt_net::TcpOptions;
use tokio::io::ReadBuf;

use super::stream::stream;
use crate::handle::RUNTIME;

stream!(
    TcpStream(tokio::net::TcpStream, std::net::TcpStream),
    ReadHalf(tokio::net::tcp::OwnedReadHalf),
    WriteHalf(tokio::net::tcp::OwnedWriteHalf),
    SocketAddr,
    identity,
    "TCP"
);

impl anyrt_net::TcpStream for TcpStream {
    fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.0.poll_peek(cx, &mut ReadBuf::new(buf))
    }

    fn options(&self) -> io::Result<TcpOptions> {
        anyrt_socket::tcp::options(&self.0)
    }

    fn set_options(&self, options: &TcpOptions) -> io::Result<()> {
        anyrt_socket::tcp::set_options(RUNTIME, &self.0, options)
    }

    fn set_zero_linger(&self) -> io::Result<()> {
        anyrt_socket::tcp::set_zero_linger(&self.0)
    }
}
