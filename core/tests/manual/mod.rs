//! A clock that the test moves by hand, and that counts what is asked of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::{Instant, Sleep, Timer};

#[derive(Clone, Debug)]
pub(crate) struct ManualTimer(Arc<State>);

#[derive(Debug)]
struct State {
    now: Mutex<Instant>,
    reads: AtomicUsize,
    sleeps: AtomicUsize,
}

impl ManualTimer {
    pub(crate) fn new() -> Self {
        Self(Arc::new(State {
            now: Mutex::new(Instant::now()),
            reads: AtomicUsize::new(0),
            sleeps: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.0.now.lock().unwrap() += by;
    }

    /// The time, without counting as a reading.
    pub(crate) fn peek(&self) -> Instant {
        *self.0.now.lock().unwrap()
    }

    /// How often the clock was read.
    pub(crate) fn reads(&self) -> usize {
        self.0.reads.load(Ordering::Relaxed)
    }

    /// How many sleeps were made.
    pub(crate) fn sleeps(&self) -> usize {
        self.0.sleeps.load(Ordering::Relaxed)
    }
}

impl Timer for ManualTimer {
    type Sleep = ManualSleep;

    fn sleep(&self, duration: Duration) -> ManualSleep {
        let deadline = self.peek().checked_add(duration);
        self.sleep_to(deadline)
    }

    fn sleep_until(&self, deadline: Instant) -> ManualSleep {
        self.sleep_to(Some(deadline))
    }

    fn now(&self) -> Instant {
        self.0.reads.fetch_add(1, Ordering::Relaxed);
        self.peek()
    }
}

impl ManualTimer {
    fn sleep_to(&self, deadline: Option<Instant>) -> ManualSleep {
        self.0.sleeps.fetch_add(1, Ordering::Relaxed);
        ManualSleep {
            timer: self.clone(),
            deadline,
            elapsed: false,
        }
    }
}

#[derive(Debug)]
pub(crate) struct ManualSleep {
    timer: ManualTimer,
    deadline: Option<Instant>,
    elapsed: bool,
}

impl Future for ManualSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.elapsed = self.deadline.is_some_and(|at| at <= self.timer.peek());
        if self.elapsed {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Sleep for ManualSleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.deadline = Some(deadline);
        self.elapsed = false;
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        self.elapsed
    }
}

/// Polls once with a waker that does nothing.
pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
