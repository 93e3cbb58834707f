//! Who is told of the error of a connection, of which kind it is, and of what nobody is told.

mod common;

use std::convert::Infallible;
use std::error::Error as _;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation, simulation, watched};
use anyrt_core::prelude::*;
use anyrt_hyper::ConnectionErrorKind::*;
use anyrt_hyper::{ConnectionError, ConnectionErrorKind, Connector, Server, client};
use anyrt_net::prelude::*;
use futures::StreamExt as _;
use futures::channel::mpsc;
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::Response;
use hyper::body::{Body, Bytes, Frame};
use hyper::service::service_fn;

use common::{Served, serve};

type Errors = mpsc::UnboundedReceiver<ConnectionError>;

/// A hook, and what it has heard.
fn heard() -> (impl Fn(ConnectionError) + Send + Sync + 'static, Errors) {
    let (sender, receiver) = mpsc::unbounded();
    let hear = move |error| sender.unbounded_send(error).expect("the test listens");
    (hear, receiver)
}

/// A server of nothing, which tells its errors.
fn loud<R: NetRuntime>(rt: &R, configure: impl FnOnce(Server<R>) -> Server<R>) -> (Served, Errors) {
    let (hear, errors) = heard();
    let served = serve(
        rt,
        |server| configure(server.on_error(hear)),
        |_peer| {
            service_fn(|_request| async {
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            })
        },
    );
    (served, errors)
}

/// Says `words`, hears until the server closes the connection, and returns this end's address and what it heard.
async fn say<R: NetRuntime>(rt: &R, addr: SocketAddr, words: &[u8]) -> (SocketAddr, Vec<u8>) {
    let mut stream = rt.tcp_connect(addr).await.unwrap();
    let here = stream.local_addr().unwrap();
    stream.write_all(words).await.unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.ok();
    (here, heard)
}

/// The server has heard of one error, of this kind and peer.
async fn only(errors: &mut Errors, kind: ConnectionErrorKind, peer: SocketAddr) -> ConnectionError {
    let error = errors.next().await.expect("the server lives");
    assert_eq!(
        (error.kind(), error.peer()),
        (kind, Some(peer)),
        "{error:?}"
    );
    assert!(error.to_string().contains(&peer.to_string()), "{error}");
    error
}

/// Ends the server, which has heard of nothing more.
async fn end<R: NetRuntime>(rt: &R, server: Served, mut errors: Errors) {
    server.end(rt).await;
    let error = errors.next().await;
    assert!(error.is_none(), "{error:?}");
}

const SOON: Duration = Duration::from_millis(20);

async fn who_does_not_speak_http_is_an_error<R: NetRuntime>(rt: R) {
    let (server, mut errors) = loud(&rt, |server| server);
    let (peer, _) = say(&rt, server.addr, b"\x00\x01 this is not HTTP\r\n\r\n").await;
    let error = only(&mut errors, Protocol, peer).await;
    let cause = error.source().unwrap().downcast_ref::<hyper::Error>();
    assert!(cause.is_some_and(hyper::Error::is_parse), "{error:?}");
    end(&rt, server, errors).await;
}

async fn a_broken_frame_of_http2_is_an_error<R: NetRuntime>(rt: R) {
    let (server, mut errors) = loud(&rt, |server| server);
    // SETTINGS come on stream 0, and not on stream 1.
    let words = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\x01";
    let (peer, _) = say(&rt, server.addr, words).await;
    only(&mut errors, Protocol, peer).await;
    end(&rt, server, errors).await;
}

async fn who_leaves_in_the_middle_is_an_error<R: NetRuntime>(rt: R) {
    let (server, mut errors) = loud(&rt, |server| server);
    for words in [&b"PRI"[..], b"GET / HTTP/1.1\r\nho"] {
        let mut stream = rt.tcp_connect(server.addr).await.unwrap();
        let peer = stream.local_addr().unwrap();
        stream.write_all(words).await.unwrap();
        stream.close().await.unwrap();
        only(&mut errors, Disconnected, peer).await;
    }
    // Who says nothing and leaves is none.
    rt.tcp_connect(server.addr)
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    end(&rt, server, errors).await;
}

async fn a_failed_handshake_is_an_error<R: NetRuntime>(rt: R) {
    handshake(
        &rt,
        |_stream| async { Err(io::Error::other("no certificate")) },
        async |errors, peer| {
            let error = only(errors, Handshake, peer).await;
            assert_eq!(error.source().unwrap().to_string(), "no certificate");
        },
    )
    .await;
}

async fn a_handshake_that_takes_too_long_is_an_error<R: NetRuntime>(rt: R) {
    handshake(
        &rt,
        |_stream| pending(),
        async |errors, peer| {
            let error = only(errors, Timeout, peer).await;
            assert!(error.source().is_none());
        },
    )
    .await;
}

/// A server with this handshake ends the connection, and `judge` sees why.
async fn handshake<R, F>(
    rt: &R,
    handshake: impl Fn(R::TcpStream) -> F + Clone + Send + 'static,
    judge: impl AsyncFnOnce(&mut Errors, SocketAddr),
) where
    R: NetRuntime,
    F: Future<Output = io::Result<R::TcpStream>> + Send + 'static,
{
    let (hear, mut errors) = heard();
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let server = Server::new(rt.clone())
        .on_error(hear)
        .head_timeout(SOON)
        .handshake(handshake);
    let tracker = server.tracker().clone();
    let serving = rt.spawn(server.serve_each(listener, |_peer| {
        service_fn(|_request| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) })
    }));
    let (peer, _) = say(rt, addr, b"").await;
    judge(&mut errors, peer).await;
    let report = tracker.shutdown(rt, Duration::from_secs(60)).await;
    assert!(report.is_clean(), "{report}");
    serving.await.unwrap().unwrap();
    assert!(errors.next().await.is_none());
}

