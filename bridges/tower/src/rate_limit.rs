use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::{Instant, ShareTimer, Sleep, Timer};
use tower_layer::Layer;
use tower_service::Service;

/// Lets at most so many requests through in each period.
///
/// The period begins with its first request. A service that has had its requests is not ready until the next period.
///
/// # Panics
///
/// [`new`](Self::new) panics when the number or the period is zero.
///
/// # Cost
///
/// One reading of the clock per request, and one sleep in a box for the life of the service, which is reset in place.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Runtime;
/// use anyrt_tower::{RateLimit, RateLimitLayer};
/// use tower_layer::Layer;
///
/// fn polite<R: Runtime, S>(rt: &R, service: S) -> RateLimit<S, R> {
///     RateLimitLayer::new(rt, 100, Duration::from_secs(1)).layer(service)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RateLimitLayer<T> {
    timer: T,
    requests: u64,
    period: Duration,
}

impl<T> RateLimitLayer<T> {
    /// Lets `requests` through in each `period`, on the clock of `runtime`.
    #[track_caller]
    pub fn new<R>(runtime: &R, requests: u64, period: Duration) -> Self
    where
        R: ShareTimer<SharedTimer = T>,
    {
        assert!(
            requests > 0,
            "a rate limit lets at least one request through"
        );
        assert!(!period.is_zero(), "the period of a rate limit is not zero");
        Self {
            timer: runtime.shared_timer(),
            requests,
            period,
        }
    }
}

impl<S, T: Timer + Clone> Layer<S> for RateLimitLayer<T> {
    type Service = RateLimit<S, T>;

    fn layer(&self, service: S) -> RateLimit<S, T> {
        RateLimit {
            service,
            timer: self.timer.clone(),
            requests: self.requests,
            period: self.period,
            left: self.requests,
            next_period: None,
            sleep: None,
        }
    }
}

/// A service that lets so many requests through in each period; made by [`RateLimitLayer`].
///
/// It is no `Clone`, since each clone would count for itself. Put a [`Buffer`](crate::Buffer) around it to share it.
pub struct RateLimit<S, T: Timer> {
    service: S,
    timer: T,
    requests: u64,
    period: Duration,
    left: u64,
    // Nothing before the first request.
    next_period: Option<Instant>,
    sleep: Option<Pin<Box<T::Sleep>>>,
}

impl<S, T, Request> Service<Request> for RateLimit<S, T>
where
    S: Service<Request>,
    T: Timer,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        if self.left == 0 {
            if let Some(sleep) = &mut self.sleep {
                ready!(sleep.as_mut().poll(cx));
            }
            self.left = self.requests;
            self.next_period = None;
        }
        self.service.poll_ready(cx)
    }

    /// # Panics
    ///
    /// When `poll_ready` has not said that there is room.
    fn call(&mut self, request: Request) -> S::Future {
        let now = self.timer.now();
        let next_period = match self.next_period {
            Some(next_period) if now < next_period => next_period,
            _ => {
                self.left = self.requests;
                let next_period = now + self.period;
                self.next_period = Some(next_period);
                next_period
            }
        };
        self.left = self
            .left
            .checked_sub(1)
            .expect("poll_ready comes before call");
        if self.left == 0 {
            match &mut self.sleep {
                Some(sleep) => sleep.as_mut().reset(next_period),
                None => self.sleep = Some(Box::pin(self.timer.sleep_until(next_period))),
            }
        }
        self.service.call(request)
    }
}

impl<S: fmt::Debug, T: Timer> fmt::Debug for RateLimit<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit")
            .field("service", &self.service)
            .field("requests", &self.requests)
            .field("period", &self.period)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
