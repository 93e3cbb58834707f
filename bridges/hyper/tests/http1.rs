//! HTTP/1: keep-alive, upgrades, the pooled client and its cancellation, and the end of a server.

mod common;

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation, refusing};
use anyrt_hyper::{Connector, Io, Server, client};
use anyrt_net::prelude::*;
use futures::channel::oneshot;
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};

use common::{Served, serve};

async fn ten_thousand_requests_on_one_connection<R: NetRuntime>(rt: R) {
    let connections = Arc::new(AtomicUsize::new(0));
    let accepted = connections.clone();
    let server = serve(
        &rt,
        |server| server,
        move |_peer| {
            accepted.fetch_add(1, Ordering::SeqCst);
            service_fn(|request: Request<Incoming>| async {
                let body = request.into_body().collect().await?.to_bytes();
                Ok::<_, hyper::Error>(Response::new(Full::new(body)))
            })
        },
    );
    let stream = rt.tcp_connect(server.addr).await.unwrap();
    let (mut requests, connection) = hyper::client::conn::http1::handshake(Io::new(stream))
        .await
        .unwrap();
    let connection = rt.spawn(connection);
    for number in 0..10_000 {
        let body = Bytes::from(format!("{number} ").repeat(20));
        let request = Request::post("/").header("host", "here");
        requests.ready().await.unwrap();
        let answer = requests.send_request(request.body(Full::new(body.clone())).unwrap());
        let answer = answer.await.unwrap().into_body().collect().await.unwrap();
        assert_eq!(answer.to_bytes(), body);
    }
    drop(requests);
    connection.await.unwrap().unwrap();
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    server.end(&rt).await;
}

/// Far more than fits into one read, or into one write.
async fn a_large_body_comes_back<R: NetRuntime>(rt: R) {
    let server = serve(
        &rt,
        |server| server,
        |_peer| {
            service_fn(|request: Request<Incoming>| async {
                Ok::<_, Infallible>(Response::new(request.into_body()))
            })
        },
    );
    let client = client(&rt).build(Connector::new(rt.clone()));
    let sent: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let request = Request::post(server.uri("/")).body(Full::new(Bytes::from(sent.clone())));
    let answer = client.request(request.unwrap()).await.unwrap();
    let answer = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(answer == sent);
    drop(client);
    server.end(&rt).await;
}

