use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::Instant;

use super::Run;
use crate::Tick;

/// An interval, which calls the hooks.
pub(super) struct Interval<T> {
    pub(super) inner: T,
    pub(super) run: Run,
}

impl<T: Tick + Unpin> Tick for Interval<T> {
    fn poll_tick(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        let this = &mut *self;
        let inner: Pin<&mut T> = Pin::new(&mut this.inner);
        this.run.fault().poll_tick(inner, cx)
    }

    fn reset(mut self: Pin<&mut Self>) {
        let this = &mut *self;
        let inner: Pin<&mut T> = Pin::new(&mut this.inner);
        this.run.fault().reset_interval(inner, None);
    }

    fn reset_at(mut self: Pin<&mut Self>, deadline: Instant) {
        let this = &mut *self;
        let inner: Pin<&mut T> = Pin::new(&mut this.inner);
        this.run.fault().reset_interval(inner, Some(deadline));
    }
}
