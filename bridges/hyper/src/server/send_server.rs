use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyrt_core::Runtime;
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
use super::{ConnectionError, ConnectionErrorKind, Handshake, Plain};
use crate::{Executor, Io, Timer};

server! {
    /// Serves HTTP/1 and HTTP/2 on any runtime, with upgrades and a graceful shutdown.
    ///
    /// It is hyper-util's automatic server on the executor, timers and sockets of the runtime. Any service of tower serves,
    /// an axum `Router` among them, and any service of hyper.
    ///
    /// # Cost
    ///
    /// One task per connection, and one per stream of HTTP/2. A connection copies the settings and a handle.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use std::time::Duration;
    /// use anyrt_hyper::Server;
    /// use anyrt_net::prelude::*;
    /// use http_body_util::Full;
    /// use hyper::{Response, body::Bytes, service::service_fn};
    ///
    /// /// Greets every peer by its address, until `stop` is ready; then gives connections five seconds to finish.
    /// async fn greet<R: NetRuntime>(rt: R, stop: impl Future) -> std::io::Result<()> {
    ///     let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into())?;
    ///     let server = Server::new(rt.clone());
    ///     let tracker = server.tracker().clone();
    ///     let serving = rt.spawn(server.serve_each(listener, |peer| {
    ///         let greeting = format!("moin {peer}\n");
    ///         service_fn(move |_request| {
    ///             let body = Full::new(Bytes::from(greeting.clone()));
    ///             async { Ok::<_, Infallible>(Response::new(body)) }
    ///         })
    ///     }));
    ///     stop.await;
    ///     let report = tracker.shutdown(&rt, Duration::from_secs(5)).await;
    ///     println!("{report}");
    ///     serving.await?
    /// }
    /// # use anyrt_core::{Config, prelude::*};
    /// # let rt = anyrt_smol::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(greet(rt.handle(), async {})).unwrap();
    /// ```
    Server, [Runtime], Executor, Handshake, spawn_named, serve_connection_with_upgrades, Arc, [Send + Sync]
}
