//! openraft: its own suite for what it asks of a runtime.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{Current, Elapsed, Instant, JoinError, JoinHandle, Spawn, Timeout, Timer};
use openraft_rt::testing::Suite;
use openraft_rt::{AsyncRuntime, OptionalSend};
use openraft_rt_tokio::{TokioMpsc, TokioMutex, TokioOneshot, TokioWatch};

/// A runtime as openraft starts it: many times, and found by static calls.
pub(crate) trait Host: Debug + 'static {
    type Handle: Runtime + Current;

    fn launch(threads: usize) -> Self;
    fn block_on<F: Future>(&self, future: F) -> F::Output;
}

/// Runs openraft's suite, which starts and drops several runtimes.
pub(crate) fn suite<H: Host>() {
    Suite::<Openraft<H>>::test_all();
}

#[derive(Debug)]
struct Openraft<H>(H);

impl<H: Host> AsyncRuntime for Openraft<H> {
    type JoinError = JoinError;
    type JoinHandle<T: OptionalSend + 'static> = JoinHandle<<H::Handle as Spawn>::Task<T>>;
    type Sleep = <H::Handle as Timer>::Sleep;
    type Instant = Instant;
    type TimeoutError = Elapsed;
    type Timeout<R, T: Future<Output = R> + OptionalSend> = Timeout<T, H::Handle>;
    type ThreadLocalRng = rand::rngs::ThreadRng;
    // Channels that need no runtime.
    type Mpsc = TokioMpsc;
    type Watch = TokioWatch;
    type Oneshot = TokioOneshot;
    type Mutex<T: OptionalSend + 'static> = TokioMutex<T>;

    fn spawn<T>(future: T) -> Self::JoinHandle<T::Output>
    where
        T: Future + OptionalSend + 'static,
        T::Output: OptionalSend + 'static,
    {
        H::Handle::current().spawn(future)
    }

    fn sleep(duration: Duration) -> Self::Sleep {
        H::Handle::current().sleep(duration)
    }

    fn sleep_until(deadline: Instant) -> Self::Sleep {
        H::Handle::current().sleep_until(deadline)
    }

    fn timeout<R, F>(duration: Duration, future: F) -> Self::Timeout<R, F>
    where
        F: Future<Output = R> + OptionalSend,
    {
        H::Handle::current().timeout(duration, future)
    }

    fn timeout_at<R, F>(deadline: Instant, future: F) -> Self::Timeout<R, F>
    where
        F: Future<Output = R> + OptionalSend,
    {
        H::Handle::current().timeout_at(deadline, future)
    }

    fn is_panic(error: &JoinError) -> bool {
        error.is_panic()
    }

    fn thread_rng() -> Self::ThreadLocalRng {
        rand::rng()
    }

    fn new(threads: usize) -> Self {
        Self(H::launch(threads))
    }

    fn block_on<F, T>(&mut self, future: F) -> T
    where
        F: Future<Output = T>,
    {
        self.0.block_on(future)
    }
}
