//! tonic without its transport: unary calls, and streams in both directions, over hyper's h2.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_net::{Listener as _, Tcp, TcpOptions, TcpStream as _};
use bytes::{Buf, BufMut};
use futures::{Stream, StreamExt};
use http::uri::PathAndQuery;
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::rt::bounds::{Http2ClientConnExec, Http2ServerConnExec};
use hyper::{client, server};
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Response, Status, Streaming};

use super::{ANY_PORT, start};
use crate::load::Load;
use crate::spawner::{HyperRuntime, Quiet};

const CLIENTS: usize = 2;
const CALLERS: usize = 4;
const MESSAGES: usize = 10;

start! {
    /// Starts a server and its clients.
    |spawner| {
        let listener = spawner.net().tcp_listen(ANY_PORT)?;
        let address = listener.local_addr()?;
        spawner.spawn(serve(spawner.clone(), listener));
        for _ in 0..CLIENTS {
            spawner.spawn(call(spawner.clone(), address));
        }
        Ok(())
    }
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type BoxStream<T> = Pin<Box<dyn Stream<Item = T> + Send>>;
type Message = Vec<u8>;

type Listener<E> = <<E as HyperRuntime>::Net as Tcp>::TcpListener;
type Io<E> = anyrt_hyper::Io<<<E as HyperRuntime>::Net as Tcp>::TcpStream>;
type Server<E> = server::conn::http2::Connection<Io<E>, Echo, E>;
type Client<E> = client::conn::http2::Connection<Io<E>, Body, E>;
type Answer = BoxFuture<Result<http::Response<Body>, Status>>;

async fn serve<E>(spawner: E, listener: Listener<E>)
where
    E: HyperRuntime + Executor<Quiet<Server<E>>> + Http2ServerConnExec<Answer, Body> + Unpin,
{
    while let Ok((stream, _)) = listener.accept().await {
        if stream
            .set_options(&TcpOptions::new().nodelay(true))
            .is_err()
        {
            continue;
        }
        let connection = server::conn::http2::Builder::new(spawner.clone())
            .serve_connection(anyrt_hyper::Io::new(stream), Echo);
        spawner.execute(Quiet::new(connection));
    }
}

async fn call<E>(spawner: E, address: SocketAddr)
where
    E: HyperRuntime + Executor<Quiet<Client<E>>> + Http2ClientConnExec<Body, Io<E>> + Unpin,
{
    let Ok(stream) = spawner
        .net()
        .tcp_connect_with(address, &TcpOptions::new().nodelay(true))
        .await
    else {
        return;
    };
    let handshake =
        client::conn::http2::handshake(spawner.clone(), anyrt_hyper::Io::new(stream)).await;
    let Ok((sender, connection)) = handshake else {
        return;
    };
    spawner.execute(Quiet::new(connection));
    let callers = (0..CALLERS).map(|caller| {
        let origin = "http://localhost".parse().expect("it is an address");
        let grpc = tonic::client::Grpc::with_origin(Channel(sender.clone()), origin);
        call_in_turn(grpc, caller, spawner.load().clone())
    });
    futures::future::join_all(callers).await;
}

/// Makes unary calls and streams in turn, until one fails.
async fn call_in_turn(mut grpc: tonic::client::Grpc<Channel>, caller: usize, load: Load) {
    loop {
        let message = vec![caller as u8; 100];
        if grpc.ready().await.is_err() {
            return;
        }
        let path = PathAndQuery::from_static("/test.Echo/Unary");
        match grpc.unary(Request::new(message.clone()), path, Bytes).await {
            Ok(answer) if answer.get_ref() != &message => load.fail("an answer came back changed"),
            Ok(_) => load.done(),
            Err(_) => return,
        }
        if grpc.ready().await.is_err() {
            return;
        }
        let path = PathAndQuery::from_static("/test.Echo/Streaming");
        let messages = futures::stream::iter(vec![message; MESSAGES]);
        let Ok(answers) = grpc.streaming(Request::new(messages), path, Bytes).await else {
            return;
        };
        let mut answers = answers.into_inner();
        let mut count = 0;
        while let Some(answer) = answers.next().await {
            if answer.is_err() {
                return;
            }
            count += 1;
            load.done();
        }
        if count != MESSAGES {
            load.fail("a stream ended too early");
        }
    }
}

/// What tonic's client calls: hyper's h2.
#[derive(Clone)]
struct Channel(client::conn::http2::SendRequest<Body>);

impl tower_service::Service<http::Request<Body>> for Channel {
    type Response = http::Response<Incoming>;
    type Error = hyper::Error;
    type Future = BoxFuture<hyper::Result<Self::Response>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}

/// Sends back what it is sent.
#[derive(Clone)]
pub(crate) struct Echo;

impl hyper::service::Service<http::Request<Incoming>> for Echo {
    type Response = http::Response<Body>;
    type Error = Status;
    type Future = Answer;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(Bytes);
            Ok(match request.uri().path() {
                "/test.Echo/Unary" => grpc.unary(Echo, request).await,
                _ => grpc.streaming(Echo, request).await,
            })
        })
    }
}

impl tonic::server::UnaryService<Message> for Echo {
    type Response = Message;
    type Future = BoxFuture<Result<Response<Message>, Status>>;

    fn call(&mut self, request: Request<Message>) -> Self::Future {
        Box::pin(async { Ok(Response::new(request.into_inner())) })
    }
}

impl tonic::server::StreamingService<Message> for Echo {
    type Response = Message;
    type ResponseStream = BoxStream<Result<Message, Status>>;
    type Future = BoxFuture<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Streaming<Message>>) -> Self::Future {
        Box::pin(async { Ok(Response::new(request.into_inner().boxed())) })
    }
}

/// Messages as they are, without protobuf.
#[derive(Clone, Copy)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Message;
    type Decode = Message;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Bytes {
    type Item = Message;
    type Error = Status;

    fn encode(&mut self, message: Message, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&message);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Message;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Message>, Status> {
        let mut message = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut message);
        Ok(Some(message))
    }
}
