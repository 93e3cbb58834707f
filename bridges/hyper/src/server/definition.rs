use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// The server, for tasks that are `Send` and for those that are not.
macro_rules! server {
    (
        $(#[$doc:meta])*
        $server:ident, [$($runtime:tt)+], $executor:ident, $handshake:ident, $spawn:ident, $serve_connection:ident, $shared:ident,
        [$($send:ident)? $(+ $sync:ident)?]
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $server<R, H = Plain> {
            runtime: R,
            http: Builder<$executor<R>>,
            handshake: H,
            tracker: TaskTracker,
            head_timeout: Option<Duration>,
            on_error: Option<$shared<dyn Fn(ConnectionError) $(+ $send)? $(+ $sync)?>>,
        }

        impl<R: $($runtime)+> $server<R> {
            /// Serves on `runtime`, with its timers set.
            ///
            /// A peer is given 30 s for what [`head_timeout`](Self::head_timeout) limits. A peer of HTTP/2 is sent a ping after a
            /// minute without a word of it, and has hyper's 20 s to answer. The rest are hyper's defaults.
            pub fn new(runtime: R) -> Self {
                let timer = Timer::new(&runtime);
                let mut http = Builder::new($executor::new(runtime.clone()));
                http.http1().timer(timer.clone()).header_read_timeout(HEAD_TIMEOUT);
                http.http2().timer(timer).keep_alive_interval(PING_INTERVAL);
                Self {
                    runtime,
                    http,
                    handshake: Plain,
                    tracker: TaskTracker::new(),
                    head_timeout: Some(HEAD_TIMEOUT),
                    on_error: None,
                }
            }
        }

        impl<R: $($runtime)+, H> $server<R, H> {
            /// hyper-util's builder, to set limits, keep-alive pings and the like.
            pub fn http(&mut self) -> &mut Builder<$executor<R>> {
                &mut self.http
            }

            /// Serves HTTP/2 only. A client that speaks HTTP/1 is turned away.
            pub fn http2_only(mut self) -> Self {
                self.http = self.http.http2_only();
                self
            }

            /// Does a handshake on each connection first, such as TLS.
            pub fn handshake<T>(self, handshake: T) -> $server<R, T> {
                $server {
                    runtime: self.runtime,
                    http: self.http,
                    handshake,
                    tracker: self.tracker,
                    head_timeout: self.head_timeout,
                    on_error: self.on_error,
                }
            }

            /// Gives a peer this long to begin, 30 s by default. With `None` it takes as long as it likes.
            ///
            /// The limit is for the handshake and the first bytes together, and on HTTP/1 for the head of each request. The wait for
            /// the next request on a kept connection counts as part of its head. A peer that takes longer is disconnected. Neither the
            /// body of a request nor a service is limited: put a layer of `anyrt-tower` around the service.
            ///
            /// It sets hyper's `header_read_timeout`, too, which [`http`](Self::http) can set to another one.
            pub fn head_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
                self.head_timeout = timeout.into();
                self.http.http1().header_read_timeout(self.head_timeout);
                self
            }

            /// Calls `hear` with the error of each connection that ends with one, in that connection's task.
            ///
            /// The error has the [kind](ConnectionError::kind) and the [peer](ConnectionError::peer). Without `hear` it is dropped. A
            /// connection that the shutdown ends is no error. The errors of a service are answered or seen by the service; those that
            /// end a connection come here, too. The last call counts.
            ///
            /// # Panics
            ///
            /// When `hear` panics, the connection's task ends with that panic, and no other connection notices.
            ///
            /// # Cost
            ///
            /// One allocation per server, and one per connection, which tells a kept connection from a slow peer.
            pub fn on_error(mut self, hear: impl Fn(ConnectionError) $(+ $send)? $(+ $sync)? + 'static) -> Self {
                self.on_error = Some($shared::new(hear));
                self
            }

            /// Makes the connections tasks of `tracker`, and its shutdown that of the server. Without a call the server has a
            /// tracker of its own.
            pub fn tracked(mut self, tracker: TaskTracker) -> Self {
                self.tracker = tracker;
                self
            }

            /// The tracker of the connections, whose [`shutdown`](TaskTracker::shutdown) ends the server.
            pub fn tracker(&self) -> &TaskTracker {
                &self.tracker
            }

            /// Serves each connection with a clone of `service`, one of tower: an axum `Router`, or any other.
            ///
            /// # Cancellation
            ///
            /// As for [`serve_each`](Self::serve_each).
            ///
            /// # Errors
            ///
            /// Those of the listener.
            pub async fn serve<L, S, B>(self, listener: L, service: S) -> io::Result<()>
            where
                H: $handshake<L::Stream>,
                L: Listener<Addr: 'static>,
                S: tower_service::Service<Request<Incoming>, Response = Response<B>>
                    + Clone $(+ $send)? + 'static,
                S::Error: Into<BoxError>,
                S::Future: $($send +)? 'static,
                B: Body<Data: $($send +)? 'static> $(+ $send)? + 'static,
                B::Error: Into<BoxError>,
            {
                self.serve_each(listener, |_peer| TowerToHyperService::new(service.clone())).await
            }

            /// Serves each connection with a service of hyper that `service_for` makes for its peer.
            ///
            /// It accepts until the [tracker](Self::tracker)'s token is cancelled. Then it closes the listener and resolves, while the
            /// connections answer the requests that they have begun and close. The tracker's
            /// [`shutdown`](TaskTracker::shutdown) waits for them, as long as it is told to, and aborts what is left. An upgraded
            /// connection is the task of who upgraded it.
            ///
            /// An error of one connection ends that connection, and no other. [`on_error`](Self::on_error) hears of it.
            ///
            /// # Cancellation
            ///
            /// Dropping the future closes the listener. The connections go on until the tracker's shutdown.
            ///
            /// # Errors
            ///
            /// Those of the listener. It survives what [`Listener::incoming`] survives.
            pub async fn serve_each<L, S, B>(
                self,
                listener: L,
                mut service_for: impl FnMut(&L::Addr) -> S,
            ) -> io::Result<()>
            where
                H: $handshake<L::Stream>,
                L: Listener<Addr: 'static>,
                S: Service<Request<Incoming>, Response = Response<B>> $(+ $send)? + 'static,
                S::Error: Into<BoxError>,
                S::Future: $($send +)? 'static,
                B: Body<Data: $($send +)? 'static> $(+ $send)? + 'static,
                B::Error: Into<BoxError>,
            {
                let token = self.tracker.token().clone();
                let mut cancelled = token.cancelled();
                let mut incoming = pin!(listener.incoming(self.runtime.clone()));
                loop {
                    let accepted = poll_fn(|cx| {
                        if Pin::new(&mut cancelled).poll(cx).is_ready() {
                            return Poll::Ready(None);
                        }
                        incoming.as_mut().poll_next(cx)
                    });
                    let Some(accepted) = accepted.await else {
                        return Ok(());
                    };
                    let (stream, peer) = accepted?;
                    let service = service_for(&peer);
                    let peer = (&peer as &dyn Any).downcast_ref().copied();
                    let handshake = self.handshake.handshake(stream);
                    let (http, token, on_error) = (self.http.clone(), token.clone(), self.on_error.clone());
                    let begins_within = self.head_timeout.map(|timeout| self.runtime.sleep(timeout));
                    let connection = async move {
                        let turn = on_error.as_ref().map(|_| Turn::new());
                        let hear = |error: ConnectionError| {
                            if let Some(hear) = on_error {
                                hear(error.of(peer));
                            }
                        };
                        let begins = async {
                            let stream = handshake.await.map_err(ConnectionError::handshake)?;
                            let opened = Opened::wait(stream, Io::new, turn.clone()).await;
                            opened.map_err(|error| ConnectionError::http(error.into(), false))
                        };
                        let begun = token.run_until_cancelled(within(begins_within, begins)).await;
                        let io = match begun {
                            None => return,
                            Some(None) => return hear(ConnectionError::new(ConnectionErrorKind::Timeout)),
                            Some(Some(Err(error))) => return hear(error),
                            Some(Some(Ok(io))) => io,
                        };
                        // What serves upgrades speaks both versions, whatever the builder says.
                        let ended = if http.is_http1_available() {
                            let mut connection = pin!(http.$serve_connection(io, service));
                            finish!(connection, token)
                        } else {
                            let mut connection = pin!(http.serve_connection(io, service));
                            finish!(connection, token)
                        };
                        if let Err(error) = ended {
                            let kept = turn.is_some_and(|turn| !turn.is_peers());
                            hear(ConnectionError::http(error, kept));
                        }
                    };
                    self.tracker.$spawn(&self.runtime, "http connection", connection).detach();
                }
            }
        }

        impl<R: fmt::Debug, H> fmt::Debug for $server<R, H> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($server))
                    .field("runtime", &self.runtime)
                    .field("tracker", &self.tracker)
                    .finish_non_exhaustive()
            }
        }
    };
}
pub(super) use server;

