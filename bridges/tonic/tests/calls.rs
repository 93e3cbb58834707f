//! Calls of every kind, streams under back-pressure, deadlines and keep-alive.

mod common;

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation, repeats};
use anyrt_core::{BoxJoinHandle, Runtime};
use anyrt_hyper::{ConnectionErrorKind, Connector};
use anyrt_net::prelude::*;
use anyrt_structured::TaskTracker;
use anyrt_tonic::{Channel, Server, client};
use bytes::Bytes;
use futures::channel::mpsc;
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use futures::{StreamExt as _, stream};
use http::Uri;
use tonic::client::Grpc;
use tonic::{Code, Request};

use common::{BOTH_WAYS, COLLECT, COUNT, Echo, HANG, MESSAGE, Raw, STALL, UNARY};

const PING_EVERY: Duration = Duration::from_millis(5);

struct Served {
    addr: SocketAddr,
    echo: Echo,
    serving: BoxJoinHandle<std::io::Result<()>>,
    tracker: TaskTracker,
}

impl Served {
    fn start<R: NetRuntime>(rt: &R, configure: impl FnOnce(Server<R>) -> Server<R>) -> Self {
        let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
        Self::on(rt, listener, configure)
    }

    fn on<R: NetRuntime>(
        rt: &R,
        listener: R::TcpListener,
        configure: impl FnOnce(Server<R>) -> Server<R>,
    ) -> Self {
        let addr = listener.local_addr().unwrap();
        let server = configure(Server::new(rt.clone()));
        let tracker = server.tracker().clone();
        let echo = Echo::default();
        let serving = rt.spawn(server.serve(listener, echo.clone())).boxed();
        Self {
            addr,
            echo,
            serving,
            tracker,
        }
    }

    fn origin(&self) -> Uri {
        format!("http://{}", self.addr).parse().unwrap()
    }

    async fn end<R: Runtime>(self, rt: &R) {
        let report = self.tracker.shutdown(rt, Duration::from_secs(60)).await;
        assert!(report.is_clean(), "{report}");
        self.serving.await.unwrap().unwrap();
    }

    /// Waits until the service has dropped every call that waits.
    async fn nobody_waits<R: Runtime>(&self, rt: &R) {
        while self.echo.waiting.load(Ordering::SeqCst) > 0 {
            rt.sleep(Duration::from_millis(1)).await;
        }
    }
}

async fn calls_of_every_kind<R: NetRuntime>(rt: R) {
    let server = Served::start(&rt, |server| server);
    let mut grpc = Grpc::new(Channel::new(&rt, server.origin()));
    for number in 0..repeats(100, 10_000) {
        let message = Bytes::from(number.to_string());
        grpc.ready().await.unwrap();
        let answer = grpc.unary(Request::new(message.clone()), UNARY, Raw).await;
        assert_eq!(answer.unwrap().into_inner(), message);
    }
    grpc.ready().await.unwrap();
    let messages = stream::iter((0..100_u8).map(|number| Bytes::from(vec![number])));
    let answer = grpc
        .client_streaming(Request::new(messages.clone()), COLLECT, Raw)
        .await;
    assert_eq!(answer.unwrap().into_inner(), "100");
    grpc.ready().await.unwrap();
    let answers = grpc.streaming(Request::new(messages), BOTH_WAYS, Raw).await;
    let mut answers = answers.unwrap().into_inner();
    for number in 0..100_u8 {
        assert_eq!(answers.message().await.unwrap().unwrap(), vec![number]);
    }
    assert!(answers.message().await.unwrap().is_none());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/test.Echo/Missing");
    let answer = grpc.unary(Request::new(Bytes::new()), path, Raw).await;
    assert_eq!(answer.unwrap_err().code(), Code::Unimplemented);
    assert_eq!(server.tracker.len(), 1, "one connection serves all calls");
    drop((grpc, answers));
    server.end(&rt).await;
}

async fn a_slow_reader_holds_the_sender_back<R: NetRuntime>(rt: R) {
    let server = Served::start(&rt, |server| server);
    let count = 100_000;
    let client = client(&rt)
        .http2_initial_stream_window_size(64 * 1024)
        .http2_initial_connection_window_size(64 * 1024)
        .build(Connector::new(rt.clone()));
    let mut grpc = Grpc::new(Channel::with_client(&rt, server.origin(), client));
    grpc.ready().await.unwrap();
    let request = Request::new(Bytes::from(count.to_string()));
    let mut answers = grpc
        .server_streaming(request, COUNT, Raw)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().len(), MESSAGE);
    // Nobody reads, and the server comes to rest long before the end.
    let mut made = server.echo.made.load(Ordering::SeqCst);
    loop {
        rt.sleep(Duration::from_millis(50)).await;
        let now = server.echo.made.load(Ordering::SeqCst);
        if now == made {
            break;
        }
        made = now;
    }
    assert!(
        made < count,
        "all {count} messages were made while nobody read"
    );
    let mut read = 1;
    while let Some(message) = answers.message().await.unwrap() {
        assert_eq!(message.len(), MESSAGE);
        read += 1;
    }
    assert_eq!(read, count);
    drop((grpc, answers));
    server.end(&rt).await;
}

