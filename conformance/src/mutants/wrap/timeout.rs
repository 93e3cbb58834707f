use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Run;

/// A timeout as the hooks see it.
pub(in crate::mutants) trait Limited {
    /// Polls the future under the limit, and keeps its output.
    fn poll_value(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    /// Polls the time.
    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    /// Drops the future under the limit.
    fn drop_value(&mut self);
    /// How often the timeout was polled before.
    fn polls(&self) -> usize;
}

/// A future under a time limit, which calls the hooks.
pub(super) struct Timeout<F: Future, S> {
    future: Option<F>,
    output: Option<F::Output>,
    sleep: S,
    run: Run,
    polls: usize,
}

impl<F: Future, S> Timeout<F, S> {
    pub(super) fn new(future: F, sleep: S, run: &Run) -> Self {
        Self {
            future: Some(future),
            output: None,
            sleep,
            run: run.clone(),
            polls: 0,
        }
    }
}

impl<F, S> Limited for Timeout<F, S>
where
    F: Future + Unpin,
    S: Future<Output = ()> + Unpin,
{
    fn poll_value(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(future) = &mut self.future else {
            return Poll::Pending;
        };
        let poll = Pin::new(future).poll(cx);
        poll.map(|output| self.output = Some(output))
    }

    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.sleep).poll(cx)
    }

    fn drop_value(&mut self) {
        self.future = None;
    }

    fn polls(&self) -> usize {
        self.polls
    }
}

impl<F, S> Future for Timeout<F, S>
where
    F: Future<Output: Unpin> + Unpin,
    S: Future<Output = ()> + Unpin,
{
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let fault = self.run.fault();
        let poll = fault.poll_timeout(&mut *self, cx);
        self.polls += 1;
        poll.map(|elapsed| if elapsed { None } else { self.output.take() })
    }
}
