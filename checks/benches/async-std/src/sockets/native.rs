//! The operations by hand, with async-std's own sockets.

use ::async_std::io::{ReadExt, WriteExt};
use ::async_std::net::{TcpListener, TcpStream, UdpSocket};

anyrt_benches_kit::socket_work! {
    [] _rt: (), TcpStream, TcpListener,
    listen: |addr| TcpListener::bind(addr).await,
    connect: |addr| TcpStream::connect(addr),
    bind: |addr| UdpSocket::bind(addr).await,
    spawn: |future| ::async_std::task::spawn(future),
    prepare: |_stream| (),
    ready: |_stream, _prepared, _buf| tells_no_readiness(),
    split: |stream| (stream.clone(), stream)
}

fn tells_no_readiness() {
    panic!("async-std tells no readiness");
}