async fn many_messages_go_both_ways<R: NetRuntime>(rt: R) {
    let server = Served::start(&rt, |server| server);
    let mut grpc = Grpc::new(Channel::new(&rt, server.origin()));
    grpc.ready().await.unwrap();
    let count = 100_000_u32;
    let messages =
        stream::iter((0..count).map(|number| Bytes::from(number.to_be_bytes().to_vec())));
    let request = Request::new(messages);
    let mut answers = grpc
        .streaming(request, BOTH_WAYS, Raw)
        .await
        .unwrap()
        .into_inner();
    let mut expected = 0_u32;
    while let Some(message) = answers.message().await.unwrap() {
        assert_eq!(message, expected.to_be_bytes()[..]);
        expected += 1;
    }
    assert_eq!(expected, count);
    drop((grpc, answers));
    server.end(&rt).await;
}

/// A request that may take so long.
fn within(time: Duration, message: &'static str) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_static(message.as_bytes()));
    request.set_timeout(time);
    request
}

async fn a_deadline_ends_a_call_and_its_handler<R: NetRuntime>(rt: R) {
    let server = Served::start(&rt, |server| server);
    let mut grpc = Grpc::new(Channel::new(&rt, server.origin()));
    let mut time = Duration::from_millis(20);
    grpc.ready().await.unwrap();
    let answer = grpc.unary(within(time, "hang"), HANG, Raw).await;
    assert_eq!(answer.unwrap_err().code(), Code::DeadlineExceeded);
    server.nobody_waits(&rt).await;
    // A stream that has begun is ended, too. How long it takes to begin depends on the machine.
    let mut answers = loop {
        grpc.ready().await.unwrap();
        match grpc.server_streaming(within(time, "one"), STALL, Raw).await {
            Ok(answers) => break answers.into_inner(),
            Err(status) => assert_eq!(status.code(), Code::DeadlineExceeded),
        }
        time *= 2;
    };
    let status = loop {
        match answers.message().await {
            Ok(message) => assert_eq!(message.unwrap(), "one"),
            Err(status) => break status,
        }
    };
    assert_eq!(status.code(), Code::DeadlineExceeded);
    server.nobody_waits(&rt).await;
    // The connection goes on.
    grpc.ready().await.unwrap();
    let answer = grpc
        .unary(Request::new(Bytes::from("on")), UNARY, Raw)
        .await;
    assert_eq!(answer.unwrap().into_inner(), "on");
    drop((grpc, answers));
    server.end(&rt).await;
}

/// The client knows of no deadline, so that what ends the calls is the server.
async fn a_server_ends_calls_by_itself<R: NetRuntime>(rt: R) {
    let mut time = Duration::from_millis(20);
    let mut has_begun = false;
    while !has_begun {
        let server = Served::start(&rt, |server| server.timeout(time));
        let mut grpc = Grpc::new(Channel::new(&rt, server.origin()));
        grpc.ready().await.unwrap();
        let status = grpc
            .unary(Request::new(Bytes::new()), HANG, Raw)
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        grpc.ready().await.unwrap();
        let request = Request::new(Bytes::from("one"));
        let status = match grpc.server_streaming(request, STALL, Raw).await {
            Ok(answers) => {
                has_begun = true;
                let mut answers = answers.into_inner();
                assert_eq!(answers.message().await.unwrap().unwrap(), "one");
                answers.message().await.unwrap_err()
            }
            // How long a stream takes to begin depends on the machine.
            Err(status) => status,
        };
        assert_eq!(status.code(), Code::DeadlineExceeded);
        server.nobody_waits(&rt).await;
        drop(grpc);
        server.end(&rt).await;
        time *= 2;
    }
}

async fn a_dropped_call_ends_its_handler<R: NetRuntime>(rt: R) {
    let server = Served::start(&rt, |server| server);
    let mut grpc = Grpc::new(Channel::new(&rt, server.origin()));
    grpc.ready().await.unwrap();
    let request = Request::new(Bytes::from("one"));
    let mut answers = grpc
        .server_streaming(request, STALL, Raw)
        .await
        .unwrap()
        .into_inner();
    answers.message().await.unwrap();
    assert_eq!(server.echo.waiting.load(Ordering::SeqCst), 1);
    drop(answers);
    server.nobody_waits(&rt).await;
    drop(grpc);
    server.end(&rt).await;
}

