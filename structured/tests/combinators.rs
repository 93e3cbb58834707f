//! `select`, `race`, `retry`, `Backoff`, `Budget` and `budgeted`.

mod common;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use anyrt_core::{Config, prelude::*, yield_now};
use anyrt_structured::{Backoff, Budget, Either, SplitMix64, budgeted, race, retry, select};
use futures::{Stream, StreamExt};

use self::common::{Latch, on_every_runtime, park_on, poll, watched};

on_every_runtime! {
    retries_until_it_works,
    retries_wait_for_their_pauses,
    a_budget_yields_after_its_steps,
    a_budgeted_loop_lets_others_run,
    a_budget_around_many_streams_lets_others_run,
    a_race_of_sleeps_is_won_by_the_shortest,
}

/// A virtual clock stands still while anything runs.
mod on_a_clock_that_moves {
    use super::a_timeout_interrupts_a_budgeted_loop;
    use super::common::on_every_real_runtime;

    on_every_real_runtime! { a_timeout_interrupts_a_budgeted_loop }
}

const MS: Duration = Duration::from_millis(1);

async fn retries_until_it_works<R: Runtime>(rt: R) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let backoff = Backoff::exponential(MS).attempts(10).jitter(1.0, 7);
    let task = rt.spawn({
        let rt = rt.clone();
        async move {
            let attempt = || {
                let call = counted.fetch_add(1, Ordering::SeqCst) + 1;
                async move {
                    yield_now().await;
                    if call == 4 { Ok(call) } else { Err(call) }
                }
            };
            retry(&rt, &backoff, attempt).await
        }
    });
    assert_eq!(task.await.unwrap(), Ok(4));
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

async fn retries_wait_for_their_pauses<R: Runtime>(rt: R) {
    let backoff = Backoff::exponential(2 * MS).factor(3).attempts(3);
    let start = rt.now();
    let mut calls = 0;
    let result: Result<(), _> = retry(&rt, &backoff, || {
        calls += 1;
        ready(Err(calls))
    })
    .await;
    assert_eq!(result, Err(3), "the last error");
    assert!(rt.now() >= start + 8 * MS, "never early");
}

#[test]
fn calls_and_waits_are_exact() {
    let owned = anyrt_sim::Owned::launch(Config::new()).unwrap();
    let rt = owned.handle();
    owned.block_on(async {
        let (start, mut calls) = (rt.now(), Vec::new());
        let backoff = Backoff::exponential(100 * MS).max_delay(1000 * MS);
        let result: Result<_, ()> = retry(&rt, &backoff, || {
            calls.push((rt.now() - start).as_millis());
            ready(if calls.len() == 7 {
                Ok("done")
            } else {
                Err(())
            })
        })
        .await;
        assert_eq!(result, Ok("done"));
        assert_eq!(calls, [0, 100, 300, 700, 1500, 2500, 3500]);
    });
}

#[test]
fn an_error_that_no_attempt_mends_is_the_result_at_once() {
    let timer = anyrt_async_std::AsyncStd::global();
    let mut calls = 0;
    let tried = retry(&timer, &Backoff::constant(Duration::MAX), || {
        calls += 1;
        ready(Err::<(), _>("fatal"))
    })
    .when(|error: &&str| *error != "fatal");
    assert_eq!(park_on(tried), Err("fatal"));
    assert_eq!(calls, 1);
}

#[test]
fn the_attempt_is_dropped_before_the_pause() {
    let timer = anyrt_async_std::AsyncStd::global();
    let latch = Latch::new(2);
    let mut guards = vec![latch.guard(), latch.guard()];
    let mut tried = Box::pin(retry(&timer, &Backoff::constant(Duration::MAX), || {
        let guard = guards.pop();
        async move {
            let _guard = guard;
            let mut first = true;
            poll_fn(move |_| {
                if std::mem::take(&mut first) {
                    Poll::Pending
                } else {
                    Poll::Ready(())
                }
            })
            .await;
            Err::<(), _>(())
        }
    }));
    assert!(poll(&mut tried).is_pending());
    assert_eq!(latch.left(), 2);
    assert!(poll(&mut tried).is_pending());
    assert_eq!(latch.left(), 1);
    drop(tried);
}

