//! Yielding, and what yielding tasks leave to others.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use anyrt_core::yield_now;

use crate::kit::{Count, Gate, scaled, step};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);

/// A word that two tasks pass to each other.
#[derive(Clone, Default)]
struct PingPong(Arc<Mutex<(u64, Option<Waker>)>>);

impl PingPong {
    /// Waits for the turn of `side`, hands it on, and returns how often that was done before.
    async fn turn(&self, side: u64) -> u64 {
        poll_fn(|cx| {
            let mut state = self.0.lock().expect("no panic");
            if state.0 % 2 != side {
                state.1 = Some(cx.waker().clone());
                return Poll::Pending;
            }
            state.0 += 1;
            let (turns, other) = (state.0, state.1.take());
            drop(state);
            if let Some(waker) = other {
                waker.wake();
            }
            Poll::Ready(turns)
        })
        .await
    }
}

rules! { yield_now

/// A task that yields a hundred times is polled a hundred and one times.
///
/// Intent: a yield is one turn for the others, no more and no less.
///
/// If this fails, check what the executor does with a task that wakes itself while it is polled.
Must fn is_pending_once(rt: Any) {
    let polls = Count::new();
    let counted = polls.clone();
    let mut yielding = Box::pin(async {
        for _ in 0..100 {
            yield_now().await;
        }
    });
    step("a task that yields is polled again");
    rt.block_on(rt.spawn(poll_fn(move |cx| {
        counted.add();
        yielding.as_mut().poll(cx)
    }))).expect("the task ends");
    assert_eq!(polls.get(), 101);
}

/// While six tasks yield for ever, a new task runs.
///
/// Intent: background work must not keep new work from starting.
///
/// If this fails, check where a task goes that wakes itself: to the back of the queue.
Must fn lets_new_tasks_run(rt: Any) {
    let yields = Count::new();
    let busy: Vec<_> = (0..6).map(|_| {
        let yields = yields.clone();
        rt.spawn(async move {
            loop {
                yields.add();
                yield_now().await;
            }
        }).abort_on_drop()
    }).collect();
    let handle = rt.handle();
    step("a new task runs beside tasks that yield all the time");
    rt.block_on(async {
        while yields.get() < 100 {
            yield_now().await;
        }
        for _ in 0..10 {
            handle.spawn(async {}).await.expect("the new task ends");
        }
    });
    drop(busy);
}

/// Of a thousand tasks that are due all the time, each gets its turns.
///
/// Intent: under load a scheduler that runs the newest first serves some callers at once and others never.
///
/// If this fails, check where a task goes that wakes itself, also when the queue is long or was moved to another one.
Must fn everyone_gets_a_turn(rt: Any) {
    const TURNS: usize = 3;
    let (tasks, served) = (scaled(1000), Count::new());
    let tasks: Vec<_> = (0..tasks).map(|_| {
        let served = served.clone();
        rt.spawn(async move {
            for _ in 0..TURNS {
                yield_now().await;
            }
            served.add();
            while served.get() < tasks {
                yield_now().await;
            }
        })
    }).collect();
    for task in tasks {
        step(format_args!("every task gets {TURNS} turns"));
        rt.block_on(task).expect("the task ends");
    }
}

/// While six tasks yield for ever, a sleep fires, in the root and in a task.
///
/// Intent: time limits must hold under load.
///
/// If this fails, check that the executor looks at its timers also while tasks are ready to run.
Must fn lets_timers_fire(rt: Any) {
    let busy: Vec<_> = (0..6).map(|_| rt.spawn(async {
        loop {
            yield_now().await;
        }
    }).abort_on_drop()).collect();
    let handle = rt.handle();
    let sleeper = rt.spawn(async move { handle.sleep(20 * MS).await });
    step("a sleep fires beside tasks that yield all the time");
    rt.block_on(sleeper).expect("the sleeper ends");
    rt.block_on(rt.sleep(5 * MS));
    drop(busy);
}

/// A root future that yields lets spawned tasks run.
///
/// Intent: a program's main loop may poll for what its tasks do.
///
/// If this fails, check that `block_on` runs tasks between two polls of its future.
Must fn lets_tasks_run_from_the_root(rt: Any) {
    let done = Gate::new();
    let opener = done.clone();
    let task = rt.spawn(async move {
        yield_now().await;
        opener.open();
    });
    step("tasks run beside a future of block_on that yields all the time");
    rt.block_on(async {
        while !done.is_open() {
            yield_now().await;
        }
    });
    rt.block_on(task).expect("the task ends");
}

/// A task that waits for a sleep and yields between its polls sees the sleep fire.
///
/// Intent: `select!` of a timer and a busy branch is how loops are ended.
///
/// If this fails, check that timers are driven although the task never parks.
Must fn lets_a_select_fire(rt: Any) {
    let handle = rt.handle();
    let task = rt.spawn(async move {
        let mut sleep = handle.sleep(10 * MS);
        let mut yields = 0_u64;
        let mut yielding = pin!(async {
            loop {
                yield_now().await;
                yields += 1;
            }
        });
        poll_fn(|cx| {
            let done = sleep.as_mut().poll(cx);
            if done.is_pending() {
                let _: Poll<()> = yielding.as_mut().poll(cx);
            }
            done
        }).await;
    });
    step("a sleep fires beside a loop that yields in the same task");
    rt.block_on(task).expect("the task ends");
}

/// Two tasks that yield until each has seen the other take a thousand turns both end.
///
/// Intent: neither may have the thread to itself; executors that poll a task again at once let one wait for ever.
///
/// If this fails, check where a task goes that wakes itself: to the back of the queue, not to its front.
Should fn alternates(rt: Any) {
    let turns = [Count::new(), Count::new()];
    let order = Arc::new(Mutex::new(Vec::new()));
    let tasks = [0, 1].map(|me| {
        let (turns, order) = (turns.clone(), order.clone());
        rt.spawn(async move {
            while turns[1 - me].get() < 1000 || turns[me].get() < 1000 {
                turns[me].add();
                order.lock().expect("no panic").push(me);
                yield_now().await;
            }
        })
    });
    for task in tasks {
        step("two tasks end that yield a thousand times");
        rt.block_on(task).expect("the task ends");
    }
    let order = order.lock().expect("no panic");
    let longest = order.chunk_by(|a, b| a == b).map(<[usize]>::len).max();
    format!("the longest run of one was {}", longest.unwrap_or_default())
}

/// Two tasks that wake each other for ever do not starve a third.
///
/// Intent: schedulers that run what was woken last first can keep a pair for themselves.
///
/// If this fails, check the limit on how often a one-task slot may be used in a row.
Must fn ping_pong_does_not_starve(rt: Any) {
    let word = PingPong::default();
    let pair: Vec<_> = [0, 1].into_iter().map(|side| {
        let word = word.clone();
        rt.spawn(async move {
            loop {
                word.turn(side).await;
            }
        }).abort_on_drop()
    }).collect();
    let handle = rt.handle();
    let third = rt.spawn(async move {
        for _ in 0..10 {
            handle.spawn(async {}).await.expect("a child ends");
            yield_now().await;
        }
    });
    step("a third task ends beside two that wake each other");
    rt.block_on(third).expect("the third task ends");
    drop(pair);
}

/// Does the child of a task run while its parent blocks the thread?
///
/// Intent: tokio's workers keep the newest task in a slot from which nobody steals, so the child may wait.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn blocked_parent_holds_its_child(rt: Shared) {
    let handle = rt.handle();
    let task = rt.spawn(async move {
        let (tell, told) = std::sync::mpsc::channel();
        handle.spawn(async move { let _ = tell.send(()); }).detach();
        told.recv_timeout(200 * MS).is_ok()
    });
    let ran = rt.block_on(task).expect("the task ends");
    String::from(if ran { "runs at once" } else { "waits for its parent" })
}

/// A task that blocks its thread does not stop the other tasks.
///
/// Intent: it tells whether one mistake stops a whole program.
///
/// If this fails on a backend that claims `multi_thread`, check how many threads poll tasks.
Capability fn blocked_thread_does_not_stop_others(rt: Any + MultiThread) {
    let (blocked, gate) = (Gate::new(), Gate::new());
    let (entered, wait) = (blocked.clone(), gate.clone());
    let blocker = rt.spawn(async move {
        entered.open();
        wait.wait_blocking();
    });
    rt.block_on(blocked.wait());
    let opener = gate.clone();
    let other = rt.spawn(async move { opener.open() });
    step("another task runs while one blocks its thread");
    rt.block_on(other).expect("the other task runs");
    rt.block_on(blocker).expect("the blocked task ends");
}

}
