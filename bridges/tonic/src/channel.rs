use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::Runtime;
use anyrt_hyper::Connector;
use anyrt_net::NetRuntime;
use http::{Request, Response, Uri};
use hyper_util::client::legacy::connect::Connect;
use hyper_util::client::legacy::{Builder, Client, Error, ResponseFuture};
use pin_project_lite::pin_project;
use tonic::Status;
use tonic::body::Body;
use tower_service::Service;

use crate::ChannelBody;
use crate::deadline::Deadline;

/// Begins a client for a [`Channel`] on `runtime`: [`anyrt_hyper::client`], for HTTP/2 only.
///
/// # Examples
///
/// See [`Channel::with_client`].
pub fn client<R: Runtime>(runtime: &R) -> Builder {
    let mut builder = anyrt_hyper::client(runtime);
    builder.http2_only(true);
    builder
}

/// What a generated client of tonic calls: a connection of HTTP/2 to one server, on any runtime.
///
/// It connects at the first call, shares the connection between its clones, and connects anew after the connection has broken. It
/// stands for `tonic::transport::Channel`: `GreeterClient::new(channel)`.
///
/// # Cancellation
///
/// Dropping a call or its stream of answers resets that stream, and the others go on.
///
/// # Errors
///
/// A [`Status`]: `UNAVAILABLE` where no connection came about, `DEADLINE_EXCEEDED` when the time of `Request::set_timeout` was over
/// before the last answer, and what tonic makes of an error of HTTP/2.
///
/// Give calls such a time. A call that comes at the very moment at which its connection ends may be lost between hyper's tasks, and
/// without a time of its own it waits for ever: so it was in 3 of 2500 runs of a test that calls as its server ends (hyper 1 with the
/// channel of tokio 1.54.1).
///
/// # Cost
///
/// A call is one of hyper-util's pooled client. One with a deadline holds a sleep of the runtime in a box.
///
/// # Examples
///
/// ```
/// use anyrt_net::prelude::*;
/// use anyrt_tonic::Channel;
/// use tonic::client::Grpc;
///
/// /// The general client. A generated one takes a channel in the same way.
/// fn connect<R: NetRuntime>(rt: &R) -> Grpc<Channel<R>> {
///     let origin = http::Uri::from_static("http://localhost:50051");
///     Grpc::new(Channel::new(rt, origin))
/// }
/// ```
pub struct Channel<R, C = Connector<R>> {
    runtime: R,
    origin: Uri,
    client: Client<C, Body>,
}

impl<R: NetRuntime> Channel<R> {
    /// Speaks plain HTTP/2 with the server of `origin`, such as `http://localhost:50051`.
    pub fn new(runtime: &R, origin: Uri) -> Self {
        let client = client(runtime).build(Connector::new(runtime.clone()));
        Self::with_client(runtime, origin, client)
    }
}

impl<R: Runtime, C> Channel<R, C> {
    /// Speaks with the server of `origin` by `client`: for keep-alive pings and other settings, and for TLS.
    ///
    /// Build the client with [`client`](fn@client), which sets HTTP/2 and the timers.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_hyper::Connector;
    /// use anyrt_net::prelude::*;
    /// use anyrt_tonic::{Channel, client};
    ///
    /// /// Finds out within 30 s that the server is gone, also between calls.
    /// fn connect<R: NetRuntime>(rt: &R, origin: http::Uri) -> Channel<R> {
    ///     let client = client(rt)
    ///         .http2_keep_alive_interval(Duration::from_secs(20))
    ///         .http2_keep_alive_timeout(Duration::from_secs(10))
    ///         .http2_keep_alive_while_idle(true)
    ///         .build(Connector::new(rt.clone()));
    ///     Channel::with_client(rt, origin, client)
    /// }
    /// ```
    pub fn with_client(runtime: &R, origin: Uri, client: Client<C, Body>) -> Self {
        Self {
            runtime: runtime.clone(),
            origin,
            client,
        }
    }
}

impl<R, C> Service<Request<Body>> for Channel<R, C>
where
    R: Runtime,
    C: Connect + Clone + Send + Sync + 'static,
{
    type Response = Response<ChannelBody<R>>;
    type Error = Status;
    type Future = Calling<R>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Calling<R> {
        let deadline = Deadline::of(request.headers(), None, &self.runtime);
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = self.origin.scheme().cloned();
        parts.authority = self.origin.authority().cloned();
        // An origin without a host stays incomplete, and the client says so.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        Calling {
            answer: self.client.request(request),
            deadline: Some(deadline),
        }
    }
}

impl<R: Clone, C: Clone> Clone for Channel<R, C> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            origin: self.origin.clone(),
            client: self.client.clone(),
        }
    }
}

impl<R: fmt::Debug, C> fmt::Debug for Channel<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("runtime", &self.runtime)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// A call on its way; made by [`Channel`].
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Calling<T>
    where
        T: anyrt_core::Timer,
    {
        #[pin]
        answer: ResponseFuture,
        // Until it goes to the body.
        deadline: Option<Deadline<T>>,
    }
}

impl<T: anyrt_core::Timer> Future for Calling<T> {
    type Output = Result<Response<ChannelBody<T>>, Status>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let deadline = this.deadline;
        match this.answer.poll(cx) {
            Poll::Ready(answer) => {
                let deadline = deadline.take();
                let answer = answer.map_err(status)?;
                Poll::Ready(Ok(answer.map(|body| ChannelBody::new(body, deadline))))
            }
            Poll::Pending => match deadline.as_mut().map(|deadline| deadline.poll(cx)) {
                Some(Poll::Ready(status)) => Poll::Ready(Err(status)),
                _ => Poll::Pending,
            },
        }
    }
}

/// What an error of the client is in gRPC.
fn status(error: Error) -> Status {
    if error.is_connect() {
        let mut message = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        return Status::unavailable(message);
    }
    Status::from_error(error.into())
}
