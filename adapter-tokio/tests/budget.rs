//! tokio's coop budget: what is always ready gives way, and what must not give way does not.

mod watchdog;

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{Config, Flavor, RawTask, yield_now};
use anyrt_tokio::{Ambient, Local, Owned, Tokio};
use watchdog::watched;

/// The budget that tokio gives a task for each poll.
const BUDGET: usize = 128;

fn current_thread() -> Owned {
    Owned::launch(Config::new().flavor(Flavor::CurrentThread)).unwrap()
}

/// Spawns a loop, lets it run, and aborts it from the root, which gets its turn only when the loop gives way.
fn can_be_aborted<F: Future<Output = ()> + Send + 'static>(body: fn(Tokio) -> F) {
    watched(move || {
        let rt = current_thread();
        let mut task = rt.handle().spawn(body(rt.handle()));
        rt.block_on(async {
            yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        });
    });
}

#[test]
fn a_loop_of_zero_sleeps_can_be_aborted() {
    can_be_aborted(|rt| async move {
        loop {
            rt.sleep(Duration::ZERO).await;
        }
    });
    can_be_aborted(|_| async {
        loop {
            Ambient.sleep(Duration::ZERO).await;
        }
    });
}

#[test]
fn a_loop_of_sleeps_that_are_due_can_be_aborted() {
    can_be_aborted(|rt| async move {
        loop {
            rt.sleep(Duration::from_nanos(1)).await;
        }
    });
    can_be_aborted(|rt| async move {
        let start = rt.now();
        loop {
            rt.sleep_until(start).await;
        }
    });
}

#[test]
fn a_loop_over_one_sleep_that_was_ready_can_be_aborted() {
    can_be_aborted(|rt| async move {
        let mut sleep = pin!(rt.sleep(Duration::ZERO));
        loop {
            sleep.as_mut().await;
        }
    });
}

#[test]
fn a_loop_over_a_sleep_that_is_reset_to_the_past_can_be_aborted() {
    can_be_aborted(|rt| async move {
        let start = rt.now();
        let mut sleep = pin!(rt.sleep(Duration::ZERO));
        loop {
            sleep.as_mut().reset(start);
            sleep.as_mut().await;
        }
    });
}

#[test]
fn a_loop_of_timeouts_that_have_passed_can_be_aborted() {
    can_be_aborted(|rt| async move {
        let start = rt.now();
        loop {
            rt.timeout_at(start, pending::<()>()).await.unwrap_err();
        }
    });
}

#[test]
fn an_interval_that_lags_behind_can_be_aborted() {
    can_be_aborted(|rt| async move {
        let mut interval = pin!(rt.interval(Duration::from_nanos(1)));
        loop {
            interval.as_mut().tick().await;
        }
    });
}

#[test]
fn a_local_loop_of_zero_sleeps_can_be_aborted() {
    watched(|| {
        let rt = Local::launch(Config::new()).unwrap();
        let handle = rt.handle();
        let mut task = rt.handle().spawn_local(async move {
            loop {
                handle.sleep(Duration::ZERO).await;
            }
        });
        rt.block_on(async {
            yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        });
    });
}

#[test]
fn a_sleep_is_not_early_where_the_budget_is_used_up() {
    watched(|| {
        let rt = current_thread();
        let handle = rt.handle();
        let task = rt.handle().spawn(async move {
            while tokio::task::coop::has_budget_remaining() {
                poll_fn(tokio::task::coop::poll_proceed)
                    .await
                    .made_progress();
            }
            let mut sleep = pin!(handle.sleep(Duration::from_secs(3600)));
            poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx))).await
        });
        assert!(rt.block_on(task).unwrap().is_pending());
    });
}

/// Polls `future` as the runtime does, and counts the polls.
async fn polls<F: Future>(future: F) -> usize {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        future.as_mut().poll(cx).map(|_| ())
    })
    .await;
    polls
}

