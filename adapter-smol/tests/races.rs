//! The owned executor where things happen at once: work against sleep, and everything against the shutdown.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;

use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use anyrt_core::{AbortOnDrop, Config, JoinHandle, prelude::*};
use anyrt_smol::{Owned, Smol, Task};

use common::{CountDrop, Gate, eventually, within};

fn launch(workers: usize) -> Owned {
    Owned::launch(Config::new().worker_threads(workers)).unwrap()
}

/// Is pending once, and wakes itself.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn a_push_wakes_a_worker_that_is_just_going_to_sleep() {
    within(|| {
        let rt = launch(2);
        let handle = rt.handle();
        for i in 0..20_000 {
            assert_eq!(handle.block_on(handle.spawn(async move { i })).unwrap(), i);
        }
    });
}

#[test]
fn workers_that_wake_each_other_lose_no_task() {
    within(|| {
        for workers in 1..=4 {
            let rt = launch(workers);
            let ran = Arc::new(AtomicUsize::new(0));
            for _ in 0..50 {
                let (handle, ran) = (rt.handle(), ran.clone());
                rt.handle().spawn_detached(async move {
                    for _ in 0..40 {
                        let ran = ran.clone();
                        let child = handle.spawn(async move {
                            yield_once().await;
                            ran.fetch_add(1, Ordering::SeqCst);
                        });
                        child.await.unwrap();
                    }
                });
            }
            eventually(|| ran.load(Ordering::SeqCst) == 2_000);
        }
    });
}

#[test]
fn a_child_of_a_task_that_blocks_its_thread_runs_on_another_worker() {
    within(|| {
        for _ in 0..200 {
            let rt = launch(2);
            let handle = rt.handle();
            let parent = rt.handle().spawn(async move {
                let gate = Gate::new();
                let opener = gate.clone();
                handle.spawn_detached(async move { opener.open() });
                gate.wait();
            });
            rt.block_on(parent).unwrap();
        }
    });
}

#[test]
fn many_tasks_spawned_inside_a_task_all_run() {
    within(|| {
        let rt = launch(1);
        let handle = rt.handle();
        let sum = rt.block_on(rt.handle().spawn(async move {
            let tasks: Vec<_> = (0..5_000_u64)
                .map(|i| handle.spawn(async move { i }))
                .collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            sum
        }));
        assert_eq!(sum.unwrap(), 5_000 * 4_999 / 2);
    });
}

#[test]
fn a_task_from_outside_runs_beside_tasks_that_yield_for_ever() {
    within(|| {
        let rt = launch(1);
        for _ in 0..6 {
            rt.handle().spawn_detached(async {
                loop {
                    yield_once().await;
                }
            });
        }
        for i in 0..100 {
            assert_eq!(rt.block_on(rt.handle().spawn(async move { i })).unwrap(), i);
        }
    });
}

#[test]
fn a_spawn_that_races_the_shutdown_is_run_or_cancelled_and_always_dropped() {
    within(|| {
        for _ in 0..200 {
            let rt = launch(2);
            let drops = Arc::new(AtomicUsize::new(0));
            let start = Arc::new(Barrier::new(3));
            let spawners: Vec<_> = (0..2)
                .map(|_| {
                    let (handle, drops, start) = (rt.handle(), drops.clone(), start.clone());
                    thread::spawn(move || {
                        start.wait();
                        let spawn = |i| {
                            let guard = CountDrop::new(&drops);
                            handle.spawn(async move {
                                let _guard = guard;
                                if i % 2 == 0 {
                                    pending::<()>().await;
                                }
                            })
                        };
                        (0..100).map(spawn).collect::<Vec<JoinHandle<Task<()>>>>()
                    })
                })
                .collect();
            start.wait();
            drop(rt);
            for spawner in spawners {
                for (i, task) in spawner.join().unwrap().into_iter().enumerate() {
                    match Smol::global().block_on(task) {
                        Ok(()) => assert_eq!(i % 2, 1),
                        Err(error) => assert!(error.is_cancelled()),
                    }
                }
            }
            eventually(|| drops.load(Ordering::SeqCst) == 200);
        }
    });
}

#[test]
fn when_the_shutdown_returns_parked_tasks_are_dropped_whoever_wakes_or_aborts_them_meanwhile() {
    within(|| {
        for round in 0..200 {
            let rt = launch(2);
            let drops = Arc::new(AtomicUsize::new(0));
            let wakers = Arc::new(Mutex::new(Vec::<Waker>::new()));
            let mut tasks: Vec<_> = (0..100)
                .map(|_| {
                    let (guard, wakers) = (CountDrop::new(&drops), wakers.clone());
                    let mut is_known = false;
                    rt.handle().spawn(poll_fn(move |cx| {
                        let _guard = &guard;
                        if !is_known {
                            is_known = true;
                            wakers.lock().unwrap().push(cx.waker().clone());
                        }
                        Poll::<()>::Pending
                    }))
                })
                .collect();
            eventually(|| wakers.lock().unwrap().len() == 100);
            let start = Arc::new(Barrier::new(2));
            let (ready, wakers) = (start.clone(), wakers.clone());
            let meddler = thread::spawn(move || {
                let wakers = wakers.lock().unwrap().clone();
                ready.wait();
                for (task, waker) in tasks.iter_mut().zip(wakers) {
                    if round % 2 == 0 {
                        waker.wake();
                    } else {
                        task.abort();
                    }
                }
            });
            start.wait();
            drop(rt);
            assert_eq!(drops.load(Ordering::SeqCst), 100);
            meddler.join().unwrap();
        }
    });
}

