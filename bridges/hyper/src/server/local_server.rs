use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use anyrt_core::{LocalRuntime, ShareTimer};
use anyrt_net::Listener;
use anyrt_structured::TaskTracker;
use futures_core::Stream;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;

use super::definition::{BoxError, HEAD_TIMEOUT, PING_INTERVAL, finish, server, within};
use super::opened::{Opened, Turn};
use super::{ConnectionError, ConnectionErrorKind, LocalHandshake, Plain};
use crate::{Io, LocalExecutor, Timer};

server! {
    /// Serves HTTP/1 and HTTP/2 on a local runtime, for services that need not be `Send`.
    ///
    /// As [`Server`](crate::Server). It serves no upgrades of HTTP/1, because hyper asks for a stream that is `Send` there.
    ///
    /// # Cost
    ///
    /// One task per connection, and one per stream of HTTP/2. A connection copies the settings and a handle.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::convert::Infallible;
    /// use std::rc::Rc;
    /// use anyrt_core::ShareTimer;
    /// use anyrt_hyper::LocalServer;
    /// use anyrt_net::prelude::*;
    /// use http_body_util::Full;
    /// use hyper::{Response, body::Bytes, service::service_fn};
    ///
    /// /// Counts its requests without a lock.
    /// async fn count<R: LocalNet + ShareTimer>(rt: R, listener: R::TcpListener) -> std::io::Result<()> {
    ///     let requests = Rc::new(Cell::new(0));
    ///     LocalServer::new(rt)
    ///         .serve_each(listener, |_peer| {
    ///             let requests = requests.clone();
    ///             service_fn(move |_request| {
    ///                 requests.set(requests.get() + 1);
    ///                 let body = Full::new(Bytes::from(requests.get().to_string()));
    ///                 async { Ok::<_, Infallible>(Response::new(body)) }
    ///             })
    ///         })
    ///         .await
    /// }
    /// ```
    LocalServer, [LocalRuntime + ShareTimer], LocalExecutor, LocalHandshake, spawn_local_named, serve_connection, Rc, []
}
