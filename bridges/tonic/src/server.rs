use std::future::Future;
use std::io;
use std::time::Duration;

use anyrt_core::Runtime;
use anyrt_hyper::{ConnectionError, Executor, Handshake, Plain};
use anyrt_net::Listener;
use anyrt_structured::TaskTracker;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::server::conn::auto::Builder;
use tower_service::Service;

use crate::Deadlines;

/// Serves gRPC on any runtime, with deadlines, TLS and a graceful shutdown.
///
/// It is [`anyrt_hyper::Server`] for HTTP/2, around a service of tonic that keeps its callers' [`Deadlines`]. It stands for
/// `tonic::transport::Server`.
///
/// # Cost
///
/// One task per connection and one per call, as hyper has them.
///
/// # Examples
///
/// A generated `GreeterServer` is such a service, and so are `tonic::service::Routes` of several:
///
/// ```
/// use std::time::Duration;
/// use anyrt_net::prelude::*;
/// use anyrt_tonic::Server;
/// use tonic::body::Body;
///
/// async fn serve<R, S>(rt: R, listener: R::TcpListener, greeter: S) -> std::io::Result<()>
/// where
///     R: NetRuntime,
///     S: tower_service::Service<
///             http::Request<hyper::body::Incoming>,
///             Response = http::Response<Body>,
///             Error = std::convert::Infallible,
///             Future: Send + 'static,
///         > + Clone + Send + 'static,
/// {
///     let mut server = Server::new(rt).timeout(Duration::from_secs(60));
///     server.http().http2().keep_alive_interval(Duration::from_secs(20));
///     server.serve(listener, greeter).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Server<R, H = Plain> {
    runtime: R,
    server: anyrt_hyper::Server<R, H>,
    timeout: Option<Duration>,
}

impl<R: Runtime> Server<R> {
    /// Serves on `runtime`.
    pub fn new(runtime: R) -> Self {
        Self {
            server: anyrt_hyper::Server::new(runtime.clone()).http2_only(),
            runtime,
            timeout: None,
        }
    }
}

impl<R: Runtime, H> Server<R, H> {
    /// hyper-util's builder, to set limits, keep-alive pings and the like.
    pub fn http(&mut self) -> &mut Builder<Executor<R>> {
        self.server.http()
    }

    /// Gives every call at most `timeout`, whatever its caller asks for.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Does a handshake on each connection first, such as TLS.
    pub fn handshake<T>(self, handshake: T) -> Server<R, T> {
        Server {
            runtime: self.runtime,
            server: self.server.handshake(handshake),
            timeout: self.timeout,
        }
    }

    /// Gives a peer this long for its handshake and its first bytes; see [`anyrt_hyper::Server::head_timeout`].
    pub fn head_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.server = self.server.head_timeout(timeout);
        self
    }

    /// Calls `hear` with the error of each connection that ends with one; see [`anyrt_hyper::Server::on_error`].
    pub fn on_error(mut self, hear: impl Fn(ConnectionError) + Send + Sync + 'static) -> Self {
        self.server = self.server.on_error(hear);
        self
    }

    /// Makes the connections tasks of `tracker`, and its shutdown that of the server.
    pub fn tracked(mut self, tracker: TaskTracker) -> Self {
        self.server = self.server.tracked(tracker);
        self
    }

    /// The tracker of the connections, whose [`shutdown`](TaskTracker::shutdown) ends the server.
    pub fn tracker(&self) -> &TaskTracker {
        self.server.tracker()
    }

    /// Serves until the [tracker](Self::tracker)'s token is cancelled; see [`anyrt_hyper::Server::serve_each`].
    ///
    /// # Cancellation
    ///
    /// Dropping the future closes the listener. The connections go on until the tracker's shutdown.
    ///
    /// # Errors
    ///
    /// Those of the listener.
    pub fn serve<L, S, B>(
        self,
        listener: L,
        service: S,
    ) -> impl Future<Output = io::Result<()>> + use<R, H, L, S, B>
    where
        H: Handshake<L::Stream>,
        L: Listener<Addr: 'static>,
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        S::Future: Send + 'static,
        B: Body<Data: Send + 'static> + Default + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut service = Deadlines::new(&self.runtime, service);
        if let Some(timeout) = self.timeout {
            service = service.at_most(timeout);
        }
        self.server.serve(listener, service)
    }
}
