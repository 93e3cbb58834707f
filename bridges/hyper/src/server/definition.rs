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
            on_error: Option<$shared<dyn Fn(ConnectionError) $(+ $send)? $(+ $sync)?>>,
        }

        impl<R: $($runtime)+> $server<R> {
            /// Serves on `runtime`, with its timers set and hyper's defaults for the rest.
            pub fn new(runtime: R) -> Self {
                let timer = Timer::new(&runtime);
                let mut http = Builder::new($executor::new(runtime.clone()));
                http.http1().timer(timer.clone());
                http.http2().timer(timer);
                Self {
                    runtime,
                    http,
                    handshake: Plain,
                    tracker: TaskTracker::new(),
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
                    on_error: self.on_error,
                }
            }

            /// Calls `hear` with the error of each connection that ends with one, in that connection's task.
            ///
            /// Without it such an error is dropped: the peer is gone, or has not spoken HTTP. A connection that the shutdown ends is no
            /// error. The errors of a service are answered or seen by the service; those that end a connection come here, too. The last
            /// call counts.
            ///
            /// # Panics
            ///
            /// When `hear` panics, the connection's task ends with that panic, and no other connection notices.
            ///
            /// # Cost
            ///
            /// One allocation per server, and a clone of its pointer per connection.
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
                L: Listener,
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
                L: Listener,
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
                    let handshake = self.handshake.handshake(stream);
                    let (http, token, on_error) = (self.http.clone(), token.clone(), self.on_error.clone());
                    let connection = async move {
                        let hear = |error| {
                            if let Some(hear) = on_error {
                                hear(error);
                            }
                        };
                        let io = match token.run_until_cancelled(handshake).await {
                            None => return,
                            Some(Err(error)) => return hear(ConnectionError::Handshake(error)),
                            Some(Ok(stream)) => Io::new(stream),
                        };
                        // What serves upgrades speaks both versions, whatever the builder says.
                        let ended = if http.is_http1_available() {
                            let mut connection = pin!(http.$serve_connection(io, service));
                            finish!(connection, token)
                        } else {
                            let mut connection = pin!(http.serve_connection(io, service));
                            finish!(connection, token)
                        };
                        match ended {
                            Err(error) if !(token.is_cancelled() && was_silent(&*error)) => {
                                hear(ConnectionError::Http(error));
                            }
                            _ => {}
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
macro_rules! finish {
    ($connection:ident, $token:ident) => {{
        let mut cancelled = Some($token.cancelled());
        poll_fn(|cx| {
            if let Some(waiting) = &mut cancelled {
                if Pin::new(waiting).poll(cx).is_ready() {
                    cancelled = None;
                    $connection.as_mut().graceful_shutdown();
                }
            }
            $connection.as_mut().poll(cx)
        })
        .await
    }};
}
pub(super) use finish;

/// Whether `error` is what hyper-util makes of a connection that is told to finish before it has said anything.
pub(super) fn was_silent(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|it| it.kind() == std::io::ErrorKind::Interrupted)
}

/// What hyper and tower turn errors into.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
