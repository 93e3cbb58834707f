use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::{Request, Uri};
use anyrt_core::Runtime;
use anyrt_hyper::{Connector, client};
use anyrt_net::NetRuntime;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::connect::{Connection, capture_connection};
use hyper_util::client::legacy::{self, Client};
use tower_service::Service;

/// The SDK's HTTP client, on the runtime that it carries.
///
/// It is hyper-util's pooled client with the executor, the timers and the connector of `anyrt-hyper`. The SDK's limits of time, for
/// connecting and until the head of the answer, are measured on the runtime's clock. There is one pool for each pair of limits.
///
/// [`new`](Self::new) speaks HTTP. For HTTPS put a connector of TLS over that of `anyrt-hyper`, and pass it to
/// [`with_connector`](Self::with_connector).
///
/// # Cancellation
///
/// The SDK drops the future of a request to cancel it. That closes its connection, or gives up its stream of HTTP/2.
///
/// # Errors
///
/// The SDK retries by them: `timeout` for a limit of time, `io` for a connection that was refused or broke, `user` for a request that
/// cannot be sent.
///
/// # Cost
///
/// Two boxes for a request, which the SDK's traits and the connector ask for.
///
/// # Examples
///
/// ```
/// use anyrt_aws::{Aws, Http};
/// use anyrt_net::prelude::*;
/// use aws_smithy_async::rt::sleep::SharedAsyncSleep;
/// use aws_smithy_async::time::SharedTimeSource;
/// use aws_smithy_runtime_api::client::http::SharedHttpClient;
///
/// /// What the configuration of an SDK's client takes.
/// fn parts<R: NetRuntime>(rt: &R) -> (SharedHttpClient, SharedAsyncSleep, SharedTimeSource) {
///     let aws = Aws::new(rt.clone());
///     (
///         SharedHttpClient::new(Http::new(rt.clone())),
///         SharedAsyncSleep::new(aws.clone()),
///         SharedTimeSource::new(aws),
///     )
/// }
/// ```
pub struct Http<R, C = Connector<R>> {
    runtime: R,
    connector: C,
    /// One for each pair of limits that was asked for, which are few.
    made: Mutex<Vec<(Limits, SharedHttpConnector)>>,
}

impl<R: NetRuntime> Http<R> {
    /// Speaks HTTP on `runtime`.
    pub fn new(runtime: R) -> Self {
        let connector = Connector::new(runtime.clone());
        Self::with_connector(runtime, connector)
    }
}

impl<R, C> Http<R, C> {
    /// Speaks over the connections of `connector`, such as one of hyper-rustls over `Connector::for_tls` of `anyrt-hyper`.
    pub fn with_connector(runtime: R, connector: C) -> Self {
        Self {
            runtime,
            connector,
            made: Mutex::default(),
        }
    }
}

impl<R, C> fmt::Debug for Http<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

impl<R, C> HttpClient for Http<R, C>
where
    R: Runtime,
    C: Service<Uri, Future: Send + 'static, Error: Into<BoxError>> + Clone + Send + Sync + 'static,
    C::Response: Read + Write + Connection + Unpin + Send + 'static,
{
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let limits = Limits {
            connect: settings.connect_timeout(),
            read: settings.read_timeout(),
        };
        // Whole at every moment, whatever panics.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = made.iter().find(|(of, _)| *of == limits) {
            return connector.clone();
        }
        let connector = SharedHttpConnector::new(Pooled {
            runtime: self.runtime.clone(),
            read: limits.read,
            client: client(&self.runtime).build(Limited {
                runtime: self.runtime.clone(),
                connect: limits.connect,
                connector: self.connector.clone(),
            }),
        });
        made.push((limits, connector.clone()));
        connector
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
struct Limits {
    connect: Option<Duration>,
    read: Option<Duration>,
}

struct Pooled<R, C> {
    runtime: R,
    read: Option<Duration>,
    client: Client<Limited<R, C>, SdkBody>,
}

impl<R, C> fmt::Debug for Pooled<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pooled").finish_non_exhaustive()
    }
}

impl<R, C> HttpConnector for Pooled<R, C>
where
    R: Runtime,
    C: Service<Uri, Future: Send + 'static, Error: Into<BoxError>> + Clone + Send + Sync + 'static,
    C::Response: Read + Write + Connection + Unpin + Send + 'static,
{
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        lend_connection(&mut request);
        let answer = self.client.request(request);
        let (runtime, read) = (self.runtime.clone(), self.read);
        HttpConnectorFuture::new(async move {
            let answer = match read {
                None => answer.await,
                Some(read) => match runtime.timeout(read, answer).await {
                    Ok(answer) => answer,
                    Err(_) => return Err(ConnectorError::timeout(late("no answer", read).into())),
                },
            };
            let answer = answer.map_err(told)?.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(answer)
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Lends the connection to the SDK, which closes those that gave no good answer.
fn lend_connection(request: &mut Request<SdkBody>) {
    let Some(asked) = request.extensions().get::<CaptureSmithyConnection>() else {
        return;
    };
    let asked = asked.clone();
    let captured = capture_connection(request);
    asked.set_connection_retriever(move || {
        let is_proxied = captured.connection_metadata().as_ref()?.is_proxied();
        let captured = captured.clone();
        let close = move || {
            if let Some(connection) = captured.connection_metadata().as_ref() {
                connection.poison();
            }
        };
        Some(
            ConnectionMetadata::builder()
                .proxied(is_proxied)
                .poison_fn(close)
                .build(),
        )
    });
}

fn late(what: &str, limit: Duration) -> io::Error {
    let message = format!("{what} within {limit:?}");
    io::Error::new(io::ErrorKind::TimedOut, message)
}

/// The error by which the SDK decides whether to try again.
fn told(error: legacy::Error) -> ConnectorError {
    let is_connect = error.is_connect();
    let mut is_timeout = false;
    let mut is_io = is_connect;
    let mut is_user = false;
    let mut is_cut = false;
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(source) = source.downcast_ref::<io::Error>() {
            is_io = true;
            is_timeout |= source.kind() == io::ErrorKind::TimedOut;
        }
        if let Some(source) = source.downcast_ref::<hyper::Error>() {
            is_io |= source.is_canceled() || source.is_closed();
            is_user |= source.is_user();
            is_cut |= source.is_incomplete_message();
        }
        next = source.source();
    }
    let error = Box::new(error);
    let told = if is_timeout {
        ConnectorError::timeout(error)
    } else if is_user {
        ConnectorError::user(error)
    } else if is_cut {
        ConnectorError::other(error, Some(ErrorKind::TransientError))
    } else if is_io {
        ConnectorError::io(error)
    } else {
        ConnectorError::other(error, None)
    };
    if is_connect {
        told.never_connected()
    } else {
        told
    }
}

/// A connector that gives up after a limit of time, TLS included.
#[derive(Clone)]
struct Limited<R, C> {
    runtime: R,
    connect: Option<Duration>,
    connector: C,
}

impl<R, C> Service<Uri> for Limited<R, C>
where
    R: Runtime,
    C: Service<Uri, Future: Send + 'static, Error: Into<BoxError>>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.connector.call(uri);
        let (runtime, limit) = (self.runtime.clone(), self.connect);
        Box::pin(async move {
            match limit {
                None => connecting.await.map_err(Into::into),
                Some(limit) => match runtime.timeout(limit, connecting).await {
                    Ok(connected) => connected.map_err(Into::into),
                    Err(_) => Err(late("no connection", limit).into()),
                },
            }
        })
    }
}

type BoxError = Box<dyn Error + Send + Sync>;
