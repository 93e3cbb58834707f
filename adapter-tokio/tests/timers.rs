//! Timers: which runtimes have them, whose clock they follow, and when they are ready.

mod polling;
mod watchdog;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::{Duration, Instant};

use anyrt_core::prelude::*;
use anyrt_core::{Config, Flavor};
use anyrt_tokio::{Ambient, Owned, Tokio};
use polling::poll_once;
use tokio::runtime::Builder;
use watchdog::watched;

#[test]
fn a_runtime_without_timers_is_an_error() {
    let native = Builder::new_current_thread().build().unwrap();
    let error = Tokio::try_from(native.handle().clone()).unwrap_err();
    assert_eq!(error.runtime(), "tokio");
    assert!(error.to_string().contains("enable_time"));
    native.block_on(async {
        let error = Tokio::try_current().unwrap_err();
        assert!(error.to_string().contains("enable_time"));
        let error = Ambient::try_current().unwrap_err();
        assert!(error.to_string().contains("enable_time"));
    });
}

#[test]
fn a_runtime_with_timers_is_taken() {
    let native = Builder::new_current_thread().enable_time().build().unwrap();
    assert!(Tokio::try_from(native.handle().clone()).is_ok());
    native.block_on(async {
        assert!(Tokio::try_current().is_ok());
        assert!(Ambient::try_current().is_ok());
    });
}

#[test]
fn no_runtime_is_an_error_that_names_the_call() {
    let error = Tokio::try_current().unwrap_err();
    assert!(error.to_string().contains("`Tokio::try_current`"));
    let error = Ambient::try_current().unwrap_err();
    assert!(error.to_string().contains("`Ambient::try_current`"));
}

#[test]
fn a_paused_clock_is_followed() {
    const HOUR: Duration = Duration::from_secs(3600);
    watched(|| {
        let native = paused();
        let rt = Tokio::try_from(native.handle().clone()).unwrap();
        let start = rt.now(); // on a plain thread
        native.block_on(async {
            assert_eq!(rt.now(), start);
            rt.sleep(HOUR).await;
            assert!(rt.now() >= start + HOUR);
            assert_eq!(Ambient.now(), rt.now());
        });
        assert!(rt.now() >= start + HOUR);
        assert!(Instant::now() < start + HOUR);
    });
}

#[test]
fn a_deadline_past_by_less_than_a_tick_is_ready_at_the_first_poll() {
    watched(|| {
        paused().block_on(async {
            for _ in 0..10 {
                let deadline = Ambient.now() + Duration::from_micros(150);
                let mut ours = pin!(Ambient.sleep_until(deadline));
                let mut native = pin!(tokio::time::sleep_until(deadline.into()));
                tokio::time::advance(Duration::from_micros(150)).await;
                assert!(native.as_mut().deadline() <= tokio::time::Instant::now());
                assert!(poll_once(ours.as_mut()).is_ready());
                assert!(ours.is_elapsed());
                if poll_once(native).is_pending() {
                    return;
                }
            }
            panic!("tokio no longer rounds up: the clock need not be read");
        });
    });
}

#[test]
fn a_reset_deadline_past_by_less_than_a_tick_is_ready_at_the_next_poll() {
    watched(|| {
        paused().block_on(async {
            let mut sleep = pin!(Ambient.sleep(Duration::from_secs(9)));
            assert!(poll_once(sleep.as_mut()).is_pending());
            for _ in 0..10 {
                tokio::time::advance(Duration::from_micros(150)).await;
                sleep.as_mut().reset(Ambient.now());
                assert!(!sleep.is_elapsed());
                assert!(poll_once(sleep.as_mut()).is_ready());
            }
        });
    });
}

#[test]
fn no_sleep_is_ready_before_its_deadline() {
    watched(|| {
        paused().block_on(async {
            let mut sleep = pin!(Ambient.sleep(Duration::from_micros(150)));
            tokio::time::advance(Duration::from_micros(149)).await;
            assert!(poll_once(sleep.as_mut()).is_pending());
            assert!(!sleep.is_elapsed());
            sleep.as_mut().await;
            assert!(poll_once(sleep.as_mut()).is_ready());
        });
    });
}

#[test]
fn the_end_of_the_clock_never_fires() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let handle = rt.handle();
        let mut end = handle.now();
        for exponent in (0..64).rev() {
            while let Some(later) = end.checked_add(Duration::from_secs(1 << exponent)) {
                end = later;
            }
        }
        while let Some(later) = end.checked_add(Duration::from_millis(1)) {
            end = later;
        }
        let mut sleep = pin!(handle.sleep_until(end));
        assert!(poll_once(sleep.as_mut()).is_pending());
        sleep.as_mut().reset(handle.now());
        assert!(poll_once(sleep.as_mut()).is_ready());
        sleep.as_mut().reset(end);
        assert!(poll_once(sleep.as_mut()).is_pending());
        assert!(poll_once(pin!(handle.sleep(Duration::MAX))).is_pending());
    });
}

