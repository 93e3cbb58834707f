use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::{BoxError, Overloaded};

/// Turns requests away while the service is not ready, instead of waiting.
///
/// It needs no runtime. It is here so that the five come from one crate.
///
/// # Errors
///
/// [`Overloaded`] for a request that came while the service was not ready, and those of the service.
///
/// # Cost
///
/// A flag.
///
/// # Examples
///
/// ```
/// use anyrt_tower::{LoadShed, LoadShedLayer};
/// use tower_layer::Layer;
///
/// fn impatient<S>(service: S) -> LoadShed<S> {
///     LoadShedLayer::new().layer(service)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadShedLayer(());

impl LoadShedLayer {
    /// Turns requests away while the service is not ready.
    pub const fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for LoadShedLayer {
    type Service = LoadShed<S>;

    fn layer(&self, service: S) -> LoadShed<S> {
        LoadShed {
            service,
            is_ready: false,
        }
    }
}

/// A service that turns requests away while it is not ready; made by [`LoadShedLayer`].
#[derive(Debug)]
pub struct LoadShed<S> {
    service: S,
    is_ready: bool,
}

impl<S: Clone> Clone for LoadShed<S> {
    fn clone(&self) -> Self {
        // A clone of a service that is ready need not be.
        Self {
            service: self.service.clone(),
            is_ready: false,
        }
    }
}

impl<S, Request> Service<Request> for LoadShed<S>
where
    S: Service<Request, Error: Into<BoxError>>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Shedding<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.is_ready = match self.service.poll_ready(cx) {
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
            ready => ready.is_ready(),
        };
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let is_ready = std::mem::take(&mut self.is_ready);
        Shedding {
            answer: is_ready.then(|| self.service.call(request)),
        }
    }
}

pin_project! {
    /// An answer, or that the request was turned away; made by [`LoadShed`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Shedding<F> {
        #[pin]
        answer: Option<F>,
    }
}

impl<F, V, E> Future for Shedding<F>
where
    F: Future<Output = Result<V, E>>,
    E: Into<BoxError>,
{
    type Output = Result<V, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().answer.as_pin_mut() {
            Some(answer) => answer.poll(cx).map_err(Into::into),
            None => Poll::Ready(Err(Overloaded::new().into())),
        }
    }
}
