//! Semaphores.

use std::cell::Cell;
use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use anyrt_core::yield_now;

use crate::kit::{
    Count, Gate, Holding, WakeCount, duel, once_cloned, poll_once, scaled, yield_until,
};
use crate::pieces::OnRuntime as _;
use crate::pieces::Semaphore;
use anyrt_conformance_engine::rules;

/// A waker that uses the semaphore when it is woken.
struct Uses {
    semaphore: Semaphore,
    used: Count,
}

impl Wake for Uses {
    fn wake(self: Arc<Self>) {
        let mut acquire = self.semaphore.acquire();
        let _: Poll<_> = WakeCount::new().with(|cx| Pin::new(&mut acquire).poll(cx));
        drop((
            self.semaphore.try_acquire(),
            self.semaphore.available_permits(),
        ));
        self.used.add();
    }
}

/// Counts who holds a permit.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<(usize, usize)>>);

impl Held {
    fn enter(&self) {
        let mut held = self.0.lock().expect("no panic");
        held.0 += 1;
        held.1 = held.1.max(held.0);
    }

    fn leave(&self) {
        self.0.lock().expect("no panic").0 -= 1;
    }

    /// How many held one at once.
    fn most(&self) -> usize {
        self.0.lock().expect("no panic").1
    }
}