async fn a_channel_outlives_its_server_and_finds_the_next<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    // A connection keeps the port, so that nobody else is given it between the two servers.
    let kept = rt.tcp_connect(listener.local_addr().unwrap());
    let kept = (listener.accept().await.unwrap(), kept.await.unwrap());
    let server = Served::on(&rt, listener, |server| server);
    let (addr, origin) = (server.addr, server.origin());
    let mut grpc = Grpc::new(Channel::new(&rt, origin));
    let ask = async |grpc: &mut Grpc<Channel<R>>| {
        grpc.ready().await.unwrap();
        let answer = grpc.unary(Request::new(Bytes::from("x")), UNARY, Raw).await;
        answer.map(tonic::Response::into_inner)
    };
    assert_eq!(ask(&mut grpc).await.unwrap(), "x");
    server.end(&rt).await;
    // hyper may lose a call that comes at the moment at which the old connection ends: tokio's channel keeps what is sent while its
    // receiver is dropped. So the call has a deadline, and the next one finds the connection gone.
    let status = loop {
        grpc.ready().await.unwrap();
        let request = within(Duration::from_secs(1), "x");
        let status = grpc.unary(request, UNARY, Raw).await.unwrap_err();
        if status.code() != Code::DeadlineExceeded {
            break status;
        }
    };
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    // The next one on the same port.
    let listener = rt.tcp_listen(addr).unwrap();
    let next = Server::new(rt.clone());
    let tracker = next.tracker().clone();
    let serving = rt.spawn(next.serve(listener, Echo::default()));
    assert_eq!(ask(&mut grpc).await.unwrap(), "x");
    drop((grpc, kept));
    let report = tracker.shutdown(&rt, Duration::from_secs(60)).await;
    assert!(report.is_clean(), "{report}");
    serving.await.unwrap().unwrap();
}

/// Whoever accepts says nothing, so that no ping comes back.
async fn a_silent_server_is_found_out<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let client = client(&rt)
        .http2_keep_alive_interval(PING_EVERY)
        .http2_keep_alive_timeout(PING_EVERY)
        .build(Connector::new(rt.clone()));
    let mut grpc = Grpc::new(Channel::with_client(&rt, origin.parse().unwrap(), client));
    grpc.ready().await.unwrap();
    let call = grpc.unary(Request::new(Bytes::new()), UNARY, Raw);
    let (answer, _silent) = futures::join!(call, listener.accept());
    assert!(answer.is_err());
}

/// Pings go to and fro while nothing else does, and the connection stays.
async fn pings_keep_an_idle_connection<R: NetRuntime>(rt: R) {
    let server = Served::start(&rt, |mut server| {
        server
            .http()
            .http2()
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(Duration::from_secs(60));
        server
    });
    let client = client(&rt)
        .http2_keep_alive_interval(PING_EVERY)
        .http2_keep_alive_timeout(Duration::from_secs(60))
        .http2_keep_alive_while_idle(true)
        .build(Connector::new(rt.clone()));
    let mut grpc = Grpc::new(Channel::with_client(&rt, server.origin(), client));
    for _ in 0..3 {
        grpc.ready().await.unwrap();
        grpc.unary(Request::new(Bytes::new()), UNARY, Raw)
            .await
            .unwrap();
        rt.sleep(10 * PING_EVERY).await;
        assert_eq!(server.tracker.len(), 1);
    }
    drop(grpc);
    server.end(&rt).await;
}

/// One speaks another protocol, and one says nothing.
async fn a_peer_that_does_not_begin_is_heard_of<R: NetRuntime>(rt: R) {
    let limit = Duration::from_millis(20);
    for (words, limit, kind) in [
        (
            &b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"[..],
            None,
            ConnectionErrorKind::Protocol,
        ),
        (b"", Some(limit), ConnectionErrorKind::Timeout),
    ] {
        let (heard, mut errors) = mpsc::unbounded();
        let server = Served::start(&rt, |server| {
            server.head_timeout(limit).on_error(move |error| {
                let error = (error.kind(), error.peer());
                heard.unbounded_send(error).expect("the test listens");
            })
        });
        let mut stream = rt.tcp_connect(server.addr).await.unwrap();
        let peer = stream.local_addr().unwrap();
        stream.write_all(words).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.ok();
        assert_eq!(errors.next().await, Some((kind, Some(peer))));
        server.end(&rt).await;
        assert_eq!(errors.next().await, None);
    }
}

on_each_runtime!(
    calls_of_every_kind,
    a_slow_reader_holds_the_sender_back,
    many_messages_go_both_ways,
    a_deadline_ends_a_call_and_its_handler,
    a_server_ends_calls_by_itself,
    a_dropped_call_ends_its_handler,
    a_channel_outlives_its_server_and_finds_the_next,
    a_silent_server_is_found_out,
    pings_keep_an_idle_connection,
    a_peer_that_does_not_begin_is_heard_of,
);

on_simulation!(
    calls_of_every_kind,
    a_slow_reader_holds_the_sender_back,
    many_messages_go_both_ways,
    a_deadline_ends_a_call_and_its_handler,
    a_server_ends_calls_by_itself,
    a_dropped_call_ends_its_handler,
    a_channel_outlives_its_server_and_finds_the_next,
    a_silent_server_is_found_out,
    pings_keep_an_idle_connection,
    a_peer_that_does_not_begin_is_heard_of,
);