#[test]
fn ready_sleeps_share_the_budget_with_what_is_tokios() {
    watched(|| {
        let sleeps = |count| async move {
            for _ in 0..count {
                Ambient.sleep(Duration::ZERO).await;
            }
        };
        let rt = current_thread();
        assert_eq!(rt.block_on(polls(sleeps(BUDGET))), 1);
        assert_eq!(rt.block_on(polls(sleeps(BUDGET + 1))), 2);
        let half = async {
            for _ in 0..BUDGET / 2 {
                tokio::task::coop::consume_budget().await;
            }
            sleeps(BUDGET / 2 + 1).await;
        };
        assert_eq!(rt.block_on(polls(half)), 2);
        let unconstrained = tokio::task::coop::unconstrained(sleeps(10 * BUDGET));
        assert_eq!(rt.block_on(polls(unconstrained)), 1);
    });
}

#[test]
fn a_sleep_that_gave_way_is_ready_at_the_next_poll() {
    watched(|| {
        current_thread().block_on(async {
            let mut sleep = pin!(Ambient.sleep(Duration::ZERO));
            exhaust().await;
            assert!(poll(sleep.as_mut()).is_pending());
            assert!(!sleep.is_elapsed());
            assert!(poll(sleep.as_mut()).is_ready());
            assert!(sleep.is_elapsed());
            assert!(poll(sleep.as_mut()).is_pending(), "it gives way again");
            assert!(sleep.is_elapsed(), "what was seen stays seen");
        });
    });
}

#[test]
fn a_limit_passes_though_its_future_uses_up_the_budget() {
    let busy = || async {
        loop {
            Ambient.sleep(Duration::ZERO).await;
        }
    };
    watched(move || {
        for limit in [0, 1, 20].map(Duration::from_millis) {
            let rt = current_thread();
            let handle = rt.handle();
            rt.block_on(handle.timeout(limit, busy())).unwrap_err();
            let task = rt
                .handle()
                .spawn(async move { handle.timeout(limit, busy()).await });
            rt.block_on(task).unwrap().unwrap_err();
        }
    });
}

#[test]
fn a_task_that_has_ended_is_seen_without_any_budget() {
    watched(|| {
        let rt = current_thread();
        let handle = rt.handle();
        rt.block_on(async {
            let mut task = handle.spawn(async { 1 });
            let mut closure = handle.spawn_blocking(|| 2);
            let mut running = handle.spawn(pending::<u32>());
            while !(task.is_finished() && closure.is_finished()) {
                yield_now().await;
            }
            exhaust().await;
            let mut cx = Context::from_waker(Waker::noop());
            assert!(
                Pin::new(&mut task).poll(&mut cx).is_pending(),
                "a join gives way"
            );
            assert!(matches!(task.try_join(&mut cx), Poll::Ready(Ok(1))));
            assert!(matches!(closure.try_join(&mut cx), Poll::Ready(Ok(2))));
            assert!(running.try_join(&mut cx).is_pending());
        });
    });
}

#[test]
fn looking_takes_none_of_the_budget_and_leaves_the_waker() {
    watched(|| {
        let rt = Local::launch(Config::new()).unwrap();
        let handle = rt.handle();
        let looks = Arc::new(AtomicUsize::new(0));
        let seen = looks.clone();
        rt.block_on(async move {
            let mut tasks: Vec<_> = (0..10 * BUDGET)
                .map(|_| handle.spawn_local(async {}))
                .collect();
            let mut last = handle.spawn_local(async { yield_now().await });
            while !tasks.iter().all(|task| task.is_finished()) {
                yield_now().await;
            }
            let polls = polls(poll_fn(|cx| {
                for task in tasks.drain(..) {
                    let mut task = task;
                    assert!(task.try_join(cx).is_ready());
                    seen.fetch_add(1, Ordering::Relaxed);
                }
                last.try_join(cx)
            }))
            .await;
            assert!(
                polls <= 2,
                "the task that was looked at woke the one that looked"
            );
        });
        assert_eq!(looks.load(Ordering::Relaxed), 10 * BUDGET);
    });
}

/// Uses up what is left of the budget of the task that awaits it.
async fn exhaust() {
    while tokio::task::coop::has_budget_remaining() {
        tokio::task::coop::consume_budget().await;
    }
}

/// Polls once, inside the runtime that the caller runs on.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
