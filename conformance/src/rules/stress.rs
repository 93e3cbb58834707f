//! Everything at once, and a lot of it.

use std::collections::HashMap;
use std::future::pending;
use std::panic;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use anyrt_core::yield_now;
use futures::channel::mpsc as channel;
use futures::{SinkExt, StreamExt};

use crate::kit::{
    Count, Holding, Patience, Random, assert_heap_returns, heap_in_use, poll_once, scaled, step,
};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);

/// Notes its deadline when it is woken, and the thread that wakes it.
struct Noting {
    deadline: Duration,
    woken: Arc<AtomicBool>,
    order: Arc<Mutex<Vec<(ThreadId, Duration)>>>,
    all: Waker,
}

impl Wake for Noting {
    fn wake(self: Arc<Self>) {
        let woken = (thread::current().id(), self.deadline);
        self.order.lock().expect("no panic").push(woken);
        self.woken.store(true, Ordering::SeqCst);
        self.all.wake_by_ref();
    }
}

rules! { stress

/// A task that blocks its thread does not stop the runtime: others still run, time and again.
///
/// Intent: libraries block for a moment more often than they say.
///
/// If this fails, do not claim `multi_thread`.
Capability fn blocked_task_does_not_stop_the_runtime(rt: Shared + MultiThread) {
    for round in 0..20 {
        let (sender, receiver) = mpsc::channel();
        let blocked = rt.spawn(async move {
            let patience = Patience::new(Duration::from_secs(2));
            loop {
                match receiver.recv_timeout(patience.until_the_next_look()) {
                    Err(RecvTimeoutError::Timeout) if !patience.is_over() => {}
                    heard => break heard.is_ok(),
                }
            }
        });
        let handle = rt.handle();
        let other = rt.spawn(async move {
            handle.sleep(MS).await;
            // The receiver is gone if it gave up.
            let _ = sender.send(());
        });
        let ran = rt.block_on(blocked).expect("the blocking task ends");
        assert!(ran, "no other task ran while one blocked its thread, in round {round}");
        rt.block_on(other).expect("the other task ends");
    }
}

/// Tasks spawned from eight foreign threads all run: the count is exact.
///
/// Intent: this is where queues between threads lose things.
///
/// If this fails, check the queue that foreign spawns go through.
Must fn foreign_spawns_are_counted(rt: Shared + SystemThreads) {
    let each = scaled(5_000);
    let ran = Count::new();
    let spawned: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| {
            let (handle, ran) = (rt.handle(), ran.clone());
            scope.spawn(move || {
                (0..each).map(|_| {
                    let ran = ran.clone();
                    handle.spawn(async move { ran.add() })
                }).collect::<Vec<_>>()
            })
        }).collect();
        threads.into_iter().flat_map(|it| it.join().expect("the thread ends")).collect()
    });
    step("every task runs that another thread spawned");
    rt.block_on(async {
        for task in spawned {
            task.await.expect("the task ends");
        }
    });
    assert_eq!(ran.get(), 8 * each);
}

/// In a storm of aborts at random moments, a task that says that it ended has come to its end, one that had ended before its abort
/// gives its output, and one that was cancelled has dropped its captures when its handle resolves.
///
/// Intent: time-outs abort by the thousand when a service slows down.
///
/// If this fails, check the race between the end of a task and its abort.
Must fn abort_storm_adds_up(rt: Any) {
    let n = scaled(5_000);
    // One in five can only be cancelled.
    let parks = |i: usize| i % 5 == 0;
    let (ends, mut random) = (Count::new(), Random::new(7));
    let drops: Vec<_> = (0..n).map(|_| Count::new()).collect();
    let mut tasks: Vec<_> = (0..n).map(|i| {
        let (yields, guard, end) = (random.below(6), drops[i].guard(), ends.clone());
        Some(rt.spawn(Holding::new(guard, async move {
            for _ in 0..yields {
                yield_now().await;
            }
            if parks(i) {
                pending::<()>().await;
            }
            end.add();
            i
        })))
    }).collect();
    let mut order: Vec<_> = (0..n).collect();
    random.shuffle(&mut order);
    let (mut values, mut cancelled) = (0, 0);
    let mut had_ended = vec![false; n];
    rt.block_on(async {
        for &i in &order {
            if random.below(4) == 0 {
                yield_now().await;
            }
            if let Some(task) = &mut tasks[i] {
                had_ended[i] = task.is_finished();
                if i % 2 == 0 { task.abort() } else { task.abort_handle().abort() }
            }
        }
        for i in order {
            let task = tasks[i].take().expect("each is joined once");
            let end = task.await;
            assert_eq!(drops[i].get(), 1, "its captures, when its handle resolves");
            match end {
                Ok(value) => {
                    assert_eq!(value, i, "the output of another task");
                    assert!(!parks(i), "an output of a task that never ends");
                    values += 1;
                }
                Err(error) => {
                    assert!(error.is_cancelled(), "no task panics");
                    assert!(!had_ended[i], "a task had ended before its abort, and says that it was cancelled");
                    cancelled += 1;
                }
            }
        }
    });
    // Only who was aborted in the poll that ended it may say either.
    let unheard = ends.get().checked_sub(values);
    assert!(unheard.is_some_and(|it| it <= cancelled), "{} came to their end, and {values} say so", ends.get());
    assert!(drops.iter().all(|it| it.get() == 1), "captures that were dropped twice");
    format!("{} % cancelled", 100 * cancelled / n)
}

