//! What the tests of the network begin with.

use std::net::SocketAddr;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use anyrt_sim::net::{Host, TcpListener, TcpStream};
use futures::{AsyncReadExt, AsyncWriteExt};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Runs a test under a few seeds.
#[track_caller]
pub(crate) fn check<F: Future<Output = ()>>(test: impl Fn(Sim) -> F + Sync) {
    anyrt_sim::Check::new().iterations(8).run(test);
}

pub(crate) fn any(port: u16) -> SocketAddr {
    ([0, 0, 0, 0], port).into()
}

/// Two hosts, one of which listens at port 80.
pub(crate) struct Listening {
    pub(crate) client: Host,
    pub(crate) server: Host,
    pub(crate) listener: TcpListener,
    /// Where it listens.
    pub(crate) addr: SocketAddr,
}

pub(crate) fn listening(sim: &Sim) -> Listening {
    let (client, server) = (sim.host("client"), sim.host("server"));
    let listener = server.handle().tcp_listen(any(80)).unwrap();
    let addr = (server.addr(), 80).into();
    Listening {
        client,
        server,
        listener,
        addr,
    }
}

/// Two hosts and a connection between them: the client's end and the server's.
pub(crate) struct Pair {
    pub(crate) client: Host,
    pub(crate) server: Host,
    pub(crate) here: TcpStream,
    pub(crate) there: TcpStream,
}

pub(crate) async fn pair(sim: &Sim) -> Pair {
    let Listening {
        client,
        server,
        listener,
        addr,
    } = listening(sim);
    let connect = client.handle().tcp_connect(addr);
    let (there, _) = listener.accept().await.unwrap();
    let here = connect.await.unwrap();
    Pair {
        client,
        server,
        here,
        there,
    }
}

/// A server that sends back what it reads, until its peer has ended.
pub(crate) async fn echo(rt: Sim) {
    let listener = rt.tcp_listen(any(80)).unwrap();
    while let Ok((mut stream, _)) = listener.accept().await {
        rt.spawn_detached(async move {
            let mut buf = [0; 64];
            while let Ok(n @ 1..) = stream.read(&mut buf).await {
                if stream.write_all(&buf[..n]).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// Waits for something that must not happen within an hour.
pub(crate) async fn never<T>(sim: &Sim, future: impl Future<Output = T>) {
    let result = sim.timeout(3600 * SECOND, future).await;
    assert!(result.is_err(), "it happened");
}