#[test]
fn pauses_grow_to_the_limit() {
    let millis = |backoff: Backoff| {
        backoff
            .delays()
            .map(|delay| delay.as_millis())
            .take(6)
            .collect::<Vec<_>>()
    };
    assert_eq!(millis(Backoff::exponential(MS)), [1, 2, 4, 8, 16, 32]);
    assert_eq!(
        millis(Backoff::exponential(MS).factor(10).max_delay(500 * MS)),
        [1, 10, 100, 500, 500, 500]
    );
    assert_eq!(millis(Backoff::constant(MS).attempts(3)), [1, 1]);
    assert_eq!(millis(Backoff::constant(MS).attempts(1)), [0_u128; 0]);
    assert_eq!(millis(Backoff::constant(MS).attempts(0)), [0_u128; 0]);
    assert_eq!(
        millis(Backoff::exponential(9 * MS).max_delay(5 * MS).attempts(2)),
        [5]
    );
    let mut endless = Backoff::exponential(MS).delays();
    assert_eq!(endless.nth(1000), Some(Duration::MAX));
    let mut endless = Backoff::exponential(Duration::MAX).jitter(0.5, 1).delays();
    assert!(
        endless
            .by_ref()
            .take(100)
            .all(|delay| delay > Duration::from_secs(1 << 32))
    );
}

#[test]
fn jitter_shortens_and_repeats() {
    let backoff = |seed| {
        Backoff::constant(1000 * MS)
            .jitter(0.25, seed)
            .attempts(1001)
    };
    let delays: Vec<_> = backoff(1).delays().collect();
    assert!(
        delays
            .iter()
            .all(|delay| (750 * MS..=1000 * MS).contains(delay))
    );
    assert!(
        delays.iter().any(|&delay| delay < 760 * MS)
            && delays.iter().any(|&delay| delay > 990 * MS)
    );
    let longer = delays.iter().filter(|&&delay| delay > 875 * MS).count();
    assert!(
        (400..600).contains(&longer),
        "{longer} of 1000 are in the upper half"
    );
    assert!(delays.iter().eq(&backoff(1).delays().collect::<Vec<_>>()));
    assert!(delays.iter().ne(&backoff(2).delays().collect::<Vec<_>>()));
    assert!(
        Backoff::constant(MS)
            .jitter(0.0, 3)
            .delays()
            .take(100)
            .all(|delay| delay == MS)
    );
}

async fn a_budget_yields_after_its_steps<R: Runtime>(rt: R) {
    for steps in [1, 2, 100] {
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = polls.clone();
        let task = rt.spawn(async move {
            let mut looped = Box::pin(async move {
                let mut budget = Budget::new(steps);
                for _ in 0..1000 {
                    budget.step().await;
                }
            });
            poll_fn(move |cx| {
                counted.fetch_add(1, Ordering::SeqCst);
                looped.as_mut().poll(cx)
            })
            .await;
        });
        task.await.unwrap();
        assert_eq!(
            polls.load(Ordering::SeqCst),
            1000_usize.div_ceil(steps as usize)
        );
    }
}

async fn a_timeout_interrupts_a_budgeted_loop<R: Runtime>(rt: R) {
    let endless = async {
        let mut budget = Budget::default();
        let mut numbers = futures::stream::repeat(1_u64);
        while let Some(number) = numbers.next().await {
            std::hint::black_box(number);
            budget.step().await;
        }
    };
    assert!(rt.timeout(5 * MS, endless).await.is_err());
}

