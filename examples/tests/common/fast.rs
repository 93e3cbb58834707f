use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{Instant, JoinHandle, Runtime, Sleep, Spawn, SpawnBlocking, Timer};
use pin_project_lite::pin_project;

/// The runtime `R` with a clock that runs a thousand times faster.
///
/// A library that takes the time from anywhere else does not work on it.
#[derive(Clone, Debug)]
pub struct Fast<R> {
    rt: R,
    clock: Clock,
}

#[derive(Clone, Copy, Debug)]
struct Clock {
    start: Instant,
}

const SPEED: u32 = 1000;

impl<R: Runtime> Fast<R> {
    pub fn new(rt: R) -> Self {
        let clock = Clock { start: rt.now() };
        Self { rt, clock }
    }
}

impl Clock {
    fn fast(self, slow: Instant) -> Instant {
        self.start + (slow - self.start) * SPEED
    }

    fn slow(self, fast: Instant) -> Instant {
        self.start + never_early((fast - self.start) / SPEED)
    }
}

/// Makes up for what the division cut off.
fn never_early(duration: Duration) -> Duration {
    duration.saturating_add(Duration::from_nanos(1))
}

impl<R: Runtime> Spawn for Fast<R> {
    type Task<T: Send> = R::Task<T>;

    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.rt.spawn(future)
    }
}

impl<R: Runtime> SpawnBlocking for Fast<R> {
    type BlockingTask<T: Send> = R::BlockingTask<T>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.rt.spawn_blocking(work)
    }
}

impl<R: Runtime> Timer for Fast<R> {
    type Sleep = FastSleep<R::Sleep>;

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        FastSleep {
            sleep: self.rt.sleep(never_early(duration / SPEED)),
            clock: self.clock,
        }
    }

    fn sleep_until(&self, deadline: Instant) -> Self::Sleep {
        FastSleep {
            sleep: self.rt.sleep_until(self.clock.slow(deadline)),
            clock: self.clock,
        }
    }

    fn now(&self) -> Instant {
        self.clock.fast(self.rt.now())
    }
}

pin_project! {
    #[derive(Debug)]
    pub struct FastSleep<S> {
        #[pin]
        sleep: S,
        clock: Clock,
    }
}

impl<S: Sleep> Future for FastSleep<S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().sleep.poll(cx)
    }
}

impl<S: Sleep> Sleep for FastSleep<S> {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        this.sleep.reset(this.clock.slow(deadline));
    }

    fn deadline(&self) -> Option<Instant> {
        let slow = self.sleep.deadline()?;
        Some(self.clock.fast(slow))
    }

    fn is_elapsed(&self) -> bool {
        self.sleep.is_elapsed()
    }
}
