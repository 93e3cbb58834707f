//! The operations by hand, with tokio's own sockets.

use ::tokio::io::{AsyncReadExt, AsyncWriteExt};
use ::tokio::net::{TcpListener, TcpStream, UdpSocket};

anyrt_benches_kit::socket_work! {
    [] _rt: (), TcpStream, TcpListener,
    listen: |addr| TcpListener::bind(addr).await,
    connect: |addr| TcpStream::connect(addr),
    bind: |addr| UdpSocket::bind(addr).await,
    spawn: |future| ::tokio::spawn(future),
    prepare: |_stream| (),
    ready: |stream, _prepared, buf| loop {
        stream.readable().await.expect("is ready");
        match stream.try_read(buf) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    },
    split: |stream| stream.into_split()
}
