use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{ShareTimer, Timer};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::ServerBody;
use crate::deadline::Deadline;

/// Keeps the deadlines of a gRPC service's callers on a runtime's clock.
///
/// A caller gives a call so much time (`grpc-timeout`, in tonic `Request::set_timeout`). When that is over, the handler's future or
/// its stream of answers is dropped, and the caller is told `DEADLINE_EXCEEDED`. tonic does this only in its transport, on tokio's
/// clock.
///
/// [`Server`](crate::Server) puts it around what it serves. Use it yourself with other servers, such as
/// [`anyrt_hyper::LocalServer`].
///
/// # Cost
///
/// A call without a deadline costs a look at its headers, one with a deadline a sleep of the runtime in a box.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Runtime;
/// use anyrt_tonic::Deadlines;
///
/// /// No call of `service` may take longer than a minute.
/// fn limited<R: Runtime, S>(rt: &R, service: S) -> Deadlines<S, R> {
///     Deadlines::new(rt, service).at_most(Duration::from_secs(60))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Deadlines<S, T> {
    service: S,
    timer: T,
    at_most: Option<Duration>,
}

impl<S, T> Deadlines<S, T> {
    /// Keeps the deadlines of `service`'s callers on the clock of `runtime`.
    pub fn new<R>(runtime: &R, service: S) -> Self
    where
        R: ShareTimer<SharedTimer = T>,
    {
        Self {
            service,
            timer: runtime.shared_timer(),
            at_most: None,
        }
    }

    /// Gives every call at most `timeout`, whatever its caller asks for.
    pub fn at_most(mut self, timeout: Duration) -> Self {
        self.at_most = Some(timeout);
        self
    }
}

impl<S, T, A, B> Service<Request<A>> for Deadlines<S, T>
where
    S: Service<Request<A>, Response = Response<B>>,
    T: Timer,
    B: Default,
{
    type Response = Response<ServerBody<B, T>>;
    type Error = S::Error;
    type Future = Answering<S::Future, T>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let deadline = Deadline::of(request.headers(), self.at_most, &self.timer);
        Answering {
            answer: self.service.call(request),
            deadline: Some(deadline),
        }
    }
}

pin_project! {
    /// A call that is answered within its deadline; made by [`Deadlines`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Answering<F, T>
    where
        T: Timer,
    {
        #[pin]
        answer: F,
        // Until it goes to the body.
        deadline: Option<Deadline<T>>,
    }
}

impl<F, T, B, E> Future for Answering<F, T>
where
    F: Future<Output = Result<Response<B>, E>>,
    T: Timer,
    B: Default,
{
    type Output = Result<Response<ServerBody<B, T>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let deadline = this.deadline;
        let answer = match this.answer.poll(cx) {
            Poll::Ready(answer) => answer?,
            Poll::Pending => match deadline.as_mut().map(|deadline| deadline.poll(cx)) {
                Some(Poll::Ready(status)) => status.into_http(),
                _ => return Poll::Pending,
            },
        };
        let deadline = deadline.take();
        Poll::Ready(Ok(answer.map(|body| ServerBody::new(body, deadline))))
    }
}