/// Nothing, the beginning of HTTP/2, and that of a request.
const BEGINNINGS: [&[u8]; 3] = [b"", b"PRI * HT", b"GET / HTTP/1.1\r\nho"];

async fn who_does_not_begin_in_time_is_disconnected<R: NetRuntime>(rt: R) {
    let (server, mut errors) = loud(&rt, |server| server.head_timeout(SOON));
    for beginning in BEGINNINGS {
        let (peer, _) = say(&rt, server.addr, beginning).await;
        only(&mut errors, Timeout, peer).await;
    }
    end(&rt, server, errors).await;
}

async fn a_kept_connection_ends_when_no_request_comes<R: NetRuntime>(rt: R) {
    let (server, mut errors) = loud(&rt, |server| {
        // The request may come late, and comes whole.
        let mut server = server.head_timeout(None);
        server.http().http1().header_read_timeout(SOON);
        server
    });
    let request = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 4\r\n\r\nmoin";
    let (peer, answer) = say(&rt, server.addr, request).await;
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{answer:?}");
    only(&mut errors, Idle, peer).await;
    end(&rt, server, errors).await;
}

/// The beginning of HTTP/2, and the client's settings, which are the defaults.
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

async fn who_answers_no_ping_is_disconnected<R: NetRuntime>(rt: R) {
    let (server, mut errors) = loud(&rt, |mut server| {
        let mut http = server.http().http2();
        http.keep_alive_interval(SOON).keep_alive_timeout(SOON);
        server
    });
    let (peer, _) = say(&rt, server.addr, HTTP2).await;
    only(&mut errors, Timeout, peer).await;
    end(&rt, server, errors).await;
}

/// A body that fails.
struct Failing;

impl Body for Failing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(Some(Err(io::Error::other("no disk"))))
    }
}

async fn what_a_service_fails_with_is_an_error<R: NetRuntime>(rt: R) {
    let (hear, mut errors) = heard();
    let mut requests = 0;
    let server = serve(
        &rt,
        |server| server.on_error(hear),
        move |_peer| {
            requests += 1;
            let fails = requests == 1;
            service_fn(move |_request| async move {
                if fails {
                    return Err(io::Error::other("no disk"));
                }
                Ok(Response::new(Failing))
            })
        },
    );
    for _ in ["the service", "the body"] {
        let request = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";
        let (peer, _) = say(&rt, server.addr, request).await;
        let error = only(&mut errors, Service, peer).await;
        let cause = error.source().unwrap().source().unwrap();
        assert_eq!(cause.to_string(), "no disk");
    }
    end(&rt, server, errors).await;
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

/// The defaults, on a clock that can be read: a server waits 30 s for a beginning, and 80 s for an answer to its ping.
#[test]
fn a_silent_peer_is_held_for_half_a_minute() {
    watched(|| {
        simulation(0, |rt| async move {
            let (server, mut errors) = loud(&rt, |server| server);
            for (words, seconds) in [
                (BEGINNINGS[0], 30),
                (BEGINNINGS[1], 30),
                (BEGINNINGS[2], 30),
                (HTTP2, 80),
            ] {
                let begun = rt.now();
                let (peer, _) = say(&rt, server.addr, words).await;
                only(&mut errors, Timeout, peer).await;
                let held = rt.now() - begun;
                assert_eq!(held.as_secs(), seconds, "{held:?}: {words:?}");
            }
            end(&rt, server, errors).await;
        });
    });
}

/// Who has said nothing is let go at once, and who is in the middle of a request when the limit of the shutdown is over.
#[test]
fn without_a_limit_a_slow_peer_is_held_until_the_shutdown() {
    watched(|| {
        simulation(0, |rt| async move {
            let (server, mut errors) = loud(&rt, |server| server.head_timeout(None));
            let mut held = Vec::new();
            for words in BEGINNINGS {
                let mut stream = rt.tcp_connect(server.addr).await.unwrap();
                stream.write_all(words).await.unwrap();
                held.push(stream);
            }
            rt.sleep(Duration::from_secs(24 * 60 * 60)).await;
            assert_eq!(server.tracker.len(), BEGINNINGS.len());
            let (begun, limit) = (rt.now(), Duration::from_secs(5));
            let report = server.tracker.shutdown(&rt, limit).await;
            assert_eq!(report.late().len(), 1, "{report}");
            assert_eq!((rt.now() - begun).as_secs(), limit.as_secs());
            server.serving.await.unwrap().unwrap();
            assert!(errors.next().await.is_none());
        });
    });
}

on_each_runtime!(
    who_does_not_speak_http_is_an_error,
    a_broken_frame_of_http2_is_an_error,
    who_leaves_in_the_middle_is_an_error,
    a_failed_handshake_is_an_error,
    a_handshake_that_takes_too_long_is_an_error,
    who_does_not_begin_in_time_is_disconnected,
    a_kept_connection_ends_when_no_request_comes,
    who_answers_no_ping_is_disconnected,
    what_a_service_fails_with_is_an_error,
    a_shutdown_is_no_error,
);

on_simulation!(
    who_does_not_speak_http_is_an_error,
    a_broken_frame_of_http2_is_an_error,
    who_leaves_in_the_middle_is_an_error,
    a_failed_handshake_is_an_error,
    a_handshake_that_takes_too_long_is_an_error,
    who_does_not_begin_in_time_is_disconnected,
    a_kept_connection_ends_when_no_request_comes,
    who_answers_no_ping_is_disconnected,
    what_a_service_fails_with_is_an_error,
    a_shutdown_is_no_error,
);
