use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use anyrt_core::Spawn;
use anyrt_structured::{Acquire, Permit, Semaphore};
use futures_channel::{mpsc, oneshot};
use futures_core::Stream;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::{BoxError, ServiceError};

/// Puts the service into a task of its own, with a queue of requests in front of it.
///
/// So it can be cloned, whether the service can or not, and shared between tasks. The service is ready as long as there is room in the
/// queue; who waits for room is served first come, first served. The task ends when the last clone is gone.
///
/// # Panics
///
/// [`new`](Self::new) panics when `room` is zero.
///
/// # Cost
///
/// A task for the service. Per request an element of the queue and a channel for the answer.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Runtime;
/// use anyrt_tower::{BufferLayer, RateLimitLayer};
/// use tower_layer::Layer;
/// use tower_service::Service;
///
/// /// All clones share one rate limit.
/// fn shared<R, S>(rt: &R, service: S) -> impl Service<u32> + Clone
/// where
///     R: Runtime,
///     S: Service<u32, Error: std::error::Error + Send + Sync, Future: Send> + Send + 'static,
/// {
///     let limited = RateLimitLayer::new(rt, 10, Duration::from_secs(1)).layer(service);
///     BufferLayer::new(rt, 100).layer(limited)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct BufferLayer<R, Request> {
    runtime: R,
    room: usize,
    _request: std::marker::PhantomData<fn(Request)>,
}

impl<R: Clone, Request> BufferLayer<R, Request> {
    /// Runs services on `runtime`, each with a queue of `room` requests.
    #[track_caller]
    pub fn new(runtime: &R, room: usize) -> Self {
        assert!(
            room > 0,
            "the queue of a buffer has room for at least one request"
        );
        Self {
            runtime: runtime.clone(),
            room,
            _request: std::marker::PhantomData,
        }
    }
}

impl<S, R, Request> Layer<S> for BufferLayer<R, Request>
where
    S: Service<Request, Error: Into<BoxError>, Future: Send> + Send + 'static,
    R: Spawn,
    Request: Send + 'static,
{
    type Service = Buffer<Request, S::Future>;

    fn layer(&self, service: S) -> Buffer<Request, S::Future> {
        let (sender, receiver) = mpsc::unbounded();
        let failure = Failure::default();
        let semaphore = Semaphore::new(self.room);
        let worker = work(service, receiver, failure.clone(), semaphore.clone());
        self.runtime.spawn_detached(worker);
        Buffer {
            sender,
            semaphore,
            failure,
            acquire: None,
            permit: None,
        }
    }
}

/// Why the service of a buffer takes no more requests.
#[derive(Clone, Debug, Default)]
struct Failure(Arc<Mutex<Option<ServiceError>>>);

impl Failure {
    fn set(&self, error: ServiceError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn get(&self) -> ServiceError {
        let failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failure.clone().unwrap_or_else(ServiceError::gone)
    }
}

/// A request in the queue, and what waits for its answer.
struct Message<Request, F> {
    request: Request,
    reply: oneshot::Sender<F>,
    /// Its place in the queue.
    permit: Permit,
}

/// Wakes those who wait for room, however the task ends.
struct CloseOnDrop(Semaphore);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The task of the service.
async fn work<S, Request>(
    mut service: S,
    receiver: mpsc::UnboundedReceiver<Message<Request, S::Future>>,
    failure: Failure,
    semaphore: Semaphore,
) where
    S: Service<Request, Error: Into<BoxError>>,
{
    // Dropped after the receiver, so that nobody finds room in a queue that is gone.
    let _close = CloseOnDrop(semaphore);
    let mut receiver = pin!(receiver);
    while let Some(message) = poll_fn(|cx| receiver.as_mut().poll_next(cx)).await {
        if message.reply.is_canceled() {
            continue;
        }
        if let Err(error) = poll_fn(|cx| service.poll_ready(cx)).await {
            failure.set(ServiceError::failed(error.into()));
            return;
        }
        let answer = service.call(message.request);
        // Whoever has the answer finds its place free.
        drop(message.permit);
        // Whoever asked may be gone by now, and then the answer is dropped.
        let _ = message.reply.send(answer);
    }
}

/// A service behind a queue; made by [`BufferLayer`].
///
/// # Errors
///
/// [`ServiceError`] once the service has failed to become ready or its task is gone; and those of the service, for their request.
pub struct Buffer<Request, F> {
    sender: mpsc::UnboundedSender<Message<Request, F>>,
    semaphore: Semaphore,
    failure: Failure,
    acquire: Option<anyrt_structured::AcquireOrClosed>,
    permit: Option<Permit>,
}

impl<Request, F, V, E> Service<Request> for Buffer<Request, F>
where
    F: Future<Output = Result<V, E>>,
    E: Into<BoxError>,
{
    type Response = V;
    type Error = BoxError;
    type Future = Buffered<F>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.sender.is_closed() {
            return Poll::Ready(Err(self.failure.get().into()));
        }
        if self.permit.is_some() {
            return Poll::Ready(Ok(()));
        }
        let acquire = self
            .acquire
            .get_or_insert_with(|| Acquire::or_closed(self.semaphore.acquire()));
        let acquired = ready!(Pin::new(acquire).poll(cx));
        self.acquire = None;
        match acquired {
            Ok(permit) => {
                self.permit = Some(permit);
                Poll::Ready(Ok(()))
            }
            Err(_closed) => Poll::Ready(Err(self.failure.get().into())),
        }
    }

    /// # Panics
    ///
    /// When `poll_ready` has not said that there is room.
    fn call(&mut self, request: Request) -> Buffered<F> {
        let permit = self.permit.take().expect("poll_ready comes before call");
        let (reply, answer) = oneshot::channel();
        // A task that is gone drops the reply, which the answer tells.
        let _ = self.sender.unbounded_send(Message {
            request,
            reply,
            permit,
        });
        Buffered {
            state: State::Queued { answer },
            failure: self.failure.clone(),
        }
    }
}

impl<Request, F> Clone for Buffer<Request, F> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            semaphore: self.semaphore.clone(),
            failure: self.failure.clone(),
            // A place in the queue is its owner's.
            acquire: None,
            permit: None,
        }
    }
}

impl<Request, F> fmt::Debug for Buffer<Request, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer")
            .field("room", &self.semaphore.available_permits())
            .finish_non_exhaustive()
    }
}

pin_project! {
    #[project = StateProjected]
    enum State<F> {
        Queued { answer: oneshot::Receiver<F> },
        Asked { #[pin] answer: F },
    }
}

pin_project! {
    /// An answer by way of the queue; made by [`Buffer`].
    ///
    /// # Cancellation
    ///
    /// A request that is dropped in the queue keeps its place and is passed over when its turn comes. Dropping it later drops the
    /// service's own future.
    #[must_use = "futures do nothing unless polled"]
    pub struct Buffered<F> {
        #[pin]
        state: State<F>,
        failure: Failure,
    }
}

impl<F, V, E> Future for Buffered<F>
where
    F: Future<Output = Result<V, E>>,
    E: Into<BoxError>,
{
    type Output = Result<V, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProjected::Queued { answer } => match ready!(Pin::new(answer).poll(cx)) {
                    Ok(answer) => this.state.set(State::Asked { answer }),
                    Err(oneshot::Canceled) => return Poll::Ready(Err(this.failure.get().into())),
                },
                StateProjected::Asked { answer } => return answer.poll(cx).map_err(Into::into),
            }
        }
    }
}

impl<F> fmt::Debug for Buffered<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffered").finish_non_exhaustive()
    }
}
