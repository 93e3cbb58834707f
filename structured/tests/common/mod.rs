//! What the tests share: every test runs on every runtime.
#![allow(dead_code, reason = "each test program uses a part of this")]
#![allow(
    unused_macros,
    unused_imports,
    reason = "each test program uses a part of this"
)]
#![allow(unreachable_pub, reason = "each test program is a crate of its own")]

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use anyrt_conformance_engine::kit::Patience;
use anyrt_core::{Instant, Sleep, Timer};
use anyrt_structured::CancellationToken;

/// Makes a module for each runtime, and for the simulation, with the tests that are named.
macro_rules! on_every_runtime {
    ($($test:ident),+ $(,)?) => {
        $crate::common::on_every_real_runtime! { $($test),+ }
        $crate::common::suite! { sim [$($test)+] {
            let owned = anyrt_sim::Owned::launch(anyrt_core::Config::new()).unwrap();
            (owned.handle(), owned)
        }}
    };
}

/// Makes a module for each runtime whose time passes by itself, with the tests that are named.
macro_rules! on_every_real_runtime {
    ($($test:ident),+ $(,)?) => {
        $crate::common::suite! { tokio_multi_thread [$($test)+] {
            let owned = anyrt_tokio::Owned::launch(anyrt_core::Config::new().worker_threads(2)).unwrap();
            (owned.handle(), owned)
        }}
        $crate::common::suite! { tokio_current_thread [$($test)+] {
            let owned = anyrt_tokio::Owned::launch(anyrt_core::Config::new().flavor(anyrt_core::Flavor::CurrentThread)).unwrap();
            (owned.handle(), owned)
        }}
        $crate::common::suite! { smol [$($test)+] {
            (anyrt_smol::Smol::global(), anyrt_smol::Smol::global())
        }}
        $crate::common::suite! { smol_owned [$($test)+] {
            let owned = anyrt_smol::Owned::launch(anyrt_core::Config::new().worker_threads(2)).unwrap();
            (owned.handle(), owned)
        }}
        $crate::common::suite! { async_std [$($test)+] {
            (anyrt_async_std::AsyncStd::global(), anyrt_async_std::AsyncStd::global())
        }}
    };
}

/// Makes a module for each local runtime, with the tests that are named.
macro_rules! on_every_local_runtime {
    ($($test:ident),+ $(,)?) => {
        $crate::common::suite! { tokio_local [$($test)+] {
            let owned = anyrt_tokio::Local::launch(anyrt_core::Config::new()).unwrap();
            (owned.handle(), owned)
        }}
        $crate::common::suite! { smol_local [$($test)+] {
            let owned = anyrt_smol::Local::launch(anyrt_core::Config::new()).unwrap();
            (owned.handle(), owned)
        }}
        $crate::common::suite! { async_std_local [$($test)+] {
            let owned = anyrt_async_std::Local::launch(anyrt_core::Config::new()).unwrap();
            (owned.handle(), owned)
        }}
    };
}

macro_rules! suite {
    ($runtime:ident [$($test:ident)+] $launch:block) => {
        mod $runtime {
            use anyrt_core::prelude::*;

            $(
                #[test]
                fn $test() {
                    $crate::common::watched(|| {
                        let (handle, runtime) = $launch;
                        runtime.block_on(super::$test(handle));
                    });
                }
            )+
        }
    };
}

pub(crate) use {on_every_local_runtime, on_every_real_runtime, on_every_runtime, suite};

/// Runs `test` and fails when it has not ended after a minute in which it had the processors.
pub fn watched(test: impl FnOnce() + Send + 'static) {
    let (done, end) = channel::<()>();
    let thread = thread::spawn(move || {
        // Dropped at the end, also by a panic.
        let _done = done;
        test();
    });
    let patience = Patience::new(Duration::from_secs(60));
    while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(patience.until_the_next_look()) {
        assert!(!patience.is_over(), "the test hangs");
    }
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

/// Counts down as it is dropped, and opens at zero.
#[derive(Clone)]
pub struct Latch {
    left: Arc<AtomicUsize>,
    open: CancellationToken,
}

impl Latch {
    pub fn new(count: usize) -> Self {
        Self {
            left: Arc::new(AtomicUsize::new(count)),
            open: CancellationToken::new(),
        }
    }

    pub fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    pub fn down(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.open.cancel();
        }
    }

    /// Counts down when it is dropped.
    pub fn guard(&self) -> LatchGuard {
        LatchGuard(self.clone())
    }

    pub async fn opened(&self) {
        self.open.cancelled().await;
    }
}

pub struct LatchGuard(Latch);

impl Drop for LatchGuard {
    fn drop(&mut self) {
        self.0.down();
    }
}

/// A waker that counts.
#[derive(Default)]
pub struct Wakes(pub AtomicUsize);

impl Wakes {
    pub fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Self::default());
        (wakes.clone(), wakes.into())
    }

    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls once with a waker that does nothing.
pub fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_with(future, Waker::noop())
}

pub fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Drives a future on a plain thread, without any runtime.
pub fn park_on<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

/// A clock that stands still until the test moves it: what a grace leaves to the scheduler, a busy machine may not finish in time.
#[derive(Clone, Debug)]
pub struct HandClock(Arc<Mutex<Hand>>);

#[derive(Debug)]
struct Hand {
    now: Instant,
    sleepers: Vec<Waker>,
}

impl HandClock {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Hand {
            now: Instant::now(),
            sleepers: Vec::new(),
        })))
    }

    pub fn advance(&self, time: Duration) {
        let mut hand = self.0.lock().unwrap();
        hand.now += time;
        let sleepers = std::mem::take(&mut hand.sleepers);
        drop(hand);
        sleepers.into_iter().for_each(Waker::wake);
    }
}

impl Timer for HandClock {
    type Sleep = HandSleep;

    fn sleep(&self, duration: Duration) -> HandSleep {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> HandSleep {
        let clock = self.clone();
        HandSleep { clock, deadline }
    }

    fn now(&self) -> Instant {
        self.0.lock().unwrap().now
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
        let mut hand = self.clock.0.lock().unwrap();
        if hand.now >= self.deadline {
            return Poll::Ready(());
        }
        hand.sleepers.push(cx.waker().clone());
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
