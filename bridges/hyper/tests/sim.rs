//! hyper on hosts of a simulation that fail: equal seeds take equal courses.

use std::convert::Infallible;
use std::time::Duration;

use anyrt_bridge_testing::{repeats, replays, watched};
use anyrt_hyper::{Connector, Server, client};
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use anyrt_sim::net::Faults;
use futures::future::join_all;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Sends back what it gets, over either version.
async fn serve<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
    let mut server = Server::new(rt);
    let http = server.http();
    // hyper reads the date of its answers from the system's clock, and its length in HTTP/2 depends on its digits.
    http.http1().auto_date_header(false);
    http.http2()
        .auto_date_header(false)
        .keep_alive_interval(SECOND)
        .keep_alive_timeout(SECOND);
    let echo = |request: Request<Incoming>| async {
        Ok::<_, Infallible>(Response::new(request.into_body()))
    };
    let _ = server.serve_each(listener, move |_| service_fn(echo)).await;
}

/// Ten requests at a time, some of which fail. Tells how many were answered.
async fn ask<R: NetRuntime>(rt: R, http2: bool) -> u32 {
    let client = client(&rt)
        .http2_only(http2)
        .http2_keep_alive_interval(SECOND)
        .http2_keep_alive_timeout(SECOND)
        .http2_keep_alive_while_idle(true)
        .build::<_, Full<Bytes>>(Connector::new(rt.clone()));
    let mut answered = 0;
    for round in 0..20 {
        let asking = (0..10).map(|number| {
            let body = Bytes::from(format!("{number} ").repeat(300 * round + 1));
            let request = Request::post("http://server/").body(Full::new(body.clone()));
            let answer = client.request(request.unwrap());
            let answer = async move {
                let answer = answer.await.ok()?.into_body().collect().await.ok()?;
                assert!(answer.to_bytes() == body, "request {number} is mixed up");
                Some(())
            };
            rt.timeout(2 * SECOND, answer)
        });
        let answers = join_all(asking).await;
        answered += answers
            .iter()
            .filter(|answer| matches!(answer, Ok(Some(()))))
            .count() as u32;
        rt.sleep(200 * MS).await;
    }
    answered
}

/// Two clients of HTTP/2 and one of HTTP/1, and a server that is cut off, killed and started again.
async fn system(sim: Sim) {
    let server = sim.host("server");
    server.restart(serve).detach();
    let clients = ["one", "two", "three"].map(|name| sim.host(name));
    let mut faults = Faults::new()
        .partitions(3 * SECOND, SECOND)
        .one_way_partitions(5 * SECOND, SECOND)
        .resets(2 * SECOND)
        .crashes(6 * SECOND, SECOND)
        .kills(6 * SECOND, SECOND)
        .node(&server, serve);
    for client in &clients {
        faults = faults.host(client);
    }
    let faults = sim.network().faults(faults);
    let asking = clients.iter().enumerate();
    let asking = asking.map(|(number, client)| client.restart(move |rt| ask(rt, number > 0)));
    let mut answered = 0;
    for task in asking.collect::<Vec<_>>() {
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
