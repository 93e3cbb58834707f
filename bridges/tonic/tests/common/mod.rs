//! An echo service and its client, without generated code.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes};
use futures::{Stream, StreamExt as _};
use http::uri::PathAndQuery;
use hyper::body::Incoming;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Response, Status, Streaming};

pub(crate) const UNARY: PathAndQuery = PathAndQuery::from_static("/test.Echo/Unary");
/// Sends back what it gets, as it comes.
pub(crate) const BOTH_WAYS: PathAndQuery = PathAndQuery::from_static("/test.Echo/BothWays");
/// Takes a count, and sends so many messages.
pub(crate) const COUNT: PathAndQuery = PathAndQuery::from_static("/test.Echo/Count");
/// Answers with how many messages it got.
pub(crate) const COLLECT: PathAndQuery = PathAndQuery::from_static("/test.Echo/Collect");
/// Never answers.
pub(crate) const HANG: PathAndQuery = PathAndQuery::from_static("/test.Echo/Hang");
/// Sends one message, and then nothing more.
pub(crate) const STALL: PathAndQuery = PathAndQuery::from_static("/test.Echo/Stall");

/// The size of a message of [`COUNT`].
pub(crate) const MESSAGE: usize = 64;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type BoxStream<T> = Pin<Box<dyn Stream<Item = T> + Send>>;

/// The service, with what a test looks at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Echo {
    /// How many messages of [`COUNT`] were made.
    pub(crate) made: Arc<AtomicUsize>,
    /// How many calls of [`HANG`] and [`STALL`] wait.
    pub(crate) waiting: Arc<AtomicUsize>,
}

impl tower_service::Service<http::Request<Incoming>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Incoming>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(Raw);
            let path = request.uri().path_and_query().cloned();
            Ok(match path {
                Some(path) if path == UNARY || path == HANG => {
                    grpc.unary(Method(echo, path), request).await
                }
                Some(path) if path == COLLECT => {
                    grpc.client_streaming(Method(echo, path), request).await
                }
                Some(path) if path == BOTH_WAYS => {
                    grpc.streaming(Method(echo, path), request).await
                }
                Some(path) if path == COUNT || path == STALL => {
                    grpc.server_streaming(Method(echo, path), request).await
                }
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}

struct Method(Echo, PathAndQuery);

/// Counts as waiting while it lives.
struct Waits(Arc<AtomicUsize>);

impl Waits {
    fn new(echo: &Echo) -> Self {
        echo.waiting.fetch_add(1, Ordering::SeqCst);
        Self(echo.waiting.clone())
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl tonic::server::UnaryService<Bytes> for Method {
    type Response = Bytes;
    type Future = BoxFuture<Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let waits = (self.1 == HANG).then(|| Waits::new(&self.0));
        Box::pin(async move {
            if waits.is_some() {
                pending::<()>().await;
            }
            Ok(Response::new(request.into_inner()))
        })
    }
}

impl tonic::server::ClientStreamingService<Bytes> for Method {
    type Response = Bytes;
    type Future = BoxFuture<Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        Box::pin(async move {
            let mut messages = request.into_inner();
            let mut count = 0_u64;
            while messages.message().await?.is_some() {
                count += 1;
            }
            Ok(Response::new(Bytes::from(count.to_string())))
        })
    }
}

impl tonic::server::StreamingService<Bytes> for Method {
    type Response = Bytes;
    type ResponseStream = Streaming<Bytes>;
    type Future = BoxFuture<Result<Response<Streaming<Bytes>>, Status>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        Box::pin(async move { Ok(Response::new(request.into_inner())) })
    }
}

impl tonic::server::ServerStreamingService<Bytes> for Method {
    type Response = Bytes;
    type ResponseStream = BoxStream<Result<Bytes, Status>>;
    type Future = BoxFuture<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let Method(echo, path) = self;
        let answers: Self::ResponseStream = if *path == STALL {
            let waits = Waits::new(echo);
            let first = futures::stream::iter([Ok(request.into_inner())]);
            Box::pin(first.chain(futures::stream::once(async move {
                let _waits = waits;
                pending().await
            })))
        } else {
            let count = String::from_utf8_lossy(request.get_ref())
                .parse()
                .unwrap_or(0);
            let made = echo.made.clone();
            Box::pin(futures::stream::iter(0..count).map(move |_: usize| {
                made.fetch_add(1, Ordering::SeqCst);
                Ok(Bytes::from_static(&[7; MESSAGE]))
            }))
        };
        Box::pin(async { Ok(Response::new(answers)) })
    }
}

/// Messages as they are, without protobuf.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