async fn a_budgeted_loop_lets_others_run<R: Runtime>(rt: R) {
    let stop = Latch::new(1);
    let seen = stop.clone();
    let busy = rt.spawn(async move {
        let mut numbers = budgeted(futures::stream::repeat(()), 32);
        while seen.left() > 0 {
            numbers.next().await;
        }
    });
    // On a runtime with one thread this runs only because the loop yields.
    rt.spawn(async move { stop.down() }).await.unwrap();
    busy.await.unwrap();
}

/// The budget is outermost: inside, `select_all` would poll the other stream, and the runtime would notice nothing.
async fn a_budget_around_many_streams_lets_others_run<R: Runtime>(rt: R) {
    use futures::stream::{repeat, select_all};

    let spawner = rt.clone();
    let task = rt.spawn(async move {
        let others = spawner.spawn(async {});
        let mut items = budgeted(select_all([repeat(()), repeat(())]), 32);
        while !others.is_finished() {
            items.next().await;
        }
    });
    task.await.unwrap();
}

#[test]
fn a_budgeted_stream_yields_after_its_items() {
    let mut stream = budgeted(futures::stream::iter(0..7), 3);
    let mut seen = Vec::new();
    for _ in 0..3 {
        while let Poll::Ready(item) = poll(&mut stream.next()) {
            seen.push(item);
            if item.is_none() {
                break;
            }
        }
        seen.push(Some(100));
    }
    let expected = [0, 1, 2, 100, 3, 4, 5, 100, 6].map(Some);
    assert_eq!(seen[..9], expected);
    assert_eq!(seen[9..], [None, Some(100)]);
    assert_eq!(
        budgeted(futures::stream::iter(0..7), 3).size_hint(),
        (7, Some(7))
    );
}

async fn a_race_of_sleeps_is_won_by_the_shortest<R: Runtime>(rt: R) {
    let sleeps = [3_600_000, 1, 3_600_000].map(|millis| {
        let sleep = rt.sleep(millis * MS);
        async move {
            sleep.await;
            millis
        }
    });
    assert_eq!(race(sleeps).await, 1);
    let slow = Box::pin(rt.sleep(3_600_000 * MS));
    assert!(matches!(
        select(slow, Box::pin(rt.sleep(MS))).await,
        Either::Right(())
    ));
}

#[test]
fn biased_takes_the_first_that_is_ready() {
    for _ in 0..20 {
        assert_eq!(
            poll(&mut select(ready(1), ready(2))),
            Poll::Ready(Either::Left(1))
        );
        assert_eq!(
            poll(&mut select(pending::<()>(), ready(2))),
            Poll::Ready(Either::Right(2))
        );
        assert_eq!(
            poll(&mut race([ready(1), ready(2), ready(3)])),
            Poll::Ready(1)
        );
    }
    assert!(poll(&mut race(Vec::<std::future::Ready<()>>::new())).is_pending());
    assert!(poll(&mut race(Vec::<std::future::Ready<()>>::new()).seeded(1)).is_pending());
}

#[test]
fn a_seeded_order_repeats_and_is_fair() {
    let winners = |seed: u64| -> Vec<_> {
        let mut seeds = SplitMix64::new(seed);
        (0..3000)
            .map(|_| poll(&mut race([ready(0), ready(1), ready(2)]).seeded(seeds.next_u64())))
            .map(|winner| match winner {
                Poll::Ready(winner) => winner,
                Poll::Pending => unreachable!("all are ready"),
            })
            .collect()
    };
    assert_eq!(winners(1), winners(1));
    assert_ne!(winners(1), winners(2));
    for side in 0..3_usize {
        let wins = winners(1)
            .into_iter()
            .filter(|&winner| winner == side)
            .count();
        assert!((850..1150).contains(&wins), "{side} wins {wins} of 3000");
    }
    let lefts = (0..1000)
        .filter(|&seed| {
            matches!(
                poll(&mut select(ready(0), ready(1)).seeded(seed)),
                Poll::Ready(Either::Left(0))
            )
        })
        .count();
    assert!((400..600).contains(&lefts), "{lefts}");
}

