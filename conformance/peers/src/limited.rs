use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A layer's timeout with an `Option` for a `Result`, which drops it no sooner than its owner does.
pub(crate) struct Limited<F>(pub(crate) Pin<Box<F>>);

impl<F: Future<Output = Result<T, E>>, T, E> Future for Limited<F> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.as_mut().poll(cx).map(Result::ok)
    }
}