/// Of five thousand random sleeps none is early, and each thread that wakes them does so in the order of their deadlines, within
/// the timer's resolution.
///
/// Intent: timer wheels and heaps have corners that ten sleeps do not reach. Sleeps within one tick of the timer are due at once,
/// and have no order. Where several threads take turns at the timer, one may be held up with its share while the next wakes
/// later sleeps, so that their wakes may cross: for one sleep in ten at most, and on a virtual clock for none.
///
/// If this fails, check where the timer moves entries from one level to the next.
Must fn random_sleeps_keep_order(rt: Any) {
    let n = scaled(5_000);
    let (handle, mut random) = (rt.handle(), Random::new(11));
    let order = Arc::new(Mutex::new(Vec::new()));
    let noted = order.clone();
    let armed = rt.block_on(async {
        let start = handle.now();
        let all = std::future::poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        let mut sleeps: Vec<_> = (0..n).map(|_| {
            let deadline = Duration::from_micros(100_000 + random.below(200_000));
            let mut sleep = handle.sleep_until(start + deadline);
            let woken = Arc::<AtomicBool>::default();
            let noting = Noting { deadline, woken: woken.clone(), order: noted.clone(), all: all.clone() };
            let ready = sleep.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::new(noting)))).is_ready();
            (deadline, sleep, ready, woken)
        }).collect();
        let armed = handle.now() - start;
        sleeps.sort_by_key(|it| it.0);
        for (deadline, sleep, ready, woken) in &mut sleeps {
            // Polled with the root's waker only when it has been woken with its own: the last waker is the one that counts.
            std::future::poll_fn(|cx| match (*ready, woken.load(Ordering::SeqCst)) {
                (true, _) => Poll::Ready(()),
                (false, true) => sleep.as_mut().poll(cx),
                (false, false) => Poll::Pending,
            }).await;
            let now = handle.now() - start;
            assert!(now >= *deadline, "a sleep until {deadline:?} was ready at {now:?}");
        }
        armed
    });
    let order = order.lock().expect("no panic");
    let slack = 2 * rt.claims().timer_resolution;
    let (mut latest, mut crossed) = (Duration::ZERO, 0);
    let mut threads: HashMap<ThreadId, Duration> = HashMap::new();
    // What was due while the others were still being armed tells nothing.
    for &(thread, deadline) in order.iter().filter(|it| it.1 > armed + slack) {
        crossed += usize::from(deadline + slack < latest);
        latest = latest.max(deadline);
        let before = threads.entry(thread).or_default();
        assert!(
            deadline + slack >= *before,
            "one thread woke a sleep until {deadline:?} after one until {before:?}, {slack:?} and more later"
        );
        *before = deadline.max(*before);
    }
    // A virtual clock does not move between the wakes of one moment and those of the next.
    let tolerated = if rt.claims().virtual_time { 0 } else { order.len() / 10 };
    assert!(crossed <= tolerated, "{crossed} of {} sleeps were woken after later ones", order.len());
    format!("{} woken by {} threads, {crossed} after later ones", order.len(), threads.len())
}

