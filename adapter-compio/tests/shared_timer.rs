//! The timer that goes to other threads.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use anyrt_compio::{Local, LocalHandle};
use anyrt_core::{AnyTimer, Config, Instant, prelude::*};
use compio_runtime::Runtime;
use futures::channel::oneshot;
use futures::executor::block_on;

const HOUR: Duration = Duration::from_secs(3600);
const MS: Duration = Duration::from_millis(1);

fn launch() -> Local {
    Local::launch(Config::new()).expect("launches")
}

/// Counts itself while somebody keeps a waker of it.
struct Held;

impl Wake for Held {
    fn wake(self: Arc<Self>) {}
}

/// Remembers that it was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

#[test]
fn a_sleep_fires_on_another_thread_while_the_runtime_is_driven() {
    let rt = launch();
    let timer = AnyTimer::new(rt.handle().shared_timer());
    let (done, ended) = oneshot::channel();
    let thread = thread::spawn(move || {
        // The later one is armed first, so that the earlier one must move the alarm.
        let mut far = pin!(timer.sleep(HOUR));
        assert!(poll_once(far.as_mut(), Waker::noop()).is_pending());
        let start = Instant::now();
        block_on(timer.sleep(5 * MS));
        done.send(start.elapsed()).expect("the runtime waits");
    });
    let waited = rt.block_on(ended).expect("the thread ends");
    assert!(waited >= 5 * MS, "it was early: {waited:?}");
    thread.join().expect("no panic");
}

#[test]
fn a_reset_on_another_thread_moves_the_wake() {
    let rt = launch();
    let handle = rt.handle();
    let mut sleep = Box::pin(handle.shared_timer().sleep(HOUR));
    assert!(poll_once(sleep.as_mut(), Waker::noop()).is_pending());
    let (waiting, waits) = oneshot::channel();
    let (moved, back) = oneshot::channel();
    let thread = thread::spawn(move || {
        block_on(waits).expect("the runtime runs");
        sleep.as_mut().reset(Instant::now() + 2 * MS);
        moved.send(sleep).expect("the runtime waits");
    });
    rt.block_on(async {
        waiting.send(()).expect("the thread waits");
        back.await.expect("the thread goes on").await;
    });
    thread.join().expect("no panic");
}

#[test]
fn sleeps_that_are_due_at_once_are_woken_each() {
    let rt = launch();
    let handle = rt.handle();
    let (first, second) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
    let wakers = [&first, &second].map(|woken| Waker::from(Arc::clone(woken)));
    // Where the deadline has passed before both are armed, a later one is taken.
    let armed = loop {
        let deadline = Instant::now() + 20 * MS;
        let armed = wakers.each_ref().map(|waker| {
            let mut sleep = Box::pin(handle.shared_timer().sleep_until(deadline));
            let is_armed = poll_once(sleep.as_mut(), waker).is_pending();
            is_armed.then_some(sleep)
        });
        if armed.iter().all(Option::is_some) {
            break armed;
        }
    };
    let all = || [&first, &second].iter().all(|it| it.0.load(Relaxed));
    rt.block_on(async {
        for _ in 0..2_000 {
            if all() {
                return;
            }
            handle.sleep(MS).await;
        }
        panic!("one of two sleeps was never woken");
    });
    drop(armed);
}

#[test]
fn a_sleep_that_is_dropped_lets_go_of_its_waker() {
    let rt = launch();
    let held = Arc::new(Held);
    let waker = Waker::from(held.clone());
    let mut sleep = Box::pin(rt.handle().shared_timer().sleep(HOUR));
    assert!(poll_once(sleep.as_mut(), &waker).is_pending());
    drop(waker);
    assert!(Arc::strong_count(&held) > 1);
    drop(sleep);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn it_does_not_keep_the_runtime_and_a_sleep_panics_when_that_is_gone() {
    let rt = launch();
    let timer = rt.handle().shared_timer();
    let (armed, told) = std::sync::mpsc::channel();
    let mut sleep = timer.sleep(HOUR);
    let thread = thread::spawn(move || {
        block_on(poll_fn(|cx| {
            let polled = Pin::new(&mut sleep).poll(cx);
            // Nobody hears of the second poll.
            let _ = armed.send(());
            polled
        }));
    });
    told.recv().expect("the thread polls");
    drop(rt);
    let panic = thread.join().expect_err("nobody would wake it");
    let message = panic.downcast_ref::<&str>().expect("a message");
    assert!(
        message.contains("after the runtime was dropped"),
        "{message}"
    );
    block_on(timer.sleep(Duration::ZERO));
}

#[test]
fn a_sleep_polled_outside_of_the_programs_own_runtime_fires_inside() {
    let runtime = Runtime::new().expect("a driver starts");
    let handle = runtime.enter(LocalHandle::current);
    // One whose deadline is past at its first poll is ready, and was never armed: take another.
    let sleep = loop {
        let mut sleep = Box::pin(handle.sleep(2 * MS));
        if poll_once(sleep.as_mut(), Waker::noop()).is_pending() {
            break sleep;
        }
    };
    runtime.block_on(sleep);
    let timer = handle.shared_timer();
    let (done, ended) = oneshot::channel();
    let thread = thread::spawn(move || {
        block_on(timer.sleep(2 * MS));
        done.send(()).expect("the runtime waits");
    });
    runtime.block_on(ended).expect("the thread ends");
    thread.join().expect("no panic");
}
