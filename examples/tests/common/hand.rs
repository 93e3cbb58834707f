use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::{Instant, JoinHandle, Runtime, Sleep, Spawn, SpawnBlocking, Timer};

/// The runtime `R` with a clock that stands still until the test moves it.
///
/// Under a real time limit, closures would have to begin before it is over, and on a busy machine they may not.
#[derive(Clone, Debug)]
pub struct Hand<R> {
    rt: R,
    clock: HandClock,
}

/// The clock of a [`Hand`].
#[derive(Clone, Debug)]
pub struct HandClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    now: Instant,
    waiting: Vec<(Instant, Waker)>,
}

impl<R: Runtime> Hand<R> {
    pub fn new(rt: R) -> Self {
        let now = rt.now();
        let waiting = Vec::new();
        let clock = HandClock(Arc::new(Mutex::new(State { now, waiting })));
        Self { rt, clock }
    }

    pub fn clock(&self) -> HandClock {
        self.clock.clone()
    }
}

impl HandClock {
    fn now(&self) -> Instant {
        self.0.lock().unwrap().now
    }

    pub fn advance(&self, time: Duration) {
        let mut state = self.0.lock().unwrap();
        state.now += time;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// Tells whether somebody has begun to wait for so long, or longer.
    pub fn is_waited_for(&self, time: Duration) -> bool {
        let state = self.0.lock().unwrap();
        let due = state.now + time;
        state.waiting.iter().any(|(deadline, _)| *deadline >= due)
    }
}

impl<R: Runtime> Spawn for Hand<R> {
    type Task<T: Send> = R::Task<T>;

    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.rt.spawn(future)
    }
}

impl<R: Runtime> SpawnBlocking for Hand<R> {
    type BlockingTask<T: Send> = R::BlockingTask<T>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.rt.spawn_blocking(work)
    }
}

impl<R: Runtime> Timer for Hand<R> {
    type Sleep = HandSleep;

    fn sleep(&self, duration: Duration) -> HandSleep {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> HandSleep {
        let clock = self.clock();
        HandSleep { clock, deadline }
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }
}

/// A sleep on a [`HandClock`].
#[derive(Debug)]
pub struct HandSleep {
    clock: HandClock,
    deadline: Instant,
}

impl Future for HandSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.0.lock().unwrap();
        if state.now >= self.deadline {
            return Poll::Ready(());
        }
        state.waiting.push((self.deadline, cx.waker().clone()));
        Poll::Pending
    }
}

impl Sleep for HandSleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.deadline = deadline;
    }

    fn deadline(&self) -> Option<Instant> {
        Some(self.deadline)
    }

    fn is_elapsed(&self) -> bool {
        self.clock.now() >= self.deadline
    }
}
