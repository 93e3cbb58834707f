use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_core::{ShareTimer, Timer};
use anyrt_structured::{Backoff, Delays};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

/// Sends a request again when its answer says so, after pauses on the runtime's clock.
///
/// How often and with which pauses is a [`Backoff`]'s. When to is up to a function: by default every error. A clone of the request is
/// kept for the next attempt.
///
/// # Errors
///
/// Those of the last attempt.
///
/// # Cost
///
/// A clone of the request and of the service per request, and a sleep per pause. No box.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Runtime;
/// use anyrt_structured::Backoff;
/// use anyrt_tower::RetryLayer;
/// use tower_layer::Layer;
/// use tower_service::Service;
///
/// /// Tries up to four times. A service that answers with a status is asked again when the status is 503.
/// fn stubborn<R, S>(rt: &R, service: S) -> impl Service<String, Response = u16>
/// where
///     R: Runtime,
///     S: Service<String, Response = u16> + Clone,
/// {
///     let backoff = Backoff::exponential(Duration::from_millis(100)).attempts(4);
///     RetryLayer::new(rt, backoff)
///         .when(|answer: &Result<u16, S::Error>| !matches!(answer, Ok(status) if *status != 503))
///         .layer(service)
/// }
/// ```
#[derive(Clone)]
pub struct RetryLayer<T, W = Always> {
    timer: T,
    backoff: Backoff,
    when: W,
}

/// Retries every error; the default of [`RetryLayer`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Always(());

/// When a request is sent again.
pub trait When<V, E> {
    /// Tells whether the request of this answer is sent again.
    fn is_due(&self, answer: &Result<V, E>) -> bool;
}

impl<V, E> When<V, E> for Always {
    fn is_due(&self, answer: &Result<V, E>) -> bool {
        answer.is_err()
    }
}

impl<V, E, F: Fn(&Result<V, E>) -> bool> When<V, E> for F {
    fn is_due(&self, answer: &Result<V, E>) -> bool {
        self(answer)
    }
}

impl<T> RetryLayer<T> {
    /// Retries every error, with the pauses of `backoff` on the clock of `runtime`.
    ///
    /// A backoff without a number of attempts tries for ever.
    pub fn new<R>(runtime: &R, backoff: Backoff) -> Self
    where
        R: ShareTimer<SharedTimer = T>,
    {
        Self {
            timer: runtime.shared_timer(),
            backoff,
            when: Always(()),
        }
    }

    /// Retries when `when` says so of an answer, be it an error or not.
    pub fn when<V, E, W>(self, when: W) -> RetryLayer<T, W>
    where
        W: Fn(&Result<V, E>) -> bool,
    {
        RetryLayer {
            timer: self.timer,
            backoff: self.backoff,
            when,
        }
    }
}

impl<S, T: Clone, W: Clone> Layer<S> for RetryLayer<T, W> {
    type Service = Retry<S, T, W>;

    fn layer(&self, service: S) -> Retry<S, T, W> {
        Retry {
            service,
            timer: self.timer.clone(),
            backoff: self.backoff.clone(),
            when: self.when.clone(),
        }
    }
}

impl<T: fmt::Debug, W> fmt::Debug for RetryLayer<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryLayer")
            .field("timer", &self.timer)
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}

/// A service whose requests are sent again; made by [`RetryLayer`].
#[derive(Clone)]
pub struct Retry<S, T, W = Always> {
    service: S,
    timer: T,
    backoff: Backoff,
    when: W,
}

impl<S, T, W, Request> Service<Request> for Retry<S, T, W>
where
    S: Service<Request> + Clone,
    T: Timer + Clone,
    W: When<S::Response, S::Error> + Clone,
    Request: Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Retrying<S, T, W, Request>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // What was made ready is called, and the clone is for the next attempts.
        let clone = self.service.clone();
        let answer = self.service.call(request.clone());
        Retrying {
            service: clone,
            timer: self.timer.clone(),
            when: self.when.clone(),
            delays: self.backoff.delays(),
            request,
            state: State::Asking { answer },
        }
    }
}

impl<S: fmt::Debug, T, W> fmt::Debug for Retry<S, T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("service", &self.service)
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}

pin_project! {
    #[project = StateProjected]
    enum State<F, P> {
        Asking { #[pin] answer: F },
        Pausing { #[pin] pause: P },
        Preparing,
    }
}

pin_project! {
    /// A request that is sent until its answer will do; made by [`Retry`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Retrying<S, T, W, Request>
    where
        S: Service<Request>,
        T: Timer,
    {
        service: S,
        timer: T,
        when: W,
        delays: Delays,
        request: Request,
        #[pin]
        state: State<S::Future, T::Sleep>,
    }
}

impl<S, T, W, Request> Future for Retrying<S, T, W, Request>
where
    S: Service<Request>,
    T: Timer,
    W: When<S::Response, S::Error>,
    Request: Clone,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProjected::Asking { answer } => {
                    let answer = ready!(answer.poll(cx));
                    if !this.when.is_due(&answer) {
                        return Poll::Ready(answer);
                    }
                    match this.delays.next() {
                        None => return Poll::Ready(answer),
                        Some(delay) => State::Pausing {
                            pause: this.timer.sleep(delay),
                        },
                    }
                }
                StateProjected::Pausing { pause } => {
                    ready!(pause.poll(cx));
                    State::Preparing
                }
                StateProjected::Preparing => {
                    ready!(this.service.poll_ready(cx))?;
                    State::Asking {
                        answer: this.service.call(this.request.clone()),
                    }
                }
            };
            this.state.set(next);
        }
    }
}

impl<S: Service<Request>, T: Timer, W, Request> fmt::Debug for Retrying<S, T, W, Request> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrying").finish_non_exhaustive()
    }
}
