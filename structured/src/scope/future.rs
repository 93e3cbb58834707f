use std::any::Any;
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
    /// The future of every kind of scope: drives the body, and joins the tasks.
    pub(super) struct ScopeFuture<B, H, T, E>
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

impl<B, H: RawTask, T, E> ScopeFuture<B, H, T, E> {
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

impl<B, H, T, E> Future for ScopeFuture<B, H, T, E>
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
            match this.tasks.poll_join_next(cx) {
                Poll::Ready(Some(((), ended))) => {
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
                .expect("`scope` polled after it was ready")),
            Some(Failure::Error(error)) => Err(error),
            Some(Failure::Panic(payload)) => resume_unwind(payload),
        })
    }
}

pin_project! {
    /// Makes a future that cannot fail into one that could: its error is whatever is asked for, and never comes.
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
