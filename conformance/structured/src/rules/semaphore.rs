//! Semaphores.

use std::cell::Cell;
use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use anyrt_core::yield_now;

use crate::kit::{Count, Gate, Holding, WakeCount, duel, poll_once, scaled, yield_until};
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

/// Never are more permits out than the semaphore was made with.
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
Must fn no_gap_before_the_wait(rt: Any) {
    let semaphores: Vec<_> = (0..scaled(5000)).map(|_| rt.structured().semaphore(1)).collect();
    let mut permits: Vec<_> = semaphores.iter().map(Semaphore::try_acquire).collect();
    let mut waiting: Vec<_> = semaphores.iter().map(Semaphore::acquire).collect();
    let (wakes, is_pending) = (WakeCount::new(), Cell::new(false));
    duel(
        semaphores.len(),
        |i| is_pending.set(wakes.with(|cx| Pin::new(&mut waiting[i]).poll(cx).is_pending())),
        |i| drop(permits[i].take()),
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
/// Intent: a pool from which each failed request takes a place is empty after a bad day.
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

}