/// A year of the calendar that tokio counts in.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[test]
fn a_far_sleep_does_not_fire_early_on_a_paused_clock() {
    watched(|| {
        for years in [20, 29, 31, 50, 100, 10_000] {
            paused().block_on(async {
                let start = Ambient.now();
                Ambient.sleep(years * YEAR).await;
                assert!(Ambient.now() >= start + years * YEAR, "{years} years");

                let start = Ambient.now();
                Ambient.sleep_until(start + years * YEAR).await;
                assert!(Ambient.now() >= start + years * YEAR, "{years} years");

                let start = Ambient.now();
                let mut sleep = pin!(Ambient.sleep(Duration::ZERO));
                sleep.as_mut().reset(start + years * YEAR);
                sleep.await;
                assert!(Ambient.now() >= start + years * YEAR, "{years} years");
            });
        }
    });
}

#[test]
fn a_far_limit_does_not_pass_early_on_a_paused_clock() {
    watched(|| {
        paused().block_on(async {
            let start = Ambient.now();
            let limited = Ambient.timeout(100 * YEAR, std::future::pending::<()>());
            limited.await.unwrap_err();
            assert!(Ambient.now() >= start + 100 * YEAR);

            let mut interval = pin!(Ambient.interval_at(start + 200 * YEAR, 50 * YEAR));
            interval.as_mut().tick().await;
            interval.as_mut().tick().await;
            assert!(Ambient.now() >= start + 250 * YEAR);
        });
    });
}

#[test]
fn what_never_fires_neither_fires_nor_moves_a_paused_clock() {
    watched(|| {
        paused().block_on(async {
            let start = Ambient.now();
            for duration in [Duration::MAX, Duration::from_secs(u64::MAX / 4)] {
                let mut never = pin!(Ambient.sleep(duration));
                let mut limit = pin!(Ambient.timeout(duration, std::future::pending::<()>()));
                let near = pin!(Ambient.sleep(1000 * YEAR));
                let mut near = near;
                std::future::poll_fn(|cx| {
                    assert!(never.as_mut().poll(cx).is_pending(), "{duration:?}");
                    assert!(limit.as_mut().poll(cx).is_pending(), "{duration:?}");
                    near.as_mut().poll(cx)
                })
                .await;
                assert!(!never.is_elapsed());
                assert_eq!(never.deadline(), None);
            }
            // Nothing but the two sleeps of 1000 years moved the clock, each by less than a tick too much.
            assert!(Ambient.now() < start + 2000 * YEAR + Duration::from_secs(1));
        });
    });
}

#[test]
fn what_never_fires_can_be_reset_to_fire() {
    watched(|| {
        paused().block_on(async {
            let start = Ambient.now();
            let mut sleep = pin!(Ambient.sleep(Duration::MAX));
            assert!(poll_once(sleep.as_mut()).is_pending());
            sleep.as_mut().reset(start + YEAR);
            assert_eq!(sleep.deadline(), Some(start + YEAR));
            sleep.as_mut().await;
            assert!(Ambient.now() >= start + YEAR);
        });
    });
}

#[test]
fn a_sleep_that_outlives_its_runtime_panics_as_documented() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let handle = rt.handle();
        drop(rt);
        assert!(poll_once(pin!(handle.sleep(Duration::ZERO))).is_ready());
        let mut sleep = Box::pin(handle.sleep(Duration::from_secs(60)));
        let payload = catch_unwind(AssertUnwindSafe(|| poll_once(sleep.as_mut()))).unwrap_err();
        let message = payload.downcast_ref::<String>().unwrap();
        assert_eq!(
            message,
            "A Tokio 1.x context was found, but it is being shutdown."
        );
        let documented: Vec<_> = include_str!("../README.md").split_whitespace().collect();
        assert!(documented.join(" ").contains(message.as_str()));
    });
}

#[test]
fn a_sleep_lands_on_the_runtime_of_its_handle() {
    watched(|| {
        let undriven = Owned::launch(Config::new().flavor(Flavor::CurrentThread)).unwrap();
        let driven = Owned::launch(Config::new()).unwrap();
        let (theirs, ours) = (undriven.handle(), driven.handle());
        driven.block_on(async {
            // One whose deadline is past at its first poll is ready, and was never armed: take another.
            let mut sleep = loop {
                let mut sleep = Box::pin(theirs.sleep(Duration::from_millis(1)));
                if poll_once(sleep.as_mut()).is_pending() {
                    break sleep;
                }
            };
            ours.sleep(Duration::from_millis(20)).await;
            // Its deadline is past, but its runtime has not been driven.
            assert!(poll_once(sleep.as_mut()).is_pending());
        });
    });
}

fn paused() -> tokio::runtime::Runtime {
    Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
}
