use futures::future::join;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

pub(crate) fn run(operation: &str, rounds: u64) {
    super::tokio_runtime().block_on(dispatch(operation, rounds));
}

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(any()).await.expect("listens");
    let addr = listener.local_addr().expect("address");
    let (client, server) = join(TcpStream::connect(addr), listener.accept()).await;
    (client.expect("connects"), server.expect("accepts").0)
}

/// A byte there and back.
async fn echo(rounds: u64) {
    let (mut client, mut server) = pair().await;
    let asking = async {
        let mut buf = [0; 64];
        for _ in 0..rounds {
            client.write_all(b"x").await.expect("writes");
            client.read_exact(&mut buf[..1]).await.expect("reads");
        }
    };
    let answering = async {
        let mut buf = [0; 64];
        for _ in 0..rounds {
            server.read_exact(&mut buf[..1]).await.expect("reads");
            server.write_all(&buf[..1]).await.expect("writes");
        }
    };
    join(asking, answering).await;
}

/// 64 KiB there and back.
async fn echo64k(rounds: u64) {
    let (mut client, mut server) = pair().await;
    let asking = async {
        let mut buf = vec![0; 65536];
        for _ in 0..rounds {
            client.write_all(&buf).await.expect("writes");
            client.read_exact(&mut buf).await.expect("reads");
        }
    };
    let answering = async {
        let mut buf = vec![0; 65536];
        for _ in 0..rounds {
            server.read_exact(&mut buf).await.expect("reads");
            server.write_all(&buf).await.expect("writes");
        }
    };
    join(asking, answering).await;
}

/// A message there and back.
async fn udp(rounds: u64) {
    let (one, other) = (
        UdpSocket::bind(any()).await.expect("binds"),
        UdpSocket::bind(any()).await.expect("binds"),
    );
    let (at, to) = (
        one.local_addr().expect("address"),
        other.local_addr().expect("address"),
    );
    let asking = async {
        let mut buf = [0; 64];
        for _ in 0..rounds {
            one.send_to(b"x", to).await.expect("sends");
            one.recv_from(&mut buf).await.expect("receives");
        }
    };
    let answering = async {
        let mut buf = [0; 64];
        for _ in 0..rounds {
            other.recv_from(&mut buf).await.expect("receives");
            other.send_to(&buf[..1], at).await.expect("sends");
        }
    };
    join(asking, answering).await;
}

/// A connection that is made, accepted and dropped.
async fn accept(rounds: u64) {
    let listener = TcpListener::bind(any()).await.expect("listens");
    let addr = listener.local_addr().expect("address");
    for _ in 0..rounds {
        let (client, server) = join(TcpStream::connect(addr), listener.accept()).await;
        drop((client.expect("connects"), server.expect("accepts")));
    }
}

/// A byte there and back, read where the readiness says so.
async fn ready(rounds: u64) {
    let (mut client, mut server) = pair().await;
    let asking = async {
        let mut buf = [0; 1];
        for _ in 0..rounds {
            client.write_all(b"x").await.expect("writes");
            client.read_exact(&mut buf).await.expect("reads");
        }
    };
    let answering = async {
        let mut buf = [0; 1];
        for _ in 0..rounds {
            loop {
                server.readable().await.expect("is ready");
                match server.try_read(&mut buf) {
                    Ok(_) => break,
                    Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
                }
            }
            server.write_all(&buf).await.expect("writes");
        }
    };
    join(asking, answering).await;
}

/// A byte there and back over two halves.
async fn split(rounds: u64) {
    let (client, mut server) = pair().await;
    let (mut reader, mut writer) = client.into_split();
    let asking = async {
        let mut buf = [0; 1];
        for _ in 0..rounds {
            writer.write_all(b"x").await.expect("writes");
            reader.read_exact(&mut buf).await.expect("reads");
        }
    };
    let answering = async {
        let mut buf = [0; 1];
        for _ in 0..rounds {
            server.read_exact(&mut buf).await.expect("reads");
            server.write_all(&buf).await.expect("writes");
        }
    };
    join(asking, answering).await;
}

/// The address of any port of the loopback.
fn any() -> std::net::SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

pub(crate) async fn dispatch(operation: &str, rounds: u64) {
    match operation {
        "echo" => echo(rounds).await,
        "echo64k" => echo64k(rounds).await,
        "udp" => udp(rounds).await,
        "accept" => accept(rounds).await,
        "ready" => ready(rounds).await,
        "split" => split(rounds).await,
        _ => panic!("no such operation: {operation}"),
    }
}
