//! The semaphore and its queue.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use anyrt_models::{Semaphore, explore};
use shuttle::future::block_on;
use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::thread;

#[test]
fn permits_reach_everybody_and_come_back() {
    explore(|| {
        let (semaphore, inside) = (Semaphore::new(2), Arc::new(AtomicUsize::new(0)));
        let threads: Vec<_> = [1, 2, 1]
            .into_iter()
            .map(|permits| {
                let (semaphore, inside) = (semaphore.clone(), inside.clone());
                thread::spawn(move || {
                    let permit = block_on(semaphore.acquire_many(permits));
                    let now = inside.fetch_add(permits, Ordering::SeqCst) + permits;
                    assert!(now <= 2, "{now} permits are out");
                    thread::yield_now();
                    inside.fetch_sub(permits, Ordering::SeqCst);
                    drop(permit);
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("no panic");
        }
        assert_eq!(semaphore.available_permits(), 2, "permits that came back");
    });
}

#[test]
fn a_wait_that_is_given_up_passes_its_permit_on() {
    explore(|| {
        let semaphore = Semaphore::new(1);
        let held = semaphore.try_acquire().expect("it is free");
        let gives_up = {
            let semaphore = semaphore.clone();
            thread::spawn(move || {
                let mut wait = pin!(semaphore.acquire());
                let poll = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                thread::yield_now();
                // A permit that it got goes back here.
                drop(poll);
            })
        };
        let waits = {
            let semaphore = semaphore.clone();
            thread::spawn(move || drop(block_on(semaphore.acquire())))
        };
        let releases = thread::spawn(move || drop(held));
        for thread in [gives_up, waits, releases] {
            thread.join().expect("no panic");
        }
        assert_eq!(semaphore.available_permits(), 1, "permits that came back");
    });
}

#[test]
fn a_close_sends_everybody_away() {
    explore(|| {
        let semaphore = Semaphore::new(0);
        let waits: Vec<_> = (0..2)
            .map(|_| {
                let semaphore = semaphore.clone();
                thread::spawn(move || block_on(semaphore.acquire().or_closed()).is_err())
            })
            .collect();
        let closes = semaphore.clone();
        let closer = thread::spawn(move || closes.close());
        for wait in waits {
            assert!(wait.join().expect("no panic"), "a permit that is none");
        }
        closer.join().expect("no panic");
    });
}
