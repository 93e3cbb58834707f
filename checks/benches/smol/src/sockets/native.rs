//! The operations by hand, with smol's own sockets.

use ::smol::io::{AsyncReadExt, AsyncWriteExt};
use ::smol::net::{TcpListener, TcpStream, UdpSocket};

anyrt_benches_kit::socket_work! {
    [] _rt: (), TcpStream, TcpListener,
    listen: |addr| TcpListener::bind(addr).await,
    connect: |addr| TcpStream::connect(addr),
    bind: |addr| UdpSocket::bind(addr).await,
    spawn: |future| ::smol::spawn(future),
    prepare: |stream| std::sync::Arc::<::smol::Async<std::net::TcpStream>>::from(stream.clone()),
    ready: |_stream, io, buf| loop {
        io.readable().await.expect("is ready");
        match std::io::Read::read(&mut io.get_ref(), buf) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    },
    split: |stream| (stream.clone(), stream)
}