#[test]
fn the_losers_are_dropped_first() {
    struct Loser(Rc<RefCell<u32>>);

    impl Drop for Loser {
        fn drop(&mut self) {
            *self.0.borrow_mut() += 1;
        }
    }

    let dropped = Rc::new(RefCell::new(0));
    let after = Cell::new(false);
    let contender = |wins: bool| {
        let (loser, after) = (Loser(dropped.clone()), &after);
        Box::pin(async move {
            let _loser = loser;
            while !wins || !after.replace(true) {
                pending_once().await;
            }
        })
    };
    let mut raced = race([contender(false), contender(true), contender(false)]);
    assert!(poll(&mut raced).is_pending());
    assert!(poll(&mut raced).is_ready());
    assert_eq!(*dropped.borrow(), 3);

    after.set(true);
    let mut selected = Box::pin(select(contender(false), contender(true)));
    assert!(poll(&mut selected).is_ready());
    assert_eq!(*dropped.borrow(), 5);
}

async fn pending_once() {
    let mut first = true;
    poll_fn(|_| {
        if std::mem::take(&mut first) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

#[test]
#[should_panic = "`Race` polled after it was ready"]
fn race_panics_when_polled_again() {
    let mut raced = race([ready(1)]);
    let _ = (poll(&mut raced), poll(&mut raced));
}

#[test]
#[should_panic = "`Select` polled after it was ready"]
fn select_panics_when_polled_again() {
    let mut selected = select(ready(1), ready(2));
    let _ = (poll(&mut selected), poll(&mut selected));
}

#[test]
fn futures_are_as_small_as_their_docs_say() {
    watched(|| {
        let timer = anyrt_tokio::Owned::launch(Config::new()).unwrap().handle();
        let backoff = Backoff::constant(MS);
        let tried = retry(&timer, &backoff, || async { Ok::<[u8; 64], ()>([0; 64]) });
        let sleep = size_of_val(&timer.sleep(MS));
        assert!(
            size_of_val(&tried) <= sleep + 128,
            "{} and {sleep}",
            size_of_val(&tried)
        );
    });
}

#[test]
fn a_seeded_select_polls_both_each_time() {
    for seed in 0..32 {
        let mut left = select(ready(1), pending::<()>()).seeded(seed);
        assert!(matches!(poll(&mut left), Poll::Ready(Either::Left(1))));
        let mut right = select(pending::<()>(), ready(2)).seeded(seed);
        assert!(matches!(poll(&mut right), Poll::Ready(Either::Right(2))));
    }
}

/// Notes when a pause begins.
#[derive(Clone, Debug)]
struct Noting(anyrt_sim::Sim, Arc<Mutex<Vec<&'static str>>>);

impl Timer for Noting {
    type Sleep = <anyrt_sim::Sim as Timer>::Sleep;

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.1.lock().unwrap().push("pause");
        self.0.sleep(duration)
    }

    fn sleep_until(&self, deadline: anyrt_core::Instant) -> Self::Sleep {
        self.0.sleep_until(deadline)
    }

    fn now(&self) -> anyrt_core::Instant {
        self.0.now()
    }
}

/// An attempt that fails, and notes its drop.
struct Failing(Arc<Mutex<Vec<&'static str>>>);

impl Future for Failing {
    type Output = Result<(), u8>;

    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Err(1))
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        self.0.lock().unwrap().push("drop");
    }
}

#[test]
fn a_failed_attempt_is_dropped_before_its_pause() {
    let rt = anyrt_sim::Sim::builder().build();
    let log = Arc::new(Mutex::new(Vec::new()));
    let timer = Noting(rt.handle(), log.clone());
    let backoff = Backoff::constant(Duration::from_secs(1)).attempts(2);
    let end = rt.block_on(retry(&timer, &backoff, || Failing(log.clone())));
    assert_eq!(end, Err(1));
    assert_eq!(*log.lock().unwrap(), ["drop", "pause", "drop"]);
}
