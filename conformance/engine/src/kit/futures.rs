use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Count;

/// Polls `future` once, with the waker of the task that awaits this.
pub async fn poll_once<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut future).poll(cx))).await
}

pin_project! {
    /// A future that keeps a value until it is dropped itself.
    ///
    /// An `async` block drops what it captured when it returns or unwinds, so it shows nothing about when the runtime drops a
    /// future. This one does.
    #[derive(Debug)]
    pub struct Holding<T, F> {
        held: T,
        #[pin]
        future: F,
    }
}

impl<T, F> Holding<T, F> {
    /// Keeps `held` as long as the future.
    pub fn new(held: T, future: F) -> Self {
        Self { held, future }
    }
}

impl<T, F: Future> Future for Holding<T, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

/// A future whose polls are counted.
pub fn counted<F: Future>(polls: &Count, future: F) -> impl Future<Output = F::Output> + use<F> {
    let polls = polls.clone();
    let mut future = Box::pin(future);
    poll_fn(move |cx| {
        polls.add();
        future.as_mut().poll(cx)
    })
}
