//! Virtual time: exact, jumping, and moved by hand.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use anyrt_core::prelude::*;
use anyrt_core::yield_now;
use anyrt_sim::{Ambient, Builder, EventKind, FailureKind, Policy, Sim, TaskState};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

const SECOND: Duration = Duration::from_secs(1);

/// Without a cost of polls and of readings: the clock moves from deadline to deadline and nowhere else.
fn exact() -> Builder {
    Sim::builder().poll_cost(Duration::ZERO).strict_now(false)
}

#[test]
fn a_sleep_ends_exactly_at_its_deadline() {
    let rt = exact().build();
    let sim = rt.handle();
    rt.block_on(async {
        for nanos in [1, 999, 1_000_000, 3_600_000_000_000] {
            let start = sim.now();
            sim.sleep(Duration::from_nanos(nanos)).await;
            assert_eq!(sim.now() - start, Duration::from_nanos(nanos));
        }
    });
}

#[test]
fn a_virtual_hour_of_heartbeats_takes_no_hour() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let beats = rt.block_on(async {
        let mut interval = pin!(sim.interval(Duration::from_millis(100)));
        let mut beats = 0;
        while sim.elapsed() < 3600 * SECOND {
            interval.as_mut().tick().await;
            beats += 1;
        }
        beats
    });
    assert_eq!(beats, 36_001);
}

#[test]
fn the_deadline_counts_from_the_call() {
    let rt = exact().build();
    let sim = rt.handle();
    rt.block_on(async {
        let sleep = sim.sleep(SECOND);
        sim.sleep(5 * SECOND).await;
        let start = sim.now();
        sleep.await;
        assert_eq!(sim.now(), start);
    });
}

#[test]
fn zero_and_past_sleeps_are_ready_at_once_and_stay_ready() {
    let rt = exact().lateness(SECOND).build();
    let sim = rt.handle();
    rt.block_on(async {
        let past = sim.now();
        sim.sleep(SECOND).await;
        let now = sim.now();
        sim.sleep(Duration::ZERO).await;
        sim.sleep_until(past).await;
        let mut sleep = pin!(sim.sleep_until(past));
        sleep.as_mut().await;
        sleep.as_mut().await;
        assert!(sleep.is_elapsed());
        assert_eq!(sim.now(), now);
    });
}

#[test]
fn endless_sleeps_never_fire_and_never_panic() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    for endless in [
        Duration::MAX,
        Duration::from_secs(u64::MAX),
        Duration::from_secs(1000 * 365 * 86_400),
    ] {
        let failure = rt.try_block_on(sim.sleep(endless)).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Deadlock);
        assert_eq!(failure.tasks()[0].state(), TaskState::Waiting);
    }
    assert_eq!(sim.elapsed(), Duration::ZERO);
}

#[test]
fn reset_moves_a_deadline_that_somebody_waits_for() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    for first in [SECOND, 60 * SECOND, Duration::MAX] {
        let sleep = Arc::new(Mutex::new(Box::pin(sim.sleep(first))));
        let waiter = sim.spawn({
            let sleep = Arc::clone(&sleep);
            std::future::poll_fn(move |cx| sleep.lock().unwrap().as_mut().poll(cx))
        });
        sim.run_until_stalled();
        let deadline = sim.now() + 10 * SECOND;
        sleep.lock().unwrap().as_mut().reset(deadline);
        rt.block_on(waiter).unwrap();
        assert_eq!(sim.now(), deadline);
        assert!(sleep.lock().unwrap().is_elapsed());
        sleep.lock().unwrap().as_mut().reset(deadline + SECOND);
        assert!(!sleep.lock().unwrap().is_elapsed());
    }
}

#[test]
fn different_deadlines_wake_in_their_order_under_every_seed() {
    for policy in [Policy::Random, Policy::Lifo, Policy::Pct { depth: 4 }] {
        for seed in 0..32 {
            let rt = Sim::builder().seed(seed).policy(policy).build();
            let sim = rt.handle();
            let order = Arc::new(Mutex::new(Vec::new()));
            for millis in [30u64, 10, 20, 50, 40] {
                let (order, sim) = (Arc::clone(&order), sim.clone());
                rt.handle().spawn_detached(async move {
                    sim.sleep(Duration::from_millis(millis)).await;
                    order.lock().unwrap().push(millis);
                });
            }
            rt.block_on(sim.sleep(SECOND));
            assert_eq!(*order.lock().unwrap(), [10, 20, 30, 40, 50]);
        }
    }
}

#[test]
fn equal_deadlines_wake_together_in_a_seeded_order() {
    let order_of = |policy, seed| {
        let rt = Sim::builder().seed(seed).policy(policy).build();
        let sim = rt.handle();
        let order = Arc::new(Mutex::new(Vec::new()));
        for name in 0..5 {
            let (order, sim) = (Arc::clone(&order), sim.clone());
            rt.handle().spawn_detached(async move {
                sim.sleep(SECOND).await;
                assert_eq!(sim.elapsed(), SECOND);
                order.lock().unwrap().push(name);
            });
        }
        rt.block_on(sim.sleep(2 * SECOND));
        order.lock().unwrap().clone()
    };
    let mut orders: Vec<_> = (0..64).map(|seed| order_of(Policy::Random, seed)).collect();
    orders.sort();
    orders.dedup();
    // 120 orders are possible; 64 draws miss half of them at most once in a while.
    assert!(orders.len() > 30, "{}", orders.len());
    assert!((0..8).all(|seed| order_of(Policy::Fifo, seed) == [0, 1, 2, 3, 4]));
}

