use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::Cancelled;

pin_project! {
    /// Runs a future until it is ready or a token is cancelled; made by
    /// [`CancellationToken::run_until_cancelled`](crate::CancellationToken::run_until_cancelled).
    ///
    /// # Contract
    ///
    /// - With a token that is cancelled already, the future is not polled (`token::cancelled_first_polls_nothing`).
    /// - Later, where both are ready, the future's output wins: it is there, and would be lost
    ///   (`token::output_wins`).
    /// - The future has been dropped when this is ready (`token::run_drops_the_future_first`).
    ///
    /// # Panics
    ///
    /// When it is polled again after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::{CancellationToken, RunUntilCancelled};
    ///
    /// fn limited<F: Future>(token: &CancellationToken, future: F) -> RunUntilCancelled<F> {
    ///     token.run_until_cancelled(future)
    /// }
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct RunUntilCancelled<F> {
        #[pin]
        future: Option<F>,
        cancelled: Cancelled,
        polled: bool,
    }
}

impl<F: Future> RunUntilCancelled<F> {
    pub(crate) fn new(cancelled: Cancelled, future: F) -> Self {
        Self {
            future: Some(future),
            cancelled,
            polled: false,
        }
    }
}

impl<F: Future> Future for RunUntilCancelled<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let first = !std::mem::replace(this.polled, true);
        let mut output = None;
        if !(first && this.cancelled.is_cancelled()) {
            let future = this.future.as_mut().as_pin_mut();
            let future = future.expect("`RunUntilCancelled` polled after it was ready");
            match future.poll(cx) {
                Poll::Ready(ready) => output = Some(ready),
                Poll::Pending => ready!(Pin::new(this.cancelled).poll(cx)),
            }
        }
        this.future.set(None);
        Poll::Ready(output)
    }
}

impl<F> fmt::Debug for RunUntilCancelled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunUntilCancelled")
            .field("cancelled", &self.cancelled)
            .finish_non_exhaustive()
    }
}
