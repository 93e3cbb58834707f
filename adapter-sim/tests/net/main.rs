//! What only a simulated network can show. That it keeps the rules of sockets is tested in `conformance/net`.

mod clocks;
mod datagrams;
mod determinism;
mod disks;
mod faults;
mod hosts;
mod reports;
mod shape;
mod streams;

use std::net::SocketAddr;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use anyrt_sim::net::{Host, TcpStream};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Runs a test under a few seeds.
#[track_caller]
fn check<F: Future<Output = ()>>(test: impl Fn(Sim) -> F + Sync) {
    anyrt_sim::Check::new().iterations(8).run(test);
}

fn any(port: u16) -> SocketAddr {
    ([0, 0, 0, 0], port).into()
}

/// Two hosts and a connection between them: the client's end and the server's.
struct Pair {
    client: Host,
    server: Host,
    here: TcpStream,
    there: TcpStream,
}

async fn pair(sim: &Sim) -> Pair {
    let (client, server) = (sim.host("client"), sim.host("server"));
    let listener = server.handle().tcp_listen(any(80)).unwrap();
    let connect = client.handle().tcp_connect((server.addr(), 80).into());
    let (there, _) = listener.accept().await.unwrap();
    let here = connect.await.unwrap();
    Pair {
        client,
        server,
        here,
        there,
    }
}

/// Waits for something that must not happen within an hour.
async fn never<T>(sim: &Sim, future: impl Future<Output = T>) {
    let result = sim.timeout(3600 * SECOND, future).await;
    assert!(result.is_err(), "it happened");
}