#[test]
fn lateness_is_seeded_and_never_early() {
    let lateness_of = |seed| {
        let rt = Sim::builder()
            .seed(seed)
            .lateness(Duration::from_millis(5))
            .build();
        let sim = rt.handle();
        rt.block_on(async {
            let mut all = Vec::new();
            for _ in 0..20 {
                let deadline = sim.now() + SECOND;
                sim.sleep_until(deadline).await;
                all.push(
                    sim.now()
                        .checked_duration_since(deadline)
                        .expect("never early"),
                );
            }
            all
        })
    };
    let all = lateness_of(1);
    assert!(all.iter().all(|&late| late <= Duration::from_millis(5)));
    assert!(all.iter().any(|&late| late > Duration::from_millis(1)));
    assert_eq!(all, lateness_of(1));
    assert_ne!(all, lateness_of(2));
}

#[test]
fn the_wall_clock_goes_with_the_virtual_one() {
    let start = SystemTime::UNIX_EPOCH + 1000 * SECOND;
    let rt = Sim::builder().start(start).build();
    let sim = rt.handle();
    rt.block_on(sim.sleep(7 * SECOND));
    assert_eq!(sim.system_time(), start + 7 * SECOND);
}

#[test]
fn advance_visits_every_deadline_on_the_way() {
    let rt = Sim::builder().auto_advance(false).build();
    let sim = rt.handle();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let ticker = sim.spawn({
        let (sim, seen) = (sim.clone(), Arc::clone(&seen));
        async move {
            loop {
                sim.sleep(SECOND).await;
                seen.lock().unwrap().push(sim.elapsed());
            }
        }
    });
    sim.advance(Duration::from_millis(2500));
    assert_eq!(*seen.lock().unwrap(), [SECOND, 2 * SECOND]);
    assert_eq!(sim.elapsed(), Duration::from_millis(2500));
    assert_eq!(sim.advance_to_next(), Some(Duration::from_millis(500)));
    assert_eq!(seen.lock().unwrap().len(), 3);
    drop(ticker.abort_on_drop());

    let failure = rt.try_block_on(sim.sleep(SECOND)).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Deadlock);
    assert!(failure.message().contains("auto_advance"), "{failure}");
}

#[test]
fn a_root_may_move_the_clock_itself() {
    let rt = Sim::builder().auto_advance(false).build();
    let sim = rt.handle();
    rt.block_on(async {
        let task = sim.spawn(sim.sleep(60 * SECOND));
        sim.advance(59 * SECOND);
        assert!(!task.is_finished());
        sim.advance(SECOND);
        assert!(task.is_finished());
        task.await.unwrap();
    });
}

#[test]
fn a_poll_may_take_time() {
    let rt = Sim::builder().poll_cost(Duration::from_micros(1)).build();
    let sim = rt.handle();
    // Yielding lets timers fire, and a timeout interrupts a future that is always busy.
    let sleeper = sim.spawn(sim.sleep(Duration::from_millis(20)));
    let busy = async {
        loop {
            yield_now().await;
        }
    };
    let end: Result<(), _> = rt.block_on(sim.timeout(Duration::from_millis(50), busy));
    assert!(end.is_err());
    assert!(sleeper.is_finished());
    assert!(sim.elapsed() >= Duration::from_millis(50));
}

#[test]
fn a_hundred_thousand_sleeps_arm_and_drop() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        for round in 0..2u64 {
            let mut sleeps: Vec<_> = (0..100_000u64)
                .map(|n| Box::pin(sim.sleep(Duration::from_secs(1 + n % 7 + round))))
                .collect();
            std::future::poll_fn(|cx| {
                for sleep in &mut sleeps {
                    assert!(sleep.as_mut().poll(cx).is_pending());
                }
                std::task::Poll::Ready(())
            })
            .await;
        }
        assert_eq!(sim.elapsed(), Duration::ZERO);
    });
    assert_eq!(sim.advance_to_next(), None);
}

