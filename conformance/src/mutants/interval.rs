use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::Instant;

use super::{Defect, Fault};
use crate::Tick;

/// An interval with one defect.
pub(super) struct BrokenInterval<T: ?Sized> {
    inner: Pin<Box<T>>,
    defect: Defect,
}

impl<T: Tick + ?Sized> BrokenInterval<T> {
    pub(super) fn new(inner: Pin<Box<T>>, fault: &Fault) -> Self {
        Self {
            inner,
            defect: fault.defect,
        }
    }
}

impl<T: Tick + ?Sized> Tick for BrokenInterval<T> {
    fn poll_tick(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        let tick = self.inner.as_mut().poll_tick(cx);
        if tick.is_ready() && self.defect == Defect::IntervalDrifts {
            self.inner.as_mut().reset();
        }
        tick
    }

    fn reset(mut self: Pin<&mut Self>) {
        if self.defect != Defect::ResetIgnored {
            self.inner.as_mut().reset();
        }
    }

    fn reset_at(mut self: Pin<&mut Self>, deadline: Instant) {
        if self.defect != Defect::ResetIgnored {
            self.inner.as_mut().reset_at(deadline);
        }
    }
}
