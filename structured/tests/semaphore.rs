//! `Semaphore` and `for_each_concurrent`.

mod common;

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake};
use std::thread;

use anyrt_core::{prelude::*, yield_now};
use anyrt_structured::{Either, Semaphore, TaskGroup, for_each_concurrent, select};

use self::common::{Latch, Wakes, on_every_runtime, park_on, poll, poll_with, watched};

on_every_runtime! {
    never_exceeds_its_permits,
    abort_storm_loses_no_permit,
    for_each_keeps_its_limit,
    for_each_stops_at_the_first_panic,
    for_each_asks_for_items_when_there_is_room,
    dropping_for_each_aborts,
}

async fn never_exceeds_its_permits<R: Runtime>(rt: R) {
    let (semaphore, out) = (Semaphore::new(3), Arc::new(AtomicUsize::new(0)));
    let mut group = TaskGroup::new(rt);
    for n in 0..300 {
        let (semaphore, out) = (semaphore.clone(), out.clone());
        group.spawn(async move {
            let permit = semaphore.acquire().await;
            assert!(out.fetch_add(1, Ordering::SeqCst) < 3);
            for _ in 0..n % 4 {
                yield_now().await;
            }
            out.fetch_sub(1, Ordering::SeqCst);
            drop(permit);
        });
    }
    for output in group.join_all().await {
        output.unwrap();
    }
    assert_eq!(semaphore.available_permits(), 3);
}

async fn abort_storm_loses_no_permit<R: Runtime>(rt: R) {
    let semaphore = Semaphore::new(2);
    for round in 0..20 {
        let mut group = TaskGroup::new(&rt);
        let ids: Vec<_> = (0..50)
            .map(|_| {
                let semaphore = semaphore.clone();
                group.spawn(async move {
                    let _permit = semaphore.acquire().await;
                    yield_now().await;
                })
            })
            .collect();
        for _ in 0..round {
            yield_now().await;
        }
        for id in ids.into_iter().step_by(2) {
            group.abort(id);
        }
        while group.join_next().await.is_some() {}
        assert_eq!(semaphore.available_permits(), 2);
    }
}

async fn for_each_keeps_its_limit<R: Runtime>(rt: R) {
    let (running, called) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let all = for_each_concurrent(&rt, 4, 0..200, |n| {
        let (running, called) = (running.clone(), called.clone());
        async move {
            assert!(running.fetch_add(1, Ordering::SeqCst) < 4);
            for _ in 0..n % 3 {
                yield_now().await;
            }
            called.fetch_add(1, Ordering::SeqCst);
            running.fetch_sub(1, Ordering::SeqCst);
        }
    });
    all.await.unwrap();
    assert_eq!(called.load(Ordering::SeqCst), 200);
}

async fn for_each_stops_at_the_first_panic<R: Runtime>(rt: R) {
    let (latch, asked) = (Latch::new(5), Arc::new(AtomicUsize::new(0)));
    let items = (0..1000).inspect(|_| {
        asked.fetch_add(1, Ordering::SeqCst);
    });
    let result = for_each_concurrent(&rt, 5, items, |n| {
        let guard = latch.guard();
        async move {
            let _guard = guard;
            if n == 4 {
                panic!("boom");
            }
            pending::<()>().await;
        }
    });
    let payload = result.await.unwrap_err().into_panic();
    assert_eq!(payload.downcast_ref(), Some(&"boom"));
    assert_eq!((latch.left(), asked.load(Ordering::SeqCst)), (0, 5));
}

