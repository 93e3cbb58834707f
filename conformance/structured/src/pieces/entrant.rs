use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future that competes with others; if told to, in a wrong way.
pub(crate) struct Entrant<F> {
    /// `None` only while it is dropped.
    future: Option<Pin<Box<F>>>,
    /// It is never dropped.
    stays: bool,
    /// Its first poll is spent for nothing.
    hesitates: bool,
}

impl<F> Entrant<F> {
    pub(super) fn new(future: F) -> Self {
        Self {
            future: Some(Box::pin(future)),
            stays: false,
            hesitates: false,
        }
    }

    pub(super) fn stays(mut self, stays: bool) -> Self {
        self.stays = stays;
        self
    }

    pub(super) fn hesitates(mut self, hesitates: bool) -> Self {
        self.hesitates = hesitates;
        self
    }
}

impl<F: Future> Future for Entrant<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if std::mem::take(&mut self.hesitates) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let future = self.future.as_mut();
        future
            .expect("taken only when it is dropped")
            .as_mut()
            .poll(cx)
    }
}

impl<F> Drop for Entrant<F> {
    fn drop(&mut self) {
        if self.stays {
            std::mem::forget(self.future.take());
        }
    }
}