async fn an_upgrade_is_a_stream_of_futures<R: NetRuntime>(rt: R) {
    let runtime = rt.clone();
    let server = serve(
        &rt,
        |server| server,
        move |_peer| {
            let rt = runtime.clone();
            service_fn(move |mut request: Request<Incoming>| {
                let upgrade = hyper::upgrade::on(&mut request);
                rt.spawn_detached(async move {
                    let mut stream = Io::new(upgrade.await.unwrap());
                    let mut asked = [0; 4];
                    stream.read_exact(&mut asked).await.unwrap();
                    stream.write_all(&asked).await.unwrap();
                    stream.close().await.unwrap();
                });
                let answer = Response::builder()
                    .status(StatusCode::SWITCHING_PROTOCOLS)
                    .header("connection", "upgrade")
                    .header("upgrade", "echo")
                    .body(Empty::<Bytes>::new());
                async { answer }
            })
        },
    );
    let stream = rt.tcp_connect(server.addr).await.unwrap();
    let (mut requests, connection) = hyper::client::conn::http1::handshake(Io::new(stream))
        .await
        .unwrap();
    rt.spawn_detached(connection.with_upgrades());
    let request = Request::get("/")
        .header("connection", "upgrade")
        .header("upgrade", "echo")
        .body(Empty::<Bytes>::new());
    let answer = requests.send_request(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    let mut stream = Io::new(hyper::upgrade::on(answer).await.unwrap());
    stream.write_all(b"moin").await.unwrap();
    let mut echo = String::new();
    stream.read_to_string(&mut echo).await.unwrap();
    assert_eq!(echo, "moin");
    server.end(&rt).await;
}

/// Counts connections, and answers with how many there have been.
fn counting<R: NetRuntime>(rt: &R) -> Served {
    let mut connections = 0;
    serve(
        rt,
        |server| server,
        move |_peer| {
            connections += 1;
            service_fn(move |_request| async move {
                let count = Full::new(Bytes::from(connections.to_string()));
                Ok::<_, Infallible>(Response::new(count))
            })
        },
    )
}

async fn the_pool_keeps_a_connection_until_it_has_been_idle<R: NetRuntime>(rt: R) {
    let server = counting(&rt);
    let idle = Duration::from_millis(200);
    let client = client(&rt)
        .pool_idle_timeout(idle)
        .build::<_, Empty<Bytes>>(Connector::new(rt.clone()));
    let ask = async || {
        let answer = client.get(server.uri("/")).await.unwrap();
        let answer = answer.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8_lossy(&answer).parse::<u32>().unwrap()
    };
    // A connection is in the pool again a moment after its answer was read, or too late on a busy machine.
    let mut last = ask().await;
    let begun = loop {
        let begun = rt.now();
        let next = ask().await;
        if next == last {
            break begun;
        }
        last = next;
    };
    // It is idle from the moment at which it came back, which may be late. The server sees its end.
    while !server.tracker.is_empty() {
        rt.sleep(Duration::from_millis(1)).await;
    }
    assert!(rt.now() - begun >= idle);
    assert!(ask().await > last);
    drop(client);
    server.end(&rt).await;
}

async fn a_cancelled_request_closes_its_connection<R: NetRuntime>(rt: R) {
    let (arrived, has_arrived) = oneshot::channel();
    let (gone, is_gone) = oneshot::channel::<()>();
    let mut first = Some((arrived, gone));
    let server = serve(
        &rt,
        |server| server,
        move |_peer| {
            let first = std::sync::Mutex::new(first.take());
            service_fn(move |_request| {
                let first = first.lock().unwrap().take();
                async move {
                    if let Some((arrived, _gone)) = first {
                        arrived.send(()).unwrap();
                        pending::<()>().await;
                    }
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("second"))))
                }
            })
        },
    );
    let client = client(&rt).build::<_, Empty<Bytes>>(Connector::new(rt.clone()));
    let request = rt.spawn(client.get(server.uri("/")));
    has_arrived.await.unwrap();
    request.cancel().await.ok();
    // The service's future was dropped, because hyper saw the peer go.
    is_gone.await.unwrap_err();
    let answer = client.get(server.uri("/")).await.unwrap();
    let answer = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(answer, "second");
    drop(client);
    server.end(&rt).await;
}

async fn a_shutdown_lets_a_request_finish<R: NetRuntime>(rt: R) {
    let (arrived, has_arrived) = oneshot::channel();
    let (go_on, may_go_on) = oneshot::channel::<()>();
    let mut first = Some((arrived, may_go_on));
    let server = serve(
        &rt,
        |server| server,
        move |_peer| {
            let first = std::sync::Mutex::new(first.take());
            service_fn(move |_request| {
                let (arrived, may_go_on) = first.lock().unwrap().take().unwrap();
                async move {
                    arrived.send(()).unwrap();
                    may_go_on.await.unwrap();
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("done"))))
                }
            })
        },
    );
    let (addr, tracker) = (server.addr, server.tracker.clone());
    let client = client(&rt).build::<_, Empty<Bytes>>(Connector::new(rt.clone()));
    let request = rt.spawn(client.get(server.uri("/")));
    has_arrived.await.unwrap();
    tracker.token().cancel();
    // The listener is closed, and the request is still on its way.
    server.serving.await.unwrap().unwrap();
    assert!(rt.tcp_connect(addr).await.is_err());
    assert_eq!(tracker.len(), 1);
    go_on.send(()).unwrap();
    let answer = request.await.unwrap().unwrap();
    let answer = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(answer, "done");
    let report = tracker.shutdown(&rt, Duration::from_secs(60)).await;
    assert!(report.is_clean(), "{report}");
}