async fn for_each_asks_for_items_when_there_is_room<R: Runtime>(rt: R) {
    let (asked, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, seen) = (asked.clone(), ended.clone());
    let items = std::iter::from_fn(move || {
        let n = count.fetch_add(1, Ordering::SeqCst);
        assert!(n <= seen.load(Ordering::SeqCst) + 2);
        (n < 50).then_some(n)
    });
    for_each_concurrent(&rt, 2, items, |_| {
        let ended = ended.clone();
        async move {
            yield_now().await;
            ended.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await
    .unwrap();
    assert_eq!(
        (asked.load(Ordering::SeqCst), ended.load(Ordering::SeqCst)),
        (51, 50)
    );
}

async fn dropping_for_each_aborts<R: Runtime>(rt: R) {
    let latch = Latch::new(3);
    let all = for_each_concurrent(&rt, 3, 0..100, |_| {
        let guard = latch.guard();
        async move {
            let _guard = guard;
            pending::<()>().await;
        }
    });
    assert!(matches!(select(all, yield_now()).await, Either::Right(())));
    latch.opened().await;
}

#[test]
#[should_panic = "needs a limit above zero"]
fn a_limit_of_zero_panics() {
    drop(for_each_concurrent(
        &anyrt_async_std::AsyncStd::global(),
        0,
        0..1,
        |_| async {},
    ));
}

#[test]
fn is_fair() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire().unwrap();
    let (wakes, waker) = Wakes::new();
    let mut first = semaphore.acquire();
    let mut second = semaphore.acquire();
    let mut third = semaphore.acquire();
    for waiting in [&mut second, &mut first, &mut third] {
        assert!(poll_with(waiting, &waker).is_pending());
    }
    drop(held);
    assert_eq!(wakes.count(), 1, "one is woken, not all");
    // Whoever comes now does not overtake the one that was woken.
    assert!(semaphore.try_acquire().is_none());
    assert!(poll(&mut semaphore.acquire()).is_pending());
    assert!(poll(&mut first).is_pending() && poll(&mut third).is_pending());
    let Poll::Ready(permit) = poll(&mut second) else {
        panic!("the longest waiter has it")
    };
    drop(permit);
    let Poll::Ready(permit) = poll(&mut first) else {
        panic!("then the next")
    };
    drop(permit);
    assert!(poll(&mut third).is_ready());
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn dropped_waiters_pass_it_on() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire().unwrap();
    let mut waiting: Vec<_> = (0..100).map(|_| semaphore.acquire()).collect();
    for waiting in &mut waiting {
        assert!(poll(waiting).is_pending());
    }
    let mut last = waiting.pop().unwrap();
    drop(waiting.drain(50..));
    drop(held);
    // The first of them was promised the permit, and each passes it on.
    drop(waiting);
    assert!(poll(&mut last).is_ready());
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn added_permits_wake_as_many() {
    let semaphore = Semaphore::new(0);
    let (wakes, waker) = Wakes::new();
    let mut waiting: Vec<_> = (0..5).map(|_| semaphore.acquire()).collect();
    for waiting in &mut waiting {
        assert!(poll_with(waiting, &waker).is_pending());
    }
    semaphore.add_permits(3);
    assert_eq!((wakes.count(), semaphore.available_permits()), (3, 0));
    drop(waiting);
    assert_eq!(semaphore.available_permits(), 3);
    assert_eq!(Arc::strong_count(&wakes), 2);
}

#[test]
fn wakes_outside_the_lock() {
    struct Meddler(
        Semaphore,
        AtomicBool,
        Mutex<Option<anyrt_structured::Acquire>>,
    );

    impl Wake for Meddler {
        fn wake(self: Arc<Self>) {
            assert!(self.0.try_acquire().is_none());
            let waiting = self.2.lock().unwrap().take();
            drop(waiting);
            assert!(self.0.try_acquire().is_some());
            self.1.store(true, Ordering::SeqCst);
        }
    }

    watched(|| {
        let semaphore = Semaphore::new(1);
        let held = semaphore.try_acquire();
        let meddler = Arc::new(Meddler(
            semaphore.clone(),
            AtomicBool::new(false),
            Mutex::default(),
        ));
        let mut waiting = semaphore.acquire();
        assert!(poll_with(&mut waiting, &meddler.clone().into()).is_pending());
        *meddler.2.lock().unwrap() = Some(waiting);
        drop(held);
        assert!(meddler.1.load(Ordering::SeqCst));
    });
}

#[test]
fn no_permit_is_lost_among_threads() {
    watched(|| {
        let semaphore = Semaphore::new(2);
        let out = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let (semaphore, out) = (semaphore.clone(), out.clone());
                thread::spawn(move || {
                    for round in 0..2000 {
                        if (n + round) % 3 == 0 {
                            // Comes, and goes again.
                            let _ = poll(&mut semaphore.acquire());
                        }
                        let permit = park_on(semaphore.acquire());
                        assert!(out.fetch_add(1, Ordering::SeqCst) < 2);
                        out.fetch_sub(1, Ordering::SeqCst);
                        drop(permit);
                    }
                })
            })
            .collect();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 2);
    });
}

