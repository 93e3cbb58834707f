//! The operations through the layer, on any runtime.

use anyrt_net::{Interest, prelude::*};
use futures::io::{AsyncReadExt, AsyncWriteExt};

crate::socket_work! {
    [R: NetRuntime] rt: R, R::TcpStream, R::TcpListener,
    listen: |addr| rt.tcp_listen(addr),
    connect: |addr| rt.tcp_connect(addr),
    bind: |addr| rt.udp_bind(addr),
    spawn: |future| rt.spawn(future),
    prepare: |_stream| (),
    ready: |stream, _prepared, buf| loop {
        stream.wait_ready(Interest::Read).await.expect("is ready");
        match stream.try_read(buf) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    },
    split: |stream| stream.into_split()
}
