//! hyper: requests over one kept connection, and many streams of h2 at a time, with pings.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_net::{Listener as _, Tcp, TcpOptions, TcpStream as _};
use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::rt::bounds::{Http2ClientConnExec, Http2ServerConnExec};
use hyper::service::Service;
use hyper::{Request, Response, client, server};

use super::{ANY_PORT, start};
use crate::load::Load;
use crate::spawner::{HyperRuntime, Quiet};

const H1_CLIENTS: usize = 2;
const H2_CLIENTS: usize = 2;
const STREAMS: usize = 8;
const PIECES: usize = 5;
const PIECE: &[u8] = &[7; 1000];
const PING_EVERY: Duration = Duration::from_millis(2);

start! {
    /// Starts servers and clients of both protocols.
    |spawner| {
        let listener = spawner.net().tcp_listen(ANY_PORT)?;
        let address = listener.local_addr()?;
        spawner.spawn(serve_h1(spawner.clone(), listener));
        for _ in 0..H1_CLIENTS {
            spawner.spawn(request_h1(spawner.clone(), address));
        }
        let listener = spawner.net().tcp_listen(ANY_PORT)?;
        let address = listener.local_addr()?;
        spawner.spawn(serve_h2(spawner.clone(), listener));
        for _ in 0..H2_CLIENTS {
            spawner.spawn(request_h2(spawner.clone(), address));
        }
        Ok(())
    }
}

type Listener<E> = <<E as HyperRuntime>::Net as Tcp>::TcpListener;
type Io<E> = anyrt_hyper::Io<<<E as HyperRuntime>::Net as Tcp>::TcpStream>;
type ServerH1<E> = server::conn::http1::Connection<Io<E>, Echo>;
type ServerH2<E> = server::conn::http2::Connection<Io<E>, Echo, E>;
type ClientH1<E> = client::conn::http1::Connection<Io<E>, Pieces>;
type ClientH2<E> = client::conn::http2::Connection<Io<E>, Pieces, E>;

async fn serve_h1<E>(spawner: E, listener: Listener<E>)
where
    E: HyperRuntime + Executor<Quiet<ServerH1<E>>>,
{
    while let Ok((stream, _)) = listener.accept().await {
        if stream
            .set_options(&TcpOptions::new().nodelay(true))
            .is_err()
        {
            continue;
        }
        let mut builder = server::conn::http1::Builder::new();
        builder.timer(spawner.timer());
        spawner.execute(Quiet::new(
            builder.serve_connection(anyrt_hyper::Io::new(stream), Echo),
        ));
    }
}

async fn serve_h2<E>(spawner: E, listener: Listener<E>)
where
    E: HyperRuntime
        + Executor<Quiet<ServerH2<E>>>
        + Http2ServerConnExec<<Echo as Service<Request<Incoming>>>::Future, Pieces>
        + Unpin,
{
    while let Ok((stream, _)) = listener.accept().await {
        if stream
            .set_options(&TcpOptions::new().nodelay(true))
            .is_err()
        {
            continue;
        }
        let mut builder = server::conn::http2::Builder::new(spawner.clone());
        builder
            .timer(spawner.timer())
            .keep_alive_interval(PING_EVERY);
        spawner.execute(Quiet::new(
            builder.serve_connection(anyrt_hyper::Io::new(stream), Echo),
        ));
    }
}

async fn request_h1<E>(spawner: E, address: SocketAddr)
where
    E: HyperRuntime + Executor<Quiet<ClientH1<E>>>,
{
    let Ok(stream) = spawner
        .net()
        .tcp_connect_with(address, &TcpOptions::new().nodelay(true))
        .await
    else {
        return;
    };
    let Ok((mut sender, connection)) =
        client::conn::http1::handshake(anyrt_hyper::Io::new(stream)).await
    else {
        return;
    };
    spawner.execute(Quiet::new(connection));
    while sender.ready().await.is_ok()
        && exchange(sender.send_request(request()), spawner.load()).await
    {}
}

async fn request_h2<E>(spawner: E, address: SocketAddr)
where
    E: HyperRuntime + Executor<Quiet<ClientH2<E>>> + Http2ClientConnExec<Pieces, Io<E>> + Unpin,
{
    let Ok(stream) = spawner
        .net()
        .tcp_connect_with(address, &TcpOptions::new().nodelay(true))
        .await
    else {
        return;
    };
    let mut builder = client::conn::http2::Builder::new(spawner.clone());
    builder
        .timer(spawner.timer())
        .keep_alive_interval(PING_EVERY)
        .keep_alive_while_idle(true);
    let Ok((sender, connection)) = builder.handshake(anyrt_hyper::Io::new(stream)).await else {
        return;
    };
    spawner.execute(Quiet::new(connection));
    let streams = (0..STREAMS).map(|_| {
        let (mut sender, load) = (sender.clone(), spawner.load().clone());
        async move {
            while sender.ready().await.is_ok()
                && exchange(sender.send_request(request()), &load).await
            {}
        }
    });
    futures::future::join_all(streams).await;
}

fn request() -> Request<Pieces> {
    Request::post("http://localhost/echo")
        .header("host", "localhost")
        .body(Pieces::new())
        .expect("it is well formed")
}

/// Tells whether the exchange went through; if so, its answer is checked and counted.
async fn exchange(
    answer: impl Future<Output = hyper::Result<Response<Incoming>>>,
    load: &Load,
) -> bool {
    let Ok(answer) = answer.await else {
        return false;
    };
    let Ok(body) = answer.into_body().collect().await else {
        return false;
    };
    if body.to_bytes() != PIECE.repeat(PIECES) {
        load.fail("a body came back changed");
    }
    load.done();
    true
}

/// Reads a request to its end, and answers with pieces of its own.
pub(crate) struct Echo;

impl Service<Request<Incoming>> for Echo {
    type Response = Response<Pieces>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        Box::pin(async {
            request.into_body().collect().await?;
            Ok(Response::new(Pieces::new()))
        })
    }
}

/// A body that is pending between its pieces, so that its task is woken while it is polled.
pub(crate) struct Pieces {
    left: usize,
    paused: bool,
}

impl Pieces {
    fn new() -> Self {
        Self {
            left: PIECES,
            paused: false,
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.paused = !self.paused;
        if self.paused {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(PIECE)))))
    }
}
