//! The operations by hand, with each runtime's own sockets.

pub(crate) mod tokio {
    use ::tokio::io::{AsyncReadExt, AsyncWriteExt};
    use ::tokio::net::{TcpListener, TcpStream, UdpSocket};

    crate::sockets::work::socket_work! {
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
}

pub(crate) mod smol {
    use ::smol::io::{AsyncReadExt, AsyncWriteExt};
    use ::smol::net::{TcpListener, TcpStream, UdpSocket};

    crate::sockets::work::socket_work! {
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
}

pub(crate) mod async_std {
    use ::async_std::io::{ReadExt, WriteExt};
    use ::async_std::net::{TcpListener, TcpStream, UdpSocket};

    crate::sockets::work::socket_work! {
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
}
