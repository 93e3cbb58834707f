//! Who is told of the error of a connection, and of what nobody is told.

mod common;

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation};
use anyrt_hyper::{ConnectionError, Connector, Server, client};
use anyrt_net::prelude::*;
use futures::StreamExt as _;
use futures::channel::mpsc;
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::Response;
use hyper::body::Bytes;
use hyper::service::service_fn;

use common::serve;

/// A hook, and what it has heard.
fn heard() -> (
    impl Fn(ConnectionError) + Send + Sync + 'static,
    mpsc::UnboundedReceiver<ConnectionError>,
) {
    let (sender, receiver) = mpsc::unbounded();
    let hear = move |error| sender.unbounded_send(error).expect("the test listens");
    (hear, receiver)
}

async fn who_does_not_speak_http_is_an_error<R: NetRuntime>(rt: R) {
    let (hear, mut errors) = heard();
    let server = serve(
        &rt,
        |server| server.on_error(hear),
        |_peer| {
            service_fn(|_request| async {
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            })
        },
    );
    let mut stream = rt.tcp_connect(server.addr).await.unwrap();
    stream
        .write_all(b"\x00\x01 this is not HTTP\r\n\r\n")
        .await
        .unwrap();
    stream.read_to_end(&mut Vec::new()).await.ok();
    let error = errors.next().await.expect("the server lives");
    let ConnectionError::Http(error) = error else {
        panic!("{error:?}");
    };
    assert!(
        error
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_parse),
        "{error:?}"
    );
    server.end(&rt).await;
    assert!(errors.next().await.is_none());
}

async fn a_failed_handshake_is_an_error<R: NetRuntime>(rt: R) {
    let (hear, mut errors) = heard();
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let refused = |_stream: R::TcpStream| async {
        Err::<R::TcpStream, _>(io::Error::other("no certificate"))
    };
    let server = Server::new(rt.clone()).on_error(hear).handshake(refused);
    let tracker = server.tracker().clone();
    let serving = rt.spawn(server.serve_each(listener, |_peer| {
        service_fn(|_request| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) })
    }));
    let mut stream = rt.tcp_connect(addr).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.ok();
    let error = errors.next().await.expect("the server lives");
    assert!(
        matches!(&error, ConnectionError::Handshake(error) if error.to_string() == "no certificate"),
        "{error:?}"
    );
    assert!(
        tracker
            .shutdown(&rt, Duration::from_secs(60))
            .await
            .is_clean()
    );
    serving.await.unwrap().unwrap();
    assert!(errors.next().await.is_none());
}

async fn a_shutdown_is_no_error<R: NetRuntime>(rt: R) {
    let (hear, mut errors) = heard();
    let server = serve(
        &rt,
        |server| server.on_error(hear),
        |_peer| {
            service_fn(|_request| async {
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("moin"))))
            })
        },
    );
    let client = client(&rt).build::<_, Empty<Bytes>>(Connector::new(rt.clone()));
    let answer = client.get(server.uri("/")).await.unwrap();
    assert_eq!(
        answer.into_body().collect().await.unwrap().to_bytes(),
        "moin"
    );
    // The client keeps its connection, and one more has said nothing.
    let silent = rt.tcp_connect(server.addr).await.unwrap();
    server.end(&rt).await;
    drop((client, silent));
    let error = errors.next().await;
    assert!(error.is_none(), "{error:?}");
}

on_each_runtime!(
    who_does_not_speak_http_is_an_error,
    a_failed_handshake_is_an_error,
    a_shutdown_is_no_error,
);

on_simulation!(
    who_does_not_speak_http_is_an_error,
    a_failed_handshake_is_an_error,
    a_shutdown_is_no_error,
);
