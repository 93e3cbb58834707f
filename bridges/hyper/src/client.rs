use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::Runtime;
use anyrt_net::{NetRuntime, TcpOptions};
use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::Builder;
use hyper_util::client::legacy::connect::{Connected, Connection};
use tower_service::Service;

use crate::{Executor, Io, Timer};

/// Begins a pooled client of hyper-util on `runtime`, with its executor and timers set.
///
/// Finish it with [`Builder::build`] and a [`Connector`]. Set what you like in between: how long and how many connections may be
/// idle, HTTP/2 with keep-alive pings, and so on.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_hyper::{Connector, client};
/// use anyrt_net::prelude::*;
/// use http_body_util::{BodyExt, Empty};
/// use hyper::body::Bytes;
///
/// async fn get<R: NetRuntime>(rt: &R, uri: hyper::Uri) -> Result<Bytes, Box<dyn std::error::Error>> {
///     let client = client(rt)
///         .pool_idle_timeout(Duration::from_secs(30))
///         .build::<_, Empty<Bytes>>(Connector::new(rt.clone()));
///     let answer = client.get(uri).await?;
///     Ok(answer.into_body().collect().await?.to_bytes())
/// }
/// ```
pub fn client<R: Runtime>(runtime: &R) -> Builder {
    let timer = Timer::new(runtime);
    let mut builder = Builder::new(Executor::new(runtime.clone()));
    builder.timer(timer.clone()).pool_timer(timer);
    builder
}

/// Connects the pooled client of hyper-util by TCP: resolves the host and races its addresses, as
/// [`connect_host`](anyrt_net::Tcp::connect_host) does.
///
/// Nagle's algorithm is off, unless [`options`](Self::options) say otherwise. An `https` address is refused, because this connector
/// speaks no TLS: see [`for_tls`](Self::for_tls).
///
/// # Cancellation
///
/// Dropping a connection attempt closes what it has begun.
///
/// # Errors
///
/// Those of `connect_host`; `TimedOut` after [`timeout`](Self::timeout); `InvalidInput` for an address without a host, or with a
/// scheme other than `http`.
///
/// # Cost
///
/// One box per connection.
///
/// # Examples
///
/// See [`client`].
#[derive(Clone, Debug)]
pub struct Connector<R> {
    runtime: R,
    options: TcpOptions,
    timeout: Option<Duration>,
    is_for_tls: bool,
}

impl<R> Connector<R> {
    /// Connects on `runtime`.
    pub fn new(runtime: R) -> Self {
        Self {
            runtime,
            options: TcpOptions::new().nodelay(true),
            timeout: None,
            is_for_tls: false,
        }
    }

    /// Sets the options of the connections.
    pub fn options(mut self, options: TcpOptions) -> Self {
        self.options = options;
        self
    }

    /// Gives up on a connection attempt after `timeout`, the look-up of the name included. Without it an attempt may take the
    /// system's own patience, which is minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Also connects to `https` addresses, by plain TCP and to port 443, for a connector that speaks TLS over this one.
    pub fn for_tls(mut self) -> Self {
        self.is_for_tls = true;
        self
    }

    /// The host and the port to connect to.
    fn target(&self, uri: &Uri) -> io::Result<(String, u16)> {
        let invalid = |what: &str| {
            let message = format!("cannot connect to `{uri}`: {what}");
            io::Error::new(io::ErrorKind::InvalidInput, message)
        };
        let host = uri.host().ok_or_else(|| invalid("it names no host"))?;
        let default_port = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS && self.is_for_tls => 443,
            Some(scheme) if *scheme == Scheme::HTTPS => {
                return Err(invalid(
                    "this connector speaks no TLS; put one that does over `Connector::for_tls`",
                ));
            }
            Some(scheme) if *scheme == Scheme::HTTP => 80,
            _ => return Err(invalid("its scheme is neither `http` nor `https`")),
        };
        // The brackets belong to the address, and not to the host.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Ok((host.to_owned(), uri.port_u16().unwrap_or(default_port)))
    }
}

impl<R: NetRuntime> Service<Uri> for Connector<R> {
    type Response = Io<R::TcpStream>;
    type Error = io::Error;
    type Future = Connecting<R>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Connecting<R> {
        let target = self.target(&uri);
        let this = self.clone();
        Connecting {
            connect: Box::pin(async move {
                let (host, port) = target?;
                let connect = this.runtime.connect_host_with(&host, port, &this.options);
                let stream = match this.timeout {
                    None => connect.await?,
                    Some(timeout) => match this.runtime.timeout(timeout, connect).await {
                        Ok(connected) => connected?,
                        Err(_) => {
                            let message = format!("{host}:{port} did not answer in {timeout:?}");
                            return Err(io::Error::new(io::ErrorKind::TimedOut, message));
                        }
                    },
                };
                Ok(Io::new(stream))
            }),
        }
    }
}

/// A connection on its way; made by [`Connector`].
#[must_use = "futures do nothing unless polled"]
pub struct Connecting<R: NetRuntime> {
    connect: Connect<R::TcpStream>,
}

type Connect<S> = Pin<Box<dyn Future<Output = io::Result<Io<S>>> + Send>>;

impl<R: NetRuntime> Future for Connecting<R> {
    type Output = io::Result<Io<R::TcpStream>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.connect.as_mut().poll(cx)
    }
}

impl<R: NetRuntime> fmt::Debug for Connecting<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connecting").finish_non_exhaustive()
    }
}

impl<S> Connection for Io<S> {
    /// Says nothing of the connection. A connector that negotiates HTTP/2 by TLS has a stream of its own to say so.
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