#[test]
fn a_long_sleep_takes_no_real_time() {
    let real = Instant::now();
    let rt = Sim::builder().build();
    rt.block_on(rt.handle().sleep(Duration::from_secs(86_400 * 365)));
    // A year in less than a minute, on however slow a machine.
    assert!(real.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_closure_may_take_virtual_time() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let beats = Arc::new(Mutex::new(0));
    let heartbeat = sim.spawn({
        let (sim, beats) = (sim.clone(), Arc::clone(&beats));
        async move {
            loop {
                sim.sleep(SECOND).await;
                *beats.lock().unwrap() += 1;
            }
        }
    });
    let slow = sim.spawn_blocking({
        let sim = sim.clone();
        move || sim.advance(10 * SECOND)
    });
    let limit = sim.spawn(sim.timeout(3 * SECOND, slow));
    assert!(rt.block_on(limit).unwrap().is_err());
    assert_eq!(*beats.lock().unwrap(), 10);
    drop(heartbeat.abort_on_drop());
}

#[test]
fn advancing_past_the_time_limit_fails() {
    let rt = Sim::builder().time_limit(SECOND).build();
    let sim = rt.handle();
    sim.advance(SECOND);
    let past = std::panic::AssertUnwindSafe(|| sim.advance(SECOND));
    assert!(std::panic::catch_unwind(past).is_err());
    assert_eq!(
        rt.try_block_on(async {}).unwrap_err().kind(),
        FailureKind::TimeLimit
    );
}

#[test]
fn equal_deadlines_inside_one_task_come_in_a_seeded_order_too() {
    // No draw among tasks is made here: the order is that in which the timers fire.
    let order_of = |policy, seed| {
        let rt = Sim::builder().seed(seed).policy(policy).build();
        let sim = rt.handle();
        rt.block_on(async {
            let sleeps: FuturesUnordered<_> =
                (0..5).map(|n| sim.sleep(SECOND).map(move |()| n)).collect();
            sleeps.collect::<Vec<u32>>().await
        })
    };
    let orders: BTreeSet<_> = (0..64).map(|seed| order_of(Policy::Random, seed)).collect();
    assert!(orders.len() > 30, "{}", orders.len());
    let fifo: BTreeSet<_> = (0..8).map(|seed| order_of(Policy::Fifo, seed)).collect();
    assert_eq!(fifo.len(), 1);
}

#[test]
fn two_readings_in_one_poll_differ_by_a_nanosecond() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let readings = [sim.now(), sim.now(), Ambient.now()];
        let nanosecond = Duration::from_nanos(1);
        assert_eq!(readings[1] - readings[0], nanosecond);
        assert_eq!(readings[2] - readings[1], nanosecond);
        // The clock shows what was read, so a deadline that was read has come.
        sim.sleep_until(readings[2]).await;
        assert_eq!(sim.elapsed(), 2 * nanosecond);
        sim.sleep(SECOND).await;
        assert_eq!(sim.now() - readings[2], SECOND, "one reading costs nothing");
    });
}

#[test]
fn a_loop_that_retries_without_a_sleep_makes_progress_in_time() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let flag = Arc::new(Mutex::new(false));
    sim.spawn_detached({
        let (sim, flag) = (sim.clone(), Arc::clone(&flag));
        async move {
            sim.sleep(2 * SECOND).await;
            *flag.lock().unwrap() = true;
        }
    });
    let polls = rt.block_on(async {
        let mut polls = 0;
        while !*flag.lock().unwrap() {
            polls += 1;
            yield_now().await;
        }
        polls
    });
    // A microsecond each, and more often than the limit of polls at one instant.
    assert!((1_999_000..=2_001_000).contains(&polls), "{polls}");
}

#[test]
fn tasks_do_not_slow_each_other_down() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let sim = sim.clone();
            rt.handle().spawn(async move {
                sim.sleep(SECOND).await;
                sim.elapsed()
            })
        })
        .collect();
    rt.block_on(async {
        for task in tasks {
            assert_eq!(task.await.unwrap(), SECOND);
        }
    });
}

#[test]
fn the_wall_clock_jumps_and_timers_do_not_notice() {
    let start = SystemTime::UNIX_EPOCH + 1_000_000 * SECOND;
    for jumped in [SystemTime::UNIX_EPOCH, start + 500_000 * SECOND] {
        let rt = exact().start(start).build();
        let sim = rt.handle();
        let sleeper = sim.spawn(sim.sleep(10 * SECOND));
        rt.block_on(async {
            sim.sleep(4 * SECOND).await;
            sim.set_system_time(jumped);
            assert_eq!(Ambient.system_time(), jumped);
            sleeper.await.unwrap();
        });
        assert_eq!(sim.elapsed(), 10 * SECOND);
        assert_eq!(sim.system_time(), jumped + 6 * SECOND);
        assert!(
            sim.events()
                .iter()
                .any(|event| event.kind() == EventKind::WallClockSet)
        );
    }
}

#[test]
fn a_sleep_until_a_wall_clock_time_survives_a_jump() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let deadline = sim.system_time() + 3600 * SECOND;
        let waiter = sim.spawn(sim.sleep_until_system_time(deadline));
        sim.sleep(10 * SECOND).await;
        sim.set_system_time(deadline);
        waiter.await.unwrap();
        assert!(sim.elapsed() <= 12 * SECOND, "{:?}", sim.elapsed());

        let deadline = sim.system_time() + 60 * SECOND;
        let waiter = sim.spawn(sim.sleep_until_system_time(deadline));
        sim.set_system_time(deadline - 600 * SECOND);
        waiter.await.unwrap();
        assert!(sim.elapsed() >= 600 * SECOND, "{:?}", sim.elapsed());
    });
}