rules! { semaphore

/// A semaphore never hands out more permits than it was made with.
///
/// Intent: it stands for the number of connections that a peer allows.
///
/// If this fails, check what `Semaphore` counts when a permit goes straight to a waiter.
Must fn never_exceeds_its_permits(rt: Any) {
    let semaphore = rt.structured().semaphore(3);
    let held = Held::default();
    let tasks: Vec<_> = (0..scaled(60).max(12)).map(|_| {
        let (semaphore, held) = (semaphore.clone(), held.clone());
        rt.spawn(async move {
            let permit = semaphore.acquire().await;
            held.enter();
            for _ in 0..5 {
                yield_now().await;
            }
            held.leave();
            drop(permit);
        })
    }).collect();
    rt.block_on(async {
        for task in tasks {
            task.await.expect("the task ends");
        }
    });
    assert!(held.most() <= 3, "{} tasks held one of 3 permits at once", held.most());
    let permits: Vec<_> = (0..10).map_while(|_| semaphore.try_acquire()).collect();
    assert_eq!(permits.len(), 3, "permits to be had in the end, of 3");
}

/// Permits go to those who wait in the order of their first polls, and `try_acquire` does not overtake them.
///
/// Intent: under load the last to come must not be the first to be served: the first would wait for ever.
///
/// If this fails, check that a permit that is given back goes to the longest waiter, and to nobody else.
Must fn is_fair(rt: Any) {
    let semaphore = rt.structured().semaphore(1);
    let permit = semaphore.try_acquire().expect("it has one permit");
    let (wakes, mut first) = (WakeCount::new(), semaphore.acquire());
    assert!(wakes.with(|cx| Pin::new(&mut first).poll(cx)).is_pending(), "the permit is taken");
    drop(permit);
    assert!(semaphore.try_acquire().is_none(), "`try_acquire` took a permit that another waits for");
    let Poll::Ready(permit) = wakes.with(|cx| Pin::new(&mut first).poll(cx)) else {
        panic!("the permit was given back, and the one who waits does not get it");
    };
    let (waits, order) = (Count::new(), Arc::new(Mutex::new(Vec::new())));
    rt.block_on(async {
        let mut tasks = Vec::new();
        for i in 0..10 {
            let (mut acquire, waiting, order) = (semaphore.acquire(), waits.clone(), order.clone());
            tasks.push(rt.spawn(async move {
                let first = poll_once(&mut acquire).await;
                waiting.add();
                let permit = match first {
                    Poll::Ready(permit) => permit,
                    Poll::Pending => acquire.await,
                };
                order.lock().expect("no panic").push(i);
                yield_now().await;
                drop(permit);
            }));
            yield_until("the task waits", || waits.get() == i + 1).await;
        }
        drop(permit);
        for task in tasks {
            task.await.expect("the task ends");
        }
    });
    assert_eq!(*order.lock().expect("no panic"), (0..10).collect::<Vec<_>>(), "in the order in which they came");
}

/// A wait that is dropped, also after a permit was meant for it, passes the permit on.
///
/// Intent: a request that times out in the line must not take a place with it for ever.
///
/// If this fails, check the drop of `Acquire`.
Must fn dropped_waiters_pass_it_on(rt: Any) {
    let semaphore = rt.structured().semaphore(1);
    let permit = semaphore.try_acquire().expect("it has one permit");
    let wakes = [WakeCount::new(), WakeCount::new(), WakeCount::new()];
    let mut waiting: Vec<_> = wakes.iter().map(|_| semaphore.acquire()).collect();
    for (wakes, waiter) in wakes.iter().zip(&mut waiting) {
        assert!(wakes.with(|cx| Pin::new(waiter).poll(cx)).is_pending(), "the permit is taken");
    }
    let mut waiting = waiting.into_iter();
    let (promised, gone) = (waiting.next(), waiting.next());
    let mut next = waiting.next().expect("there are three");
    drop(gone);
    drop(permit);
    drop(promised);
    let poll = wakes[2].with(|cx| Pin::new(&mut next).poll(cx));
    assert!(poll.is_ready(), "the permit was meant for the first, the second had gone, and the third gets nothing");
    assert_eq!(wakes.map(|it| it.get()), [1, 0, 1], "wakes of the three");
    drop(poll);

    let drops = Count::new();
    rt.block_on(async {
        let permit = semaphore.acquire().await;
        let tasks: Vec<_> = (0..20).map(|_| {
            let acquire = semaphore.acquire();
            rt.spawn(Holding::new(drops.guard(), async move {
                let _permit = acquire.await;
                pending::<()>().await;
            })).abort_on_drop()
        }).collect();
        yield_now().await;
        drop(permit);
        drop(tasks);
        yield_until("the aborted tasks are gone", || drops.get() == 20).await;
        yield_until("the permit is back after all who waited are gone", || semaphore.available_permits() == 1).await;
    });
}

/// Whoever is woken for a permit may use the semaphore at once, in the very call of its waker.
///
/// Intent: some executors poll in the call of a waker, and a lock that is held there is a deadlock.
///
/// If this fails, check that `release` has let go of its lock before it wakes.
Must fn wakes_outside_the_lock(rt: Any) {
    let (semaphore, used) = (rt.structured().semaphore(1), Count::new());
    let waker = Waker::from(Arc::new(Uses { semaphore: semaphore.clone(), used: used.clone() }));
    for by_add in [false, true] {
        let permit = semaphore.try_acquire().expect("it has one permit");
        let mut acquire = semaphore.acquire();
        let poll = Pin::new(&mut acquire).poll(&mut Context::from_waker(&waker));
        assert!(poll.is_pending(), "the permit is taken");
        let adder = semaphore.clone();
        rt.block_on(rt.spawn(async move {
            if by_add {
                adder.add_permits(1);
            }
            drop(permit);
        })).expect("the task that gives a permit ends");
    }
    assert_eq!(used.get(), 2, "wakers that could use the semaphore");
}

/// A permit that comes back on another thread while a task begins to wait is not missed.
///
/// Intent: between "is one free?" and "wake me" there must be no gap.
///
/// If this fails, check that `Acquire` looks again once it holds the lock under which it registers.
Must fn no_gap_before_the_wait(rt: Any + SystemThreads) {
    let semaphores: Vec<_> = (0..scaled(5000)).map(|_| rt.structured().semaphore(1)).collect();
    let mut permits: Vec<_> = semaphores.iter().map(Semaphore::try_acquire).collect();
    let mut waiting: Vec<_> = semaphores.iter().map(Semaphore::acquire).collect();
    let (wakes, is_pending) = (WakeCount::new(), Cell::new(false));
    duel(
        semaphores.len(),
        |i| is_pending.set(wakes.with(|cx| Pin::new(&mut waiting[i]).poll(cx).is_pending())),
        |i| {
            if i % 2 == 0 {
                once_cloned(&wakes);
            }
            drop(permits[i].take());
        },
        |i| {
            let (is_pending, woken) = (is_pending.get(), wakes.take());
            assert_eq!(woken, usize::from(is_pending), "wakes in round {i} (the wait was pending: {is_pending})");
        },
    );
    drop(waiting);
    // The first round was fought in any case.
    let acquire = semaphores[0].acquire();
    rt.block_on(rt.spawn(async { drop(acquire.await) })).expect("a permit is to be had in the end");
}

/// A permit comes back however its holder ends: by itself, by a panic, or by an abort.
///
/// Intent: a pool that loses a place to each failed request is empty in the end.
///
/// If this fails, check the drop of `Permit`.
Must fn permits_come_back(rt: Any) {
    let semaphore = rt.structured().semaphore(2);
    let drops = Count::new();
    rt.block_on(async {
        for i in 0..12 {
            let acquire = semaphore.acquire();
            let entered = Gate::new();
            let opener = entered.clone();
            let mut task = rt.spawn(Holding::new(drops.guard(), async move {
                let _permit = acquire.await;
                opener.open();
                match i % 3 {
                    0 => panic!("the holder fails"),
                    1 => pending().await,
                    _ => yield_now().await,
                }
            }));
            entered.wait().await;
            if i % 3 == 1 {
                task.abort();
            }
            drop(task.await);
            assert_eq!(semaphore.available_permits(), 2, "permits after {} holders are gone", i + 1);
        }
    });
    assert_eq!(drops.get(), 12, "futures of holders dropped");
}

/// Permits that are added go to those who wait, and then to those who come.
///
/// Intent: a limit that is raised takes effect for those in the line.
///
/// If this fails, check what `add_permits` does for each permit.
Must fn added_permits_reach_those_who_wait(rt: Any) {
    let semaphore = rt.structured().semaphore(0);
    let mut waiting: Vec<_> = (0..3).map(|_| semaphore.acquire()).collect();
    rt.block_on(async {
        for waiter in &mut waiting {
            assert!(poll_once(waiter).await.is_pending(), "it has no permit");
        }
        let adder = semaphore.clone();
        rt.spawn(async move { adder.add_permits(4) }).await.expect("the task ends");
        let mut permits = Vec::new();
        for waiter in &mut waiting {
            if let Poll::Ready(permit) = poll_once(waiter).await {
                permits.push(permit);
            }
        }
        assert_eq!(permits.len(), 3, "permits that reached the three who waited, of four that were added");
        permits.extend(semaphore.try_acquire());
        assert_eq!(permits.len(), 4, "permits to be had, of four that were added");
    });
}

/// Permits that are asked for together are taken together, and those who ask for fewer do not overtake.
///
/// Intent: whoever needs three must get them although others need one each, and come all the time.
///
/// If this fails, check what `Semaphore` does with free permits that are too few for the first in the line.
Must fn large_requests_are_not_overtaken(rt: Any) {
    let semaphore = rt.structured().semaphore(3);
    let held = semaphore.try_acquire_many(2).expect("it has three permits");
    let (mut large, mut small) = (semaphore.acquire_many(3), semaphore.acquire());
    rt.block_on(async {
        assert!(poll_once(&mut large).await.is_pending(), "one of three permits is free");
        assert!(poll_once(&mut small).await.is_pending(), "a wait for one permit overtook a wait for three");
        assert!(semaphore.try_acquire().is_none(), "`try_acquire` overtook a wait for three permits");
        rt.spawn(async move { drop(held) }).await.expect("the task ends");
        let Poll::Ready(permit) = poll_once(&mut large).await else {
            panic!("three permits are free, and the one who waits for them does not get them");
        };
        assert_eq!(permit.permits(), 3, "permits that were taken together");
        assert!(poll_once(&mut small).await.is_pending(), "none is free");
        drop(permit);
        assert!(poll_once(&mut small).await.is_ready(), "three are free");

        // With the one gone who asked for many, the next gets what there is.
        let held = semaphore.try_acquire_many(2);
        let (mut large, mut small) = (semaphore.acquire_many(3), semaphore.acquire());
        assert!(poll_once(&mut large).await.is_pending() && poll_once(&mut small).await.is_pending(), "one is free");
        drop(large);
        assert!(poll_once(&mut small).await.is_ready(), "one is free, and nobody waits before");
        drop(held);
    });
}

/// A semaphore that is closed sends away those who wait and those who come; permits that are out or were promised stay valid.
///
/// Intent: at a shutdown nobody shall wait for a permit that never comes.
///
/// If this fails, check whom `Semaphore::close` wakes, and what `Acquire` finds then.
Must fn close_sends_waiters_away(rt: Any) {
    let semaphore = rt.structured().semaphore(1);
    let held = semaphore.try_acquire().expect("it has one permit");
    let (mut promised, mut waiter) = (semaphore.acquire().or_closed(), semaphore.acquire().or_closed());
    let wakes = WakeCount::new();
    for acquire in [&mut promised, &mut waiter] {
        assert!(wakes.with(|cx| Pin::new(acquire).poll(cx)).is_pending(), "the permit is taken");
    }
    drop(held);
    let closer = semaphore.clone();
    rt.block_on(rt.spawn(async move { closer.close() })).expect("the task ends");
    assert!(semaphore.is_closed(), "it was closed");
    assert_eq!(wakes.get(), 2, "wakes of the one who got the permit, and of the one who was sent away");
    let Poll::Ready(Ok(permit)) = wakes.with(|cx| Pin::new(&mut promised).poll(cx)) else {
        panic!("the permit was promised before the close");
    };
    assert!(matches!(wakes.with(|cx| Pin::new(&mut waiter).poll(cx)), Poll::Ready(Err(_))), "the one who waits is sent away");
    drop(permit);
    let late = semaphore.acquire().or_closed();
    assert!(rt.block_on(rt.spawn(late)).expect("the task ends").is_err(), "the one who comes later is sent away");
    assert!(semaphore.try_acquire().is_none(), "`try_acquire` on a closed semaphore");
    let late = semaphore.acquire();
    let error = rt.block_on(rt.spawn(async { drop(late.await) })).expect_err("a wait that yields no error panics");
    assert!(error.is_panic(), "a wait that yields no error panics");
}

/// Permits that are added wake as many as get theirs, and nobody else.
///
/// Intent: a thousand who wait must not all be woken to look whether the one permit is for them.
///
/// If this fails, check whom `give_back` wakes.
Must fn added_permits_wake_those_who_get_them(rt: Any) {
    let semaphore = rt.structured().semaphore(0);
    let wakes: Vec<_> = (0..5).map(|_| WakeCount::new()).collect();
    let mut waiting: Vec<_> = [1, 2, 1, 1, 1].map(|permits| semaphore.acquire_many(permits)).into();
    for (wakes, acquire) in wakes.iter().zip(&mut waiting) {
        assert!(wakes.with(|cx| Pin::new(acquire).poll(cx)).is_pending(), "it has no permit");
    }
    let adder = semaphore.clone();
    rt.block_on(rt.spawn(async move { adder.add_permits(4) })).expect("the task ends");
    let woken: Vec<_> = wakes.iter().map(|wakes| wakes.get()).collect();
    assert_eq!(woken, [1, 1, 1, 0, 0], "wakes of those who wait for 1, 2, 1, 1 and 1, when 4 were added");
}

/// More permits than `MAX_PERMITS` are refused by a panic, and change nothing.
///
/// Intent: a counter that wraps around no longer limits anything.
///
/// If this fails, check what `add_permits` adds up, and that permits that are out count.
Must fn refuses_more_permits_than_fit(rt: Any) {
    let semaphore = rt.structured().semaphore(2);
    let held = semaphore.try_acquire().expect("it has two permits");
    for too_many in [usize::MAX, anyrt_structured::Semaphore::MAX_PERMITS - 1] {
        let adder = semaphore.clone();
        let result = rt.block_on(rt.spawn(async move { adder.add_permits(too_many) }));
        assert!(result.is_err_and(|error| error.is_panic()), "{too_many} more permits than two were taken");
    }
    drop(held);
    assert_eq!(semaphore.available_permits(), 2, "permits after what was refused");
}

/// Permits that are forgotten do not come back, the free ones and those that are out.
///
/// Intent: a limit that is lowered takes effect, at the latest when those who hold permits are done.
///
/// If this fails, check what `Permit::forget` and `Semaphore::forget` take away.
Must fn forgotten_permits_stay_away(rt: Any) {
    let semaphore = rt.structured().semaphore(5);
    let held = semaphore.try_acquire_many(2).expect("it has five permits");
    let mut waiting = semaphore.acquire_many(4);
    assert_eq!(semaphore.forget(1), 1, "free permits that were taken away, of three");
    rt.block_on(async {
        assert!(poll_once(&mut waiting).await.is_pending(), "two are free");
        rt.spawn(async move { held.forget() }).await.expect("the task ends");
        assert!(poll_once(&mut waiting).await.is_pending(), "two are left");
        drop(waiting);
        assert_eq!(semaphore.available_permits(), 2, "permits that are left of five, of which three were forgotten");
        assert_eq!(semaphore.forget(7), 2, "free permits that were taken away, of two");
        assert!(semaphore.try_acquire().is_none(), "none is left");
    });
    // They make room for others.
    let most = anyrt_structured::Semaphore::MAX_PERMITS;
    let full = rt.structured().semaphore(most);
    full.try_acquire_many(2).expect("all are free").forget();
    assert_eq!(full.forget(1), 1, "free permits that were taken away");
    full.add_permits(3);
    assert_eq!(full.available_permits(), most, "permits that were added in the place of those that were forgotten");
}

}