#[test]
fn a_shutdown_drops_parked_tasks_beside_one_that_is_stuck() {
    for workers in [1, 2] {
        beside_a_stuck_task(workers);
    }
}

fn beside_a_stuck_task(workers: usize) {
    within(move || {
        let rt = launch(workers);
        let drops = Arc::new(AtomicUsize::new(0));
        let parked = Arc::new(AtomicBool::new(false));
        let (guard, is_parked) = (CountDrop::new(&drops), parked.clone());
        rt.handle().spawn_detached(poll_fn(move |_| {
            let _guard = &guard;
            is_parked.store(true, Ordering::SeqCst);
            Poll::<()>::Pending
        }));
        eventually(|| parked.load(Ordering::SeqCst));
        let (started, release) = (Gate::new(), Gate::new());
        let (starts, released) = (started.clone(), release.clone());
        rt.handle().spawn_detached(async move {
            starts.open();
            released.wait();
        });
        started.wait();
        if workers == 1 {
            // A lone worker that is stuck leaves it to the end of the grace.
            rt.shutdown(Duration::from_millis(20));
            assert_eq!(drops.load(Ordering::SeqCst), 1);
            release.open();
        } else {
            // The other worker drops it while the shutdown waits for the one that is stuck.
            let closer = thread::spawn(move || rt.shutdown(Duration::from_secs(600)));
            eventually(|| drops.load(Ordering::SeqCst) == 1);
            release.open();
            closer.join().unwrap();
        }
    });
}

#[test]
fn a_shutdown_drops_what_a_stuck_worker_took_for_itself() {
    within(|| {
        let rt = launch(1);
        let (started, release) = (Gate::new(), Gate::new());
        let (starts, released) = (started.clone(), release.clone());
        let drops = Arc::new(AtomicUsize::new(0));
        let (handle, count) = (rt.handle(), drops.clone());
        rt.handle().spawn_detached(async move {
            for _ in 0..100 {
                let guard = CountDrop::new(&count);
                handle.spawn_detached(async move {
                    let _guard = guard;
                    pending::<()>().await;
                });
            }
            // The worker takes some of those before it polls this again, and then is stuck.
            handle.spawn_detached(async move {
                starts.open();
                released.wait();
            });
        });
        started.wait();
        rt.shutdown(Duration::from_millis(20));
        assert_eq!(drops.load(Ordering::SeqCst), 100);
        release.open();
    });
}

/// A task that another thread is just waking has left the list of the parked and is not yet in the queue: whoever empties the
/// queue once does not find it, and its destructor never runs.
#[test]
fn a_task_that_is_being_woken_while_the_runtime_closes_is_not_left_behind() {
    within(|| {
        let seconds = std::env::var("ANYRT_STRESS_SECONDS");
        let seconds = seconds.map_or(2, |text| text.parse().expect("a number of seconds"));
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut rounds = 0;
        while Instant::now() < until || rounds < 100 {
            wake_against_the_close(1 + rounds % 3);
            rounds += 1;
        }
        println!("{rounds} rounds");
    });
}

fn wake_against_the_close(workers: usize) {
    const TASKS: usize = 20;
    let rt = launch(workers);
    let drops = Arc::new(AtomicUsize::new(0));
    let wakers = Arc::new(Mutex::new(Vec::<Waker>::new()));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (guard, wakers) = (CountDrop::new(&drops), wakers.clone());
            let mut is_known = false;
            rt.handle().spawn(poll_fn(move |cx| {
                let _guard = &guard;
                if !is_known {
                    is_known = true;
                    wakers.lock().unwrap().push(cx.waker().clone());
                }
                Poll::<()>::Pending
            }))
        })
        .collect();
    while wakers.lock().unwrap().len() < TASKS {
        thread::yield_now();
    }
    let wakers = std::mem::take(&mut *wakers.lock().unwrap());
    let closed = Arc::new(AtomicBool::new(false));
    let (stop, start) = (closed.clone(), Arc::new(Barrier::new(2)));
    let ready = start.clone();
    let waker = thread::spawn(move || {
        ready.wait();
        while !stop.load(Ordering::Relaxed) {
            wakers.iter().for_each(Waker::wake_by_ref);
        }
    });
    start.wait();
    drop(rt);
    // The one who dropped it waited for all of them.
    assert_eq!(drops.load(Ordering::SeqCst), TASKS);
    closed.store(true, Ordering::Relaxed);
    waker.join().unwrap();
    for task in tasks {
        assert!(Smol::global().block_on(task).unwrap_err().is_cancelled());
    }
}

#[test]
fn a_chain_of_tasks_that_own_each_other_is_torn_down_without_stack() {
    within(|| {
        let rt = launch(2);
        let drops = Arc::new(AtomicUsize::new(0));
        let mut next: Option<AbortOnDrop<Task<()>>> = None;
        for _ in 0..50_000 {
            let (guard, owned) = (CountDrop::new(&drops), next.take());
            let task = rt.handle().spawn(async move {
                let _held = (guard, owned);
                pending::<()>().await;
            });
            next = Some(task.abort_on_drop());
        }
        drop(rt);
        assert_eq!(drops.load(Ordering::SeqCst), 50_000);
        drop(next);
    });
}
