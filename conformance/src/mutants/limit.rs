use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{Defect, Fault};

/// A timeout with one defect.
pub(super) struct Limit<F, S> {
    future: Option<F>,
    sleep: S,
    defect: Defect,
    polled: bool,
}

impl<F, S> Limit<F, S> {
    pub(super) fn new(future: F, sleep: S, fault: &Fault) -> Self {
        Self {
            future: Some(future),
            sleep,
            defect: fault.defect,
            polled: false,
        }
    }
}

impl<F, S> Future for Limit<F, S>
where
    F: Future + Unpin,
    S: Future<Output = ()> + Unpin,
{
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = &mut *self;
        let Some(future) = &mut this.future else {
            return Poll::Ready(None);
        };
        let looked = std::mem::replace(&mut this.polled, true);
        let mut sleep = Pin::new(&mut this.sleep);
        if this.defect == Defect::TimerFirst && sleep.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        let poll = match this.defect {
            Defect::TimeoutCatchesPanics => {
                match catch_unwind(AssertUnwindSafe(|| Pin::new(future).poll(cx))) {
                    Ok(poll) => poll,
                    Err(_) => return Poll::Ready(None),
                }
            }
            _ => Pin::new(future).poll(cx),
        };
        if let Poll::Ready(output) = poll {
            return Poll::Ready(Some(output));
        }
        if this.defect == Defect::TimeoutLooksOnce && looked {
            return Poll::Pending;
        }
        let end = sleep.poll(cx);
        if end.is_ready() && this.defect == Defect::TimeoutDropsFuture {
            this.future = None;
        }
        end.map(|()| None)
    }
}