/// Drives a connection to its end, and tells it to finish when the token is cancelled.
///
/// The connection is polled first: hyper-util fails one that is to finish before it knows its version.
macro_rules! finish {
    ($connection:ident, $token:ident) => {{
        let mut cancelled = Some($token.cancelled());
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(ended) = $connection.as_mut().poll(cx) {
                    return Poll::Ready(ended);
                }
                let Some(waiting) = &mut cancelled else {
                    return Poll::Pending;
                };
                if Pin::new(waiting).poll(cx).is_pending() {
                    return Poll::Pending;
                }
                cancelled = None;
                $connection.as_mut().graceful_shutdown();
            }
        })
        .await
    }};
}
pub(super) use finish;

/// What `future` results in, if it does before `limit` is over.
pub(super) async fn within<F: Future>(limit: Option<impl Future>, future: F) -> Option<F::Output> {
    let (mut limit, mut future) = (pin!(limit), pin!(future));
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        match limit.as_mut().as_pin_mut() {
            Some(limit) => limit.poll(cx).map(|_| None),
            None => Poll::Pending,
        }
    })
    .await
}

/// How long a peer may take to begin, unless a server says otherwise; hyper's own default for the head of a request.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// After so long without a word a peer of HTTP/2 is asked whether it is still there.
pub(super) const PING_INTERVAL: Duration = Duration::from_secs(60);

/// What hyper and tower turn errors into.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
