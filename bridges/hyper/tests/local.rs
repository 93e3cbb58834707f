//! Services that are not `Send`, on local runtimes.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use anyrt_bridge_testing::{on_each_local_runtime, on_each_local_runtime_that_shares_its_timer};
use anyrt_core::ShareTimer;
use anyrt_hyper::{ConnectionErrorKind, Io, LocalExecutor, LocalServer, Timer};
use anyrt_net::prelude::*;
use futures::future::{join, join_all};
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::server::conn::{http1 as http1_server, http2 as http2_server};
use hyper::service::service_fn;
use hyper::{Request, Response};

async fn a_service_with_an_rc_serves_both_versions<R: LocalNet + ShareTimer>(rt: R) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let count = Rc::new(Cell::new(0));
    let server = LocalServer::new(rt.clone());
    let tracker = server.tracker().clone();
    let counted = count.clone();
    let serving = rt.spawn_local(server.serve_each(listener, move |_peer| {
        let count = counted.clone();
        service_fn(move |_request| {
            count.set(count.get() + 1);
            let body = Full::new(Bytes::from(count.get().to_string()));
            // Holds it across an await.
            let count = count.clone();
            async move {
                std::future::ready(()).await;
                drop(count);
                Ok::<_, Infallible>(Response::new(body))
            }
        })
    }));

    let stream = rt.tcp_connect(addr).await.unwrap();
    let (mut requests, connection) = http1::handshake(Io::new(stream)).await.unwrap();
    rt.spawn_local_detached(connection);
    for number in 1..=100 {
        let request = Request::get("/").header("host", "here");
        requests.ready().await.unwrap();
        let answer = requests.send_request(request.body(Empty::<Bytes>::new()).unwrap());
        let answer = answer.await.unwrap().into_body().collect().await.unwrap();
        assert_eq!(answer.to_bytes(), number.to_string());
    }
    drop(requests);

    let stream = rt.tcp_connect(addr).await.unwrap();
    let (requests, connection) = http2::Builder::new(LocalExecutor::new(rt.clone()))
        .timer(Timer::new(&rt))
        .keep_alive_interval(Duration::from_millis(5))
        .keep_alive_timeout(Duration::from_secs(60))
        .handshake(Io::new(stream))
        .await
        .unwrap();
    rt.spawn_local_detached(connection);
    let streams = (0..200).map(|_| {
        let mut requests = requests.clone();
        async move {
            let request = Request::get("http://here/").body(Empty::<Bytes>::new());
            requests.ready().await.unwrap();
            let answer = requests.send_request(request.unwrap()).await.unwrap();
            answer.into_body().collect().await.unwrap();
        }
    });
    join_all(streams).await;
    drop(requests);
    assert_eq!(count.get(), 300);
    let report = tracker.shutdown(&rt, Duration::from_secs(60)).await;
    assert!(report.is_clean(), "{report}");
    serving.await.unwrap().unwrap();
    // Nothing keeps the service.
    assert_eq!(Rc::strong_count(&count), 1);
}

/// The hook need not be `Send`, either.
async fn who_does_not_begin_in_time_is_disconnected<R: LocalNet + ShareTimer>(rt: R) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let errors = Rc::new(RefCell::new(Vec::new()));
    let hear = errors.clone();
    let server = LocalServer::new(rt.clone())
        .head_timeout(Duration::from_millis(20))
        .on_error(move |error| hear.borrow_mut().push((error.kind(), error.peer())));
    let tracker = server.tracker().clone();
    let serving = rt.spawn_local(server.serve_each(listener, |_peer| {
        service_fn(|_request| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) })
    }));
    let mut expected = Vec::new();
    for beginning in [&b""[..], b"PRI * HT", b"GET / HTTP/1.1\r\nho"] {
        let mut stream = rt.tcp_connect(addr).await.unwrap();
        stream.write_all(beginning).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.ok();
        let peer = stream.local_addr().unwrap();
        expected.push((ConnectionErrorKind::Timeout, Some(peer)));
    }
    let report = tracker.shutdown(&rt, Duration::from_secs(60)).await;
    assert!(report.is_clean(), "{report}");
    serving.await.unwrap().unwrap();
    assert_eq!(*errors.borrow(), expected);
}

on_each_local_runtime_that_shares_its_timer!(
    a_service_with_an_rc_serves_both_versions,
    who_does_not_begin_in_time_is_disconnected,
);

/// By hyper's own connections, which want no timer unless they are told to: a local runtime may have none for other threads.
async fn an_rc_is_served_without_a_timer<R: LocalNet>(rt: R) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let count = Rc::new(Cell::new(0));
    let service = || {
        let count = count.clone();
        service_fn(move |request: Request<Incoming>| {
            let count = count.clone();
            async move {
                let length = request.into_body().collect().await?.to_bytes().len();
                count.set(count.get() + length);
                Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from(
                    count.get().to_string(),
                ))))
            }
        })
    };

    let (client, server) = join(rt.tcp_connect(addr), listener.accept()).await;
    let serving =
        http1_server::Builder::new().serve_connection(Io::new(server.unwrap().0), service());
    let serving = rt.spawn_local(serving);
    let (mut requests, connection) = http1::handshake(Io::new(client.unwrap())).await.unwrap();
    rt.spawn_local_detached(connection);
    for number in 1..=100 {
        let request = Request::post("/").header("host", "here");
        requests.ready().await.unwrap();
        let body = Full::new(Bytes::from(vec![b'x'; 10_000]));
        let answer = requests.send_request(request.body(body).unwrap()).await;
        let answer = answer.unwrap().into_body().collect().await.unwrap();
        assert_eq!(answer.to_bytes(), (number * 10_000).to_string());
    }
    drop(requests);
    serving.await.unwrap().unwrap();

    let (client, server) = join(rt.tcp_connect(addr), listener.accept()).await;
    let serving = http2_server::Builder::new(LocalExecutor::new(rt.clone()))
        .serve_connection(Io::new(server.unwrap().0), service());
    let serving = rt.spawn_local(serving);
    let (requests, connection) = http2::Builder::new(LocalExecutor::new(rt.clone()))
        .handshake(Io::new(client.unwrap()))
        .await
        .unwrap();
    rt.spawn_local_detached(connection);
    let streams = (0..100).map(|_| {
        let mut requests = requests.clone();
        async move {
            let request = Request::post("http://here/").body(Full::new(Bytes::from("x")));
            requests.ready().await.unwrap();
            let answer = requests.send_request(request.unwrap()).await.unwrap();
            answer.into_body().collect().await.unwrap();
        }
    });
    join_all(streams).await;
    drop(requests);
    serving.await.unwrap().unwrap();
    assert_eq!(count.get(), 1_000_100);
}

on_each_local_runtime!(an_rc_is_served_without_a_timer);
