use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::{ShareTimer, Timer};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::BoxError;

/// Gives each request so much time.
///
/// The time begins with `call`. To wait until the service is ready does not count.
///
/// # Errors
///
/// [`anyrt_core::Elapsed`] when the time is over, and those of the service.
///
/// # Cost
///
/// One reading of the clock per request, and one sleep for a request that is not answered at once. No box.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Runtime;
/// use anyrt_tower::{Timeout, TimeoutLayer};
/// use tower_layer::Layer;
///
/// fn limited<R: Runtime, S>(rt: &R, service: S) -> Timeout<S, R> {
///     TimeoutLayer::new(rt, Duration::from_secs(5)).layer(service)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct TimeoutLayer<T> {
    timer: T,
    timeout: Duration,
}

impl<T> TimeoutLayer<T> {
    /// Gives each request `timeout` on the clock of `runtime`.
    pub fn new<R>(runtime: &R, timeout: Duration) -> Self
    where
        R: ShareTimer<SharedTimer = T>,
    {
        Self {
            timer: runtime.shared_timer(),
            timeout,
        }
    }
}

impl<S, T: Clone> Layer<S> for TimeoutLayer<T> {
    type Service = Timeout<S, T>;

    fn layer(&self, service: S) -> Timeout<S, T> {
        Timeout {
            service,
            timer: self.timer.clone(),
            timeout: self.timeout,
        }
    }
}

/// A service whose requests have so much time; made by [`TimeoutLayer`].
#[derive(Clone, Debug)]
pub struct Timeout<S, T> {
    service: S,
    timer: T,
    timeout: Duration,
}

impl<S, T, Request> Service<Request> for Timeout<S, T>
where
    S: Service<Request, Error: Into<BoxError>>,
    T: Timer + Clone,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = TimingOut<S::Future, T>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.service.poll_ready(cx).map_err(Into::into)
    }

    #[inline]
    fn call(&mut self, request: Request) -> Self::Future {
        let answer = self.service.call(request);
        TimingOut {
            answer: self.timer.timeout(self.timeout, answer),
        }
    }
}

pin_project! {
    /// An answer that has so much time; made by [`Timeout`].
    #[must_use = "futures do nothing unless polled"]
    pub struct TimingOut<F, T>
    where
        F: Future,
        T: Timer,
    {
        #[pin]
        answer: anyrt_core::Timeout<F, T>,
    }
}

impl<F, T, V, E> Future for TimingOut<F, T>
where
    F: Future<Output = Result<V, E>>,
    T: Timer,
    E: Into<BoxError>,
{
    type Output = Result<V, BoxError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match ready!(self.project().answer.poll(cx)) {
            Ok(answer) => answer.map_err(Into::into),
            Err(elapsed) => Err(elapsed.into()),
        })
    }
}

impl<F: Future, T: Timer> fmt::Debug for TimingOut<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimingOut").finish_non_exhaustive()
    }
}
