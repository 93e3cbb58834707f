//! An axum application with a websocket, and its graceful shutdown. axum is built without its feature `tokio`.

use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation, repeats};
use anyrt_hyper::{Connector, Io, Server, client};
use anyrt_net::prelude::*;
use anyrt_structured::TaskTracker;
use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::handshake::server::create_response_with_body;
use async_tungstenite::tungstenite::protocol::Role;
use async_tungstenite::tungstenite::{Error, Message};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Router, body::Body};
use futures::StreamExt as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{StatusCode, upgrade};

/// What the handlers share.
#[derive(Clone)]
struct App<R> {
    rt: R,
    tracker: TaskTracker,
}

fn router<R: NetRuntime>(app: App<R>) -> Router {
    Router::new()
        .route("/", get(|| async { "moin" }))
        .route(
            "/upper",
            post(|text: String| async move { text.to_uppercase() }),
        )
        .route("/socket", get(socket::<R>))
        .with_state(app)
}

/// Answers the handshake of a websocket, and echoes its messages in a task of the tracker until the shutdown.
async fn socket<R: NetRuntime>(State(app): State<App<R>>, mut request: Request) -> Response {
    let upgraded = upgrade::on(&mut request);
    let request = request.map(|_body| ());
    let Ok(answer) = create_response_with_body(&request, Body::empty) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let token = app.tracker.token().clone();
    let echo = async move {
        let stream = Io::new(upgraded.await.map_err(|_| Error::ConnectionClosed)?);
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        while let Some(Some(message)) = token.run_until_cancelled(socket.next()).await {
            let message = message?;
            if message.is_text() {
                socket.send(message).await?;
            }
        }
        socket.close(None).await
    };
    app.tracker.spawn_named(&app.rt, "websocket", echo).detach();
    answer
}

async fn an_axum_application_with_a_websocket<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let server = Server::new(rt.clone());
    let tracker = server.tracker().clone();
    let app = router(App {
        rt: rt.clone(),
        tracker: tracker.clone(),
    });
    let serving = rt.spawn(server.serve(listener, app));

    let client = client(&rt).build(Connector::new(rt.clone()));
    let request = hyper::Request::post(format!("http://{addr}/upper"))
        .body(Full::new(Bytes::from("moin")))
        .unwrap();
    let answer = client.request(request).await.unwrap();
    let answer = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(answer, "MOIN");
    let missing = client.get(format!("http://{addr}/nowhere").parse().unwrap());
    assert_eq!(missing.await.unwrap().status(), 404);

    let stream = rt.tcp_connect(addr).await.unwrap();
    let (mut socket, _answer) =
        async_tungstenite::client_async(format!("ws://{addr}/socket"), stream)
            .await
            .unwrap();
    for number in 0..repeats(200, 10_000) {
        let said = Message::text(number.to_string());
        socket.send(said.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), said);
    }
    // The shutdown closes the websocket in good order.
    let shutdown = rt.spawn({
        let (rt, tracker) = (rt.clone(), tracker.clone());
        async move { tracker.shutdown(&rt, Duration::from_secs(60)).await }
    });
    assert!(socket.next().await.unwrap().unwrap().is_close());
    assert!(socket.next().await.is_none_or(|end| end.is_err()));
    drop((socket, client));
    let report = shutdown.await.unwrap();
    assert!(report.is_clean(), "{report}");
    serving.await.unwrap().unwrap();
}

on_each_runtime!(an_axum_application_with_a_websocket);

on_simulation!(an_axum_application_with_a_websocket,);
