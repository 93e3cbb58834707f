use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::CompletionWrite;

/// Shuts the write side down; made by [`CompletionWrite::half_close`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct HalfClose<'a, S>(&'a mut S);

impl<'a, S> HalfClose<'a, S> {
    #[inline]
    pub(super) fn new(stream: &'a mut S) -> Self {
        Self(stream)
    }
}

impl<S: CompletionWrite> Future for HalfClose<'_, S> {
    type Output = io::Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().0.poll_half_close(cx)
    }
}
