//! tonic on hosts of a simulation that fail: equal seeds take equal courses.

#[allow(dead_code, reason = "some of it is for other tests")]
mod common;

use std::time::Duration;

use anyrt_bridge_testing::{repeats, replays, watched};
use anyrt_hyper::Connector;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use anyrt_sim::net::Faults;
use anyrt_tonic::{Channel, Server, client};
use bytes::Bytes;
use futures::StreamExt as _;
use tonic::client::Grpc;
use tonic::{Request, Status};

use common::{BOTH_WAYS, COUNT, Echo, Raw, UNARY};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

async fn serve<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
    let mut server = Server::new(rt);
    // The date would be the system's.
    server.http().http2().auto_date_header(false);
    let _ = server.serve(listener, Echo::default()).await;
}

fn within<T>(time: Duration, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(time);
    request
}

/// One call of each kind. A deadline ends it.
async fn call<R: NetRuntime>(grpc: &mut Grpc<Channel<R>>) -> Result<(), Status> {
    let not_ready = |error| Status::unavailable(format!("{error}"));
    grpc.ready().await.map_err(not_ready)?;
    let unary = within(SECOND, Bytes::from("moin"));
    assert_eq!(grpc.unary(unary, UNARY, Raw).await?.into_inner(), "moin");
    grpc.ready().await.map_err(not_ready)?;
    let count = within(SECOND, Bytes::from("200"));
    let mut answers = grpc.server_streaming(count, COUNT, Raw).await?.into_inner();
    let mut counted = 0;
    while answers.message().await?.is_some() {
        counted += 1;
    }
    assert_eq!(counted, 200);
    grpc.ready().await.map_err(not_ready)?;
    let messages = futures::stream::iter((0..50).map(|_| Bytes::from_static(&[1; 1000])));
    let both = within(SECOND, messages);
    let mut answers = grpc.streaming(both, BOTH_WAYS, Raw).await?.into_inner();
    while let Some(message) = answers.next().await {
        message?;
    }
    Ok(())
}

async fn ask<R: NetRuntime>(rt: R) -> u32 {
    let client = client(&rt)
        .http2_keep_alive_interval(SECOND)
        .http2_keep_alive_timeout(SECOND)
        .build(Connector::new(rt.clone()));
    let origin = "http://server".parse().unwrap();
    let mut grpc = Grpc::new(Channel::with_client(&rt, origin, client));
    let mut answered = 0;
    for _ in 0..20 {
        let called = rt.timeout(4 * SECOND, call(&mut grpc)).await;
        answered += u32::from(matches!(called, Ok(Ok(()))));
        rt.sleep(200 * MS).await;
    }
    answered
}

/// Three clients, and a server that is cut off, killed and started again.
async fn system(sim: Sim) {
    let server = sim.host("server");
    server.restart(serve).detach();
    let clients = ["one", "two", "three"].map(|name| sim.host(name));
    let mut faults = Faults::new()
        .partitions(3 * SECOND, SECOND)
        .holds(5 * SECOND, SECOND)
        .resets(2 * SECOND)
        .crashes(6 * SECOND, SECOND)
        .kills(6 * SECOND, SECOND)
        .node(&server, serve);
    for client in &clients {
        faults = faults.host(client);
    }
    let faults = sim.network().faults(faults);
    let asking: Vec<_> = clients.iter().map(|client| client.restart(ask)).collect();
    let mut answered = 0;
    for task in asking {
        answered += task.await.unwrap();
    }
    faults.stop();
    assert!(answered > 0, "nothing was answered");
}

#[test]
fn a_seed_takes_the_same_course_everywhere() {
    watched(|| {
        let seeds = 0..repeats(20, 100) as u64;
        replays("a_seed_takes_the_same_course_everywhere", seeds, system);
    });
}
