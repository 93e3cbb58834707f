use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use anyrt_core::{Instant, Sleep};

use super::{Defect, Fault};

const HOUR: Duration = Duration::from_secs(3600);

/// A sleep with one defect.
#[derive(Debug)]
pub(super) struct BrokenSleep<S> {
    inner: Option<S>,
    defect: Defect,
    duration: Option<Duration>,
    due: Option<Instant>,
    waker: Option<Waker>,
    thread: Option<ThreadId>,
    polled: bool,
    fired: bool,
}

impl<S> BrokenSleep<S> {
    pub(super) fn new(inner: S, fault: &Fault, duration: Option<Duration>) -> Self {
        Self {
            inner: Some(inner),
            defect: fault.defect,
            duration,
            due: duration.and_then(|it| Instant::now().checked_add(it)),
            waker: None,
            thread: None,
            polled: false,
            fired: false,
        }
    }

    fn inner(&mut self) -> &mut S {
        self.inner.as_mut().expect("taken only when it is dropped")
    }
}

impl<S: Sleep + Unpin> BrokenSleep<S> {
    /// Lets it begin to count now, and last longer by `more`.
    fn restart(&mut self, more: Duration) {
        let duration = self.duration.map(|it| it.saturating_add(more));
        let end = duration.and_then(|it| Instant::now().checked_add(it));
        if let Some(end) = end {
            Pin::new(self.inner()).reset(end);
        }
    }
}

impl<S: Sleep + Unpin> Future for BrokenSleep<S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let first = !std::mem::replace(&mut self.polled, true);
        let mut waker = cx.waker().clone();
        match self.defect {
            Defect::SleepPendsFirst if first => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Defect::SleepCountsFromPoll if first => {
                self.restart(Duration::ZERO);
            }
            Defect::SleepKeepsFirstWaker => waker = self.waker.get_or_insert(waker).clone(),
            Defect::SleepBoundToThread => {
                let here = thread::current().id();
                let bound = *self.thread.get_or_insert(here);
                assert_eq!(bound, here, "the timer of another thread");
            }
            Defect::SleepFiresOnce if self.fired => return Poll::Pending,
            _ => {}
        }
        let poll = Pin::new(self.inner()).poll(&mut Context::from_waker(&waker));
        self.fired = poll.is_ready();
        if poll.is_pending() && !first && self.defect == Defect::SleepPutOff {
            self.restart(HOUR);
        }
        poll
    }
}

impl<S: Sleep + Unpin> Sleep for BrokenSleep<S> {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        if self.defect != Defect::ResetIgnored {
            Pin::new(self.inner()).reset(deadline);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.inner.as_ref().and_then(Sleep::deadline)
    }

    fn is_elapsed(&self) -> bool {
        let seen = self.inner.as_ref().is_some_and(Sleep::is_elapsed);
        match self.defect {
            Defect::ElapsedForgetsZero => seen && self.duration != Some(Duration::ZERO),
            Defect::ElapsedReadsTheClock => seen || self.due.is_some_and(|it| it <= Instant::now()),
            _ => seen,
        }
    }
}

impl<S> Drop for BrokenSleep<S> {
    fn drop(&mut self) {
        if self.defect == Defect::DroppedSleepsStay {
            std::mem::forget(self.inner.take());
        }
    }
}
