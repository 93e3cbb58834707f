use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use anyrt_core::{Instant, Sleep};

use super::{Dropped, Run};
use crate::kit::now;

/// What a mutant may know of a sleep.
#[derive(Debug)]
pub(in crate::mutants) struct SleepState {
    /// How long it was to last, if it was made by duration.
    pub(in crate::mutants) duration: Option<Duration>,
    /// When it is over, if it was made by duration.
    pub(in crate::mutants) due: Option<Instant>,
    /// The waker of its first poll.
    pub(in crate::mutants) first_waker: Option<Waker>,
    /// The thread of its first poll.
    pub(in crate::mutants) thread: Option<ThreadId>,
    /// How often it was polled before.
    pub(in crate::mutants) polls: usize,
    /// Whether it was ready at its last poll.
    pub(in crate::mutants) has_fired: bool,
}

impl SleepState {
    /// Lets `sleep` begin to count now, and last longer by `more`.
    pub(in crate::mutants) fn restart(&self, sleep: Pin<&mut dyn Sleep>, more: Duration) {
        let duration = self.duration.map(|it| it.saturating_add(more));
        if let Some(end) = duration.and_then(|it| now().checked_add(it)) {
            sleep.reset(end);
        }
    }
}

/// A sleep, which calls the hooks.
#[derive(Debug)]
pub(super) struct BrokenSleep<S: Sleep + Unpin> {
    inner: Option<S>,
    run: Run,
    state: SleepState,
}

impl<S: Sleep + Unpin> BrokenSleep<S> {
    pub(super) fn new(inner: S, run: &Run, duration: Option<Duration>) -> Self {
        Self {
            inner: Some(inner),
            run: run.clone(),
            state: SleepState {
                duration,
                due: duration.and_then(|it| now().checked_add(it)),
                first_waker: None,
                thread: None,
                polls: 0,
                has_fired: false,
            },
        }
    }
}

impl<S: Sleep + Unpin> Future for BrokenSleep<S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let inner = this.inner.as_mut().expect("taken only when it is dropped");
        let inner: Pin<&mut S> = Pin::new(inner);
        let state = &mut this.state;
        state.first_waker.get_or_insert_with(|| cx.waker().clone());
        state.thread.get_or_insert_with(|| thread::current().id());
        let poll = this.run.fault().poll_sleep(state, inner, cx);
        state.polls += 1;
        state.has_fired = poll.is_ready();
        poll
    }
}

impl<S: Sleep + Unpin> Sleep for BrokenSleep<S> {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        let this = &mut *self;
        let inner = this.inner.as_mut().expect("taken only when it is dropped");
        let inner: Pin<&mut S> = Pin::new(inner);
        this.run.fault().reset_sleep(inner, deadline);
    }

    fn deadline(&self) -> Option<Instant> {
        let deadline = self.inner.as_ref().and_then(Sleep::deadline);
        self.run.fault().sleep_deadline(deadline)
    }

    fn is_elapsed(&self) -> bool {
        let elapsed = self.inner.as_ref().is_some_and(Sleep::is_elapsed);
        self.run.fault().is_elapsed(&self.state, elapsed)
    }
}

impl<S: Sleep + Unpin> Drop for BrokenSleep<S> {
    fn drop(&mut self) {
        let run = self.run.clone();
        run.fault().drop_sleep(self);
    }
}

impl<S: Sleep + Unpin> Dropped for BrokenSleep<S> {
    fn drop_now(&mut self) {
        self.inner = None;
    }

    fn forget(&mut self) {
        std::mem::forget(self.inner.take());
    }
}
