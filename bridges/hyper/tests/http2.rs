//! HTTP/2: many streams at a time, with pings, on a server that speaks both versions.

mod common;

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation, repeats};
use anyrt_hyper::{Connector, Executor, Io, Timer, client};
use anyrt_net::prelude::*;
use futures::future::join_all;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};

use common::{Served, serve};

const PING_EVERY: Duration = Duration::from_millis(5);

/// Answers with what it is sent, and pings its peer.
fn echo<R: NetRuntime>(rt: &R) -> Served {
    let configure = |mut server: anyrt_hyper::Server<R>| {
        server
            .http()
            .http2()
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(Duration::from_secs(60));
        server
    };
    serve(rt, configure, |_peer| {
        service_fn(|request: Request<Incoming>| async {
            assert_eq!(request.version(), Version::HTTP_2);
            Ok::<_, Infallible>(Response::new(request.into_body()))
        })
    })
}

async fn two_hundred_streams_and_pings<R: NetRuntime>(rt: R) {
    let server = echo(&rt);
    let stream = rt.tcp_connect(server.addr).await.unwrap();
    let (requests, connection) =
        hyper::client::conn::http2::Builder::new(Executor::new(rt.clone()))
            .timer(Timer::new(&rt))
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(Duration::from_secs(60))
            .keep_alive_while_idle(true)
            .handshake(Io::new(stream))
            .await
            .unwrap();
    let connection = rt.spawn(connection);
    for _ in 0..repeats(2, 50) {
        let streams = (0..200).map(|number| {
            let mut requests = requests.clone();
            async move {
                let body = Bytes::from(format!("{number} ").repeat(1_000));
                let request = Request::post("http://here/").body(Full::new(body.clone()));
                requests.ready().await.unwrap();
                let answer = requests.send_request(request.unwrap()).await.unwrap();
                let answer = answer.into_body().collect().await.unwrap();
                assert!(answer.to_bytes() == body, "stream {number} is mixed up");
            }
        });
        join_all(streams).await;
        // Idle, so that pings go to and fro.
        rt.sleep(4 * PING_EVERY).await;
    }
    drop(requests);
    connection.await.unwrap().unwrap();
    server.end(&rt).await;
}

/// The peer accepts and then says nothing, so that no ping comes back.
async fn a_ping_without_an_answer_ends_the_connection<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let stream = rt.tcp_connect(listener.local_addr().unwrap());
    let _silent = listener.accept().await.unwrap();
    let (requests, connection) =
        hyper::client::conn::http2::Builder::new(Executor::new(rt.clone()))
            .timer(Timer::new(&rt))
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_EVERY)
            .keep_alive_while_idle(true)
            .handshake::<_, Empty<Bytes>>(Io::new(stream.await.unwrap()))
            .await
            .unwrap();
    // With an error or without: hyper tells it to the requests.
    let ended = rt.timeout(Duration::from_secs(60), connection).await;
    ended.unwrap().ok();
    assert!(requests.is_closed());
}

async fn the_pool_speaks_http2_over_one_connection<R: NetRuntime>(rt: R) {
    let server = echo(&rt);
    let client = client(&rt)
        .http2_only(true)
        .build(Connector::new(rt.clone()));
    let asking = (0..50).map(|number| {
        let body = Full::new(Bytes::from(number.to_string()));
        let answer = client.request(Request::post(server.uri("/")).body(body).unwrap());
        async move {
            let answer = answer.await.unwrap().into_body().collect().await.unwrap();
            assert_eq!(answer.to_bytes(), number.to_string());
        }
    });
    join_all(asking).await;
    assert_eq!(server.tracker.len(), 1);
    drop(client);
    server.end(&rt).await;
}

async fn a_dropped_stream_resets_and_the_others_go_on<R: NetRuntime>(rt: R) {
    let (arrived, has_arrived) = futures::channel::oneshot::channel();
    let (gone, is_gone) = futures::channel::oneshot::channel::<()>();
    let mut first = Some((arrived, gone));
    let server = serve(
        &rt,
        |server| server.http2_only(),
        move |_peer| {
            let first = std::sync::Mutex::new(first.take());
            service_fn(move |request: Request<Incoming>| {
                let first = match request.uri().path() {
                    "/wait" => first.lock().unwrap().take(),
                    _ => None,
                };
                async move {
                    if let Some((arrived, _gone)) = first {
                        arrived.send(()).unwrap();
                        pending::<()>().await;
                    }
                    Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
                }
            })
        },
    );
    let client = client(&rt)
        .http2_only(true)
        .build::<_, Empty<Bytes>>(Connector::new(rt.clone()));
    let request = rt.spawn(client.get(server.uri("/wait")));
    has_arrived.await.unwrap();
    request.cancel().await.ok();
    is_gone.await.unwrap_err();
    assert_eq!(client.get(server.uri("/")).await.unwrap().status(), 200);
    assert_eq!(server.tracker.len(), 1);
    drop(client);
    server.end(&rt).await;
}

async fn a_server_of_http2_turns_http1_away<R: NetRuntime>(rt: R) {
    let server = serve(
        &rt,
        |server| server.http2_only(),
        |_peer| {
            service_fn(|_request| async {
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            })
        },
    );
    let client = client(&rt).build::<_, Empty<Bytes>>(Connector::new(rt.clone()));
    assert!(client.get(server.uri("/")).await.is_err());
    server.end(&rt).await;
}

on_each_runtime!(
    two_hundred_streams_and_pings,
    a_ping_without_an_answer_ends_the_connection,
    the_pool_speaks_http2_over_one_connection,
    a_dropped_stream_resets_and_the_others_go_on,
    a_server_of_http2_turns_http1_away,
);

on_simulation!(
    two_hundred_streams_and_pings,
    a_ping_without_an_answer_ends_the_connection,
    the_pool_speaks_http2_over_one_connection,
    a_dropped_stream_resets_and_the_others_go_on,
    a_server_of_http2_turns_http1_away,
);