/// Ten thousand tasks are joined, in an order that has nothing to do with that in which they end.
///
/// Intent: fan-out is what tasks are for.
///
/// If this fails, check what a handle does that is polled long after its task ended.
Must fn joins_ten_thousand(rt: Any) {
    let mut random = Random::new(3);
    let mut tasks: Vec<_> = (0..10_000_u64).map(|i| {
        let yields = random.below(3);
        rt.spawn(async move {
            for _ in 0..yields {
                yield_now().await;
            }
            i
        })
    }).collect();
    random.shuffle(&mut tasks);
    step("every task ends");
    let sum = rt.block_on(async {
        let mut sum = 0;
        for task in tasks {
            sum += task.await.expect("the task ends");
        }
        sum
    });
    assert_eq!(sum, 9_999 * 5_000);
}

/// The heap in use returns to where it was after ten rounds of everything.
///
/// Intent: a leak of a hundred bytes per request fills a gigabyte in a night.
///
/// If this fails, take the kinds of work out of the round one by one.
Must fn heap_returns_to_baseline(rt: Any + Heap) {
    let n = scaled(300);
    let round = || {
        let handle = rt.handle();
        rt.block_on(async {
            let mut tasks = Vec::new();
            for i in 0..n {
                let inner = handle.clone();
                let mut task = handle.spawn(async move {
                    match i % 6 {
                        0 => {}
                        1 => inner.sleep(MS).await,
                        2 => drop(inner.timeout(MS, pending::<()>()).await),
                        3 => panic::resume_unwind(Box::new(i)),
                        _ => pending().await,
                    }
                    vec![0_u8; 100]
                });
                let mut sleep = handle.sleep(Duration::from_secs(3600));
                for reset in [1, 2, 1] {
                    _ = poll_once(sleep.as_mut()).await;
                    sleep.as_mut().reset(handle.now() + reset * Duration::from_secs(3600));
                }
                match i % 6 {
                    4 => task.abort(),
                    5 => task.abort_handle().abort(),
                    _ => {}
                }
                tasks.push(task);
            }
            for task in tasks {
                // Some were aborted, and some panicked.
                let _ = task.await;
            }
        });
    };
    (0..3).for_each(|_| round());
    let before = heap_in_use();
    (0..10).for_each(|_| round());
    assert_heap_returns(before, 16 * n + (64 << 10));
}

/// On one processor, and beside threads that take all of its time, results are the same.
///
/// Intent: containers have half a processor, and build servers none to spare.
///
/// If this fails, look for a spin that waits for another thread.
Must fn one_cpu_and_load(rt: Any + SystemThreads) {
    let pinned = Command::new("taskset")
        .args(["-a", "-c", "-p", "0", &std::process::id().to_string()])
        .output()
        .is_ok_and(|it| it.status.success());
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..3).map(|_| {
        let stop = stop.clone();
        thread::spawn(move || while !stop.load(Ordering::Relaxed) { std::hint::spin_loop() })
    }).collect();
    let handle = rt.handle();
    step("every task ends beside busy threads");
    let sum = rt.block_on(async {
        let tasks: Vec<_> = (0..200_u64).map(|i| {
            let inner = handle.clone();
            handle.spawn(async move {
                if i % 10 == 0 {
                    inner.sleep(MS).await;
                }
                yield_now().await;
                inner.spawn(async move { i }).await.expect("the inner task ends")
            })
        }).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.expect("the task ends");
        }
        sum
    });
    stop.store(true, Ordering::Relaxed);
    for thread in load {
        thread.join().expect("the thread ends");
    }
    assert_eq!(sum, 199 * 100);
    String::from(if pinned { "on one processor" } else { "on all processors: there is no `taskset`" })
}

/// A ping-pong of fifty thousand messages between two tasks loses nothing.
///
/// Intent: a wake that is lost once in a million hangs a service once a day.
///
/// If this fails, check the states of a task between its last look and its `Pending`.
Must fn ping_pong_loses_nothing(rt: Any) {
    let n = scaled(25_000);
    let (mut ping, mut pings) = channel::channel(1);
    let (mut pong, mut pongs) = channel::channel(1);
    let player = rt.spawn(async move {
        let mut sum = 0;
        while let Some(ball) = pings.next().await {
            sum += ball;
            if pong.send(ball + 1).await.is_err() {
                break;
            }
        }
        sum
    });
    let server = rt.spawn(async move {
        for ball in 0..n {
            ping.send(ball).await.expect("the other side plays");
            assert_eq!(pongs.next().await, Some(ball + 1), "another ball came back");
        }
    });
    step("two tasks send each other every number");
    rt.block_on(server).expect("the server ends");
    assert_eq!(rt.block_on(player).expect("the player ends"), n * (n - 1) / 2);
}

}