async fn a_shutdown_aborts_what_does_not_finish<R: NetRuntime>(rt: R) {
    let (arrived, has_arrived) = oneshot::channel();
    let mut first = Some(arrived);
    let server = serve(
        &rt,
        |server| server,
        move |_peer| {
            let first = std::sync::Mutex::new(first.take());
            service_fn(move |_request| {
                first.lock().unwrap().take().unwrap().send(()).unwrap();
                pending::<Result<Response<Empty<Bytes>>, Infallible>>()
            })
        },
    );
    let client = client(&rt).build::<_, Empty<Bytes>>(Connector::new(rt.clone()));
    let request = rt.spawn(client.get(server.uri("/")));
    has_arrived.await.unwrap();
    let report = server
        .tracker
        .shutdown(&rt, Duration::from_millis(20))
        .await;
    assert_eq!(report.late().len(), 1, "{report}");
    assert!(request.await.unwrap().is_err());
    server.serving.await.unwrap().unwrap();
}

async fn a_shutdown_ends_idle_and_silent_connections<R: NetRuntime>(rt: R) {
    let handshakes = Server::new(rt.clone()).handshake(|stream: R::TcpStream| async move {
        pending::<()>().await;
        Ok(stream)
    });
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let stuck = handshakes.tracker().clone();
    let service = || service_fn(|_| pending::<Result<Response<Empty<Bytes>>, Infallible>>());
    rt.spawn_detached(handshakes.serve_each(listener, move |_peer| service()));
    let in_handshake = rt.tcp_connect(addr).await.unwrap();

    let server = counting(&rt);
    // Says nothing, not even which version it speaks.
    let silent = rt.tcp_connect(server.addr).await.unwrap();
    let client = client(&rt).build::<_, Empty<Bytes>>(Connector::new(rt.clone()));
    let answer = client.get(server.uri("/")).await.unwrap();
    answer.into_body().collect().await.unwrap();
    while stuck.is_empty() || server.tracker.len() < 2 {
        rt.sleep(Duration::from_millis(1)).await;
    }
    server.end(&rt).await;
    let report = stuck.shutdown(&rt, Duration::from_secs(60)).await;
    assert!(report.is_clean(), "{report}");
    drop((silent, in_handshake, client));
}

async fn a_connector_names_what_it_cannot_do<R: NetRuntime>(rt: R) {
    let client = client(&rt)
        .build::<_, Empty<Bytes>>(Connector::new(rt.clone()).timeout(Duration::from_secs(30)));
    let reason = async |uri: &str| {
        let error = client.get(uri.parse().unwrap()).await.unwrap_err();
        std::error::Error::source(&error).unwrap().to_string()
    };
    assert!(reason("https://localhost/").await.contains("speaks no TLS"));
    assert!(reason("ftp://localhost/").await.contains("scheme"));
    let (addr, _kept) = refusing(&rt).await;
    assert!(
        reason(&format!("http://{addr}/"))
            .await
            .contains(&addr.to_string())
    );
}

on_each_runtime!(
    ten_thousand_requests_on_one_connection,
    a_large_body_comes_back,
    an_upgrade_is_a_stream_of_futures,
    the_pool_keeps_a_connection_until_it_has_been_idle,
    a_cancelled_request_closes_its_connection,
    a_shutdown_lets_a_request_finish,
    a_shutdown_aborts_what_does_not_finish,
    a_shutdown_ends_idle_and_silent_connections,
    a_connector_names_what_it_cannot_do,
);

on_simulation!(
    ten_thousand_requests_on_one_connection,
    a_large_body_comes_back,
    an_upgrade_is_a_stream_of_futures,
    the_pool_keeps_a_connection_until_it_has_been_idle,
    a_cancelled_request_closes_its_connection,
    a_shutdown_lets_a_request_finish,
    a_shutdown_aborts_what_does_not_finish,
    a_shutdown_ends_idle_and_silent_connections,
    a_connector_names_what_it_cannot_do,
);
