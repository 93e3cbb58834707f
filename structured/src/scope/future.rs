use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use anyrt_core::RawTask;
use pin_project_lite::pin_project;

use super::core::Core;
use crate::TaskSet;

pin_project! {
    /// Runs a scope whose body and tasks can fail; made by [`try_scope`](crate::try_scope) and
    /// [`try_local_scope`](crate::try_local_scope).
    ///
    /// `B` is the body, `T` and `E` are what it yields, and `H` is the task.
    ///
    /// # Cancellation
    ///
    /// Dropping it cancels the scope's token and aborts all tasks.
    ///
    /// # Panics
    ///
    /// With the payload of the first panic of the body or of a task; and when it is polled again after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_structured::try_scope;
    ///
    /// async fn parse<R: Runtime>(rt: &R, text: &'static str) -> Result<(), std::num::ParseIntError> {
    ///     let parsing = try_scope(rt, |scope| async move {
    ///         scope.spawn_result(async move { text.parse::<u32>().map(drop) });
    ///         Ok(())
    ///     });
    ///     parsing.await
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert!(rt.block_on(parse(&rt.handle(), "x")).is_err());
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct TryScopeFuture<B, T, E, H>
    where
        H: RawTask,
    {
        #[pin]
        body: Option<B>,
        tasks: TaskSet<(), H>,
        output: Option<T>,
        failure: Option<Failure<E>>,
        // Whether the others were told of the failure.
        stopped: bool,
        end: End<H>,
    }
}

enum Failure<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

/// Ends the scope, also when its future is dropped before it was ready.
struct End<H: RawTask>(Arc<Core<H>>);

impl<H: RawTask> Drop for End<H> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl<B, T, E, H: RawTask> TryScopeFuture<B, T, E, H> {
    pub(super) fn new(body: B, core: Arc<Core<H>>) -> Self {
        Self {
            body: Some(body),
            tasks: TaskSet::new(),
            output: None,
            failure: None,
            stopped: false,
            end: End(core),
        }
    }
}

impl<B, T, E, H> Future for TryScopeFuture<B, T, E, H>
where
    B: Future<Output = Result<T, E>>,
    H: RawTask<Output = Result<(), E>>,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        let mut this = self.project();
        let core = &this.end.0;

        if let Some(body) = this.body.as_mut().as_pin_mut() {
            // A body that panicked is dropped and not polled again.
            match catch_unwind(AssertUnwindSafe(|| body.poll(cx))) {
                Ok(Poll::Pending) => {}
                Ok(Poll::Ready(Ok(output))) => {
                    *this.output = Some(output);
                    this.body.set(None);
                }
                Ok(Poll::Ready(Err(error))) => *this.failure = Some(Failure::Error(error)),
                Err(payload) => *this.failure = Some(Failure::Panic(payload)),
            }
        }

        loop {
            // The tasks that are new since the last round: among them, those of a scope that was stopped meanwhile.
            for handle in core.take_new() {
                let id = this.tasks.insert((), handle);
                if this.failure.is_some() {
                    this.tasks.abort(id);
                }
            }
            if this.failure.is_some() && !std::mem::replace(this.stopped, true) {
                this.body.set(None);
                core.token().cancel();
                this.tasks.abort_all();
            }
            match this.tasks.poll_ended(cx) {
                Poll::Ready(Some((_, ((), ended)))) => {
                    let failure = match ended {
                        Ok(Ok(())) => None,
                        Ok(Err(error)) => Some(Failure::Error(error)),
                        // Cancelled: by us, or with its runtime.
                        Err(error) => error.try_into_panic().ok().map(Failure::Panic),
                    };
                    if this.failure.is_none() {
                        *this.failure = failure;
                    }
                }
                Poll::Ready(None) if this.body.is_none() => {
                    if core.try_end() {
                        break;
                    }
                }
                Poll::Ready(None) | Poll::Pending => {
                    if core.wait_for_new(cx.waker()) {
                        return Poll::Pending;
                    }
                }
            }
        }

        Poll::Ready(match this.failure.take() {
            None => Ok(this
                .output
                .take()
                .expect("a scope was polled after it was ready")),
            Some(Failure::Error(error)) => Err(error),
            Some(Failure::Panic(payload)) => resume_unwind(payload),
        })
    }
}

impl<B, T, E, H: RawTask> fmt::Debug for TryScopeFuture<B, T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryScopeFuture")
            .field("running", &self.tasks.len())
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Runs a scope; made by [`scope`](crate::scope) and [`local_scope`](crate::local_scope).
    ///
    /// `B` is the body, `T` is what it yields, and `H` is the task.
    ///
    /// # Cancellation
    ///
    /// Dropping it cancels the scope's token and aborts all tasks.
    ///
    /// # Panics
    ///
    /// With the payload of the first panic of the body or of a task; and when it is polled again after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_structured::scope;
    ///
    /// async fn greet<R: Runtime>(rt: &R) {
    ///     let greeting = scope(rt, |scope| async move {
    ///         scope.spawn(async { println!("hello") });
    ///     });
    ///     greeting.await;
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(greet(&rt.handle()));
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct ScopeFuture<B, T, H>
    where
        H: RawTask,
    {
        #[pin]
        scope: TryScopeFuture<Always<B, Infallible>, T, Infallible, H>,
    }
}

impl<B, T, H: RawTask> ScopeFuture<B, T, H> {
    pub(super) fn new(scope: TryScopeFuture<Always<B, Infallible>, T, Infallible, H>) -> Self {
        Self { scope }
    }
}

impl<B, T, H> Future for ScopeFuture<B, T, H>
where
    B: Future<Output = T>,
    H: RawTask<Output = Result<(), Infallible>>,
{
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.project().scope.poll(cx).map(|ended| match ended {
            Ok(output) => output,
            Err(never) => match never {},
        })
    }
}

impl<B, T, H: RawTask> fmt::Debug for ScopeFuture<B, T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeFuture")
            .field("running", &self.scope.tasks.len())
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Makes a future that cannot fail into one that could: its error is whatever is asked for, and never comes.
    #[derive(Debug)]
    pub(super) struct Always<F, E> {
        #[pin]
        future: F,
        error: PhantomData<fn() -> E>,
    }
}

impl<F, E> Always<F, E> {
    pub(super) fn new(future: F) -> Self {
        Self {
            future,
            error: PhantomData,
        }
    }
}

impl<F: Future, E> Future for Always<F, E> {
    type Output = Result<F::Output, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(ready!(self.project().future.poll(cx))))
    }
}