#[test]
fn adding_any_number_takes_no_time() {
    watched(|| {
        let semaphore = Semaphore::new(0);
        let mut waiting: Vec<_> = (0..3).map(|_| semaphore.acquire()).collect();
        assert!(waiting.iter_mut().all(|waiter| poll(waiter).is_pending()));
        semaphore.add_permits(Semaphore::MAX_PERMITS - 1);
        assert_eq!(
            semaphore.available_permits(),
            Semaphore::MAX_PERMITS - 1 - 3
        );
        for waiter in &mut waiting {
            assert!(poll(waiter).is_ready());
        }
        semaphore.add_permits(1);
        assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
        for too_many in [1, usize::MAX] {
            let added = std::panic::catch_unwind(|| semaphore.add_permits(too_many));
            assert!(added.is_err(), "{too_many}");
        }
        assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
        // Permits that are out count.
        let permit = semaphore.try_acquire_many(10);
        assert!(std::panic::catch_unwind(|| semaphore.add_permits(1)).is_err());
        drop(permit);
        assert!(std::panic::catch_unwind(|| Semaphore::new(Semaphore::MAX_PERMITS + 1)).is_err());
    });
}

#[test]
fn who_waits_for_many_is_not_overtaken() {
    watched(|| {
        let semaphore = Semaphore::new(2);
        let (mut many, mut one) = (semaphore.acquire_many(3), semaphore.acquire());
        assert!(poll(&mut many).is_pending() && poll(&mut one).is_pending());
        assert!(semaphore.try_acquire().is_none());
        semaphore.add_permits(1);
        assert!(poll(&mut one).is_pending(), "the permits are for the first");
        let Poll::Ready(permit) = poll(&mut many) else {
            panic!("three permits are there")
        };
        assert_eq!(permit.permits(), 3);
        drop(permit);
        assert!(poll(&mut one).is_ready());
        assert_eq!(semaphore.available_permits(), 3);
    });
}

#[test]
fn who_waits_for_many_and_leaves_lets_the_next_have_them() {
    watched(|| {
        let semaphore = Semaphore::new(1);
        let (wakes, waker) = Wakes::new();
        let (mut many, mut one) = (semaphore.acquire_many(3), semaphore.acquire());
        assert!(poll(&mut many).is_pending());
        assert!(poll_with(&mut one, &waker).is_pending());
        drop(many);
        assert_eq!(wakes.count(), 1);
        assert!(poll(&mut one).is_ready());
        assert_eq!(semaphore.available_permits(), 1);

        // Promised all of them, and gone.
        let mut many = semaphore.acquire_many(3);
        assert!(poll(&mut many).is_pending());
        semaphore.add_permits(2);
        drop(many);
        assert_eq!(semaphore.available_permits(), 3);
    });
}

#[test]
fn a_closed_semaphore_sends_everybody_away() {
    watched(|| {
        let semaphore = Semaphore::new(1);
        let held = semaphore.try_acquire().unwrap();
        assert!(!semaphore.is_closed());
        let (wakes, waker) = Wakes::new();
        let mut promised = semaphore.acquire().or_closed();
        let mut waiting = semaphore.acquire().or_closed();
        let mut dropped = semaphore.acquire();
        assert!(poll(&mut promised).is_pending());
        assert!(poll_with(&mut waiting, &waker).is_pending());
        assert!(poll(&mut dropped).is_pending());
        drop(held);
        semaphore.close();
        assert!(semaphore.is_closed());
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll(&mut waiting), Poll::Ready(Err(_))));
        let Poll::Ready(Ok(permit)) = poll(&mut promised) else {
            panic!("a promise is kept")
        };
        drop(dropped);
        drop(permit);
        assert_eq!(semaphore.available_permits(), 1);
        assert!(semaphore.try_acquire().is_none());
        assert!(matches!(
            poll(&mut semaphore.acquire().or_closed()),
            Poll::Ready(Err(_))
        ));
        let mut plain = semaphore.acquire();
        let polled = std::panic::AssertUnwindSafe(|| poll(&mut plain).is_ready());
        assert!(std::panic::catch_unwind(polled).is_err());
    });
}

#[test]
fn forgotten_permits_are_gone() {
    let semaphore = Semaphore::new(4);
    semaphore.try_acquire_many(2).unwrap().forget();
    assert_eq!(semaphore.available_permits(), 2);
    assert_eq!(semaphore.forget(3), 2);
    assert_eq!(semaphore.available_permits(), 0);
    semaphore.add_permits(Semaphore::MAX_PERMITS);
    assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
    semaphore.try_acquire().unwrap().forget();
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
}
