//! openraft's own suite for runtimes, on every backend.

#[cfg(not(feature = "single-threaded"))]
mod current_thread;

use std::any::Any;
use std::panic;
use std::time::Duration;

use anyrt_bridge_testing::{repeats, watched};
use anyrt_openraft::{Erased, Openraft};
use openraft_rt::testing::Suite;
use openraft_rt::{AsyncRuntime, Instant};

/// What the suite says where a machine is too busy for it: it wants a sleep of 50 ms to end within 200 ms, a sleep of 10 ms to be
/// polled before it is over, one of a second to be polled before it is over where a timeout of 10 ms ends it, a task's sleep of 50 ms
/// to go on for 40 ms after the spawn, and a value that another task raises every 20 ms to be seen as 3.
const TOO_LATE: &[&str] = &[
    "assertion failed: diff < Duration::",
    "assertion failed: matches!(poll, Poll::Pending)",
    "assertion failed: timeout_result.is_err()",
    "changed() returned too quickly (",
    "assertion `left == right` failed\n  left: 4\n right: 3",
    "assertion `left == right` failed\n  left: 5\n right: 3",
];

fn text(payload: &(dyn Any + Send)) -> Option<&str> {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| payload.downcast_ref::<&str>().copied())
}

/// Runs the whole suite until it was in time once, and at least as often as wished. A failure that is none of time is one.
fn suite<Rt: AsyncRuntime>() {
    let mut in_time = 0;
    let mut late = 0;
    while in_time < repeats(1, 20) {
        match panic::catch_unwind(Suite::<Rt>::test_all) {
            Ok(()) => in_time += 1,
            Err(payload) => {
                let is_late = text(&*payload)
                    .is_some_and(|text| TOO_LATE.iter().any(|limit| text.starts_with(limit)));
                if !is_late {
                    panic::resume_unwind(payload);
                }
                late += 1;
                assert!(
                    late < 100,
                    "the suite was too late {late} times, and in time {in_time} times"
                );
            }
        }
    }
}

/// Blocking closures run on the runtime's threads, and tell of panics.
fn blocking<Rt: AsyncRuntime>() {
    let mut runtime = Rt::new(2);
    runtime.block_on(async {
        assert_eq!(Rt::spawn_blocking(|| 42).await.unwrap(), 42);
        let error = Rt::spawn_blocking(|| -> u8 { panic!("on purpose") }).await;
        assert!(error.unwrap_err().to_string().contains("on purpose"));
    });
}

/// The clock is the runtime's inside of it, and goes on outside.
fn clock<Rt: AsyncRuntime>() {
    let before = Rt::Instant::now();
    let after = Rt::new(1).block_on(async {
        Rt::sleep(Duration::from_millis(5)).await;
        Rt::Instant::now()
    });
    assert!(after - before >= Duration::from_millis(5));
    assert!(Rt::Instant::now() >= after);
}

macro_rules! backends {
    ($($name:ident: $owner:ty,)+) => {$(
        mod $name {
            use super::*;

            #[test]
            fn the_suite_is_green() {
                watched(suite::<Openraft<$owner>>);
            }

            #[test]
            fn blocking_closures_run() {
                watched(blocking::<Openraft<$owner>>);
            }

            #[test]
            fn the_clock_goes_on() {
                watched(clock::<Openraft<$owner>>);
            }
        }
    )+};
}

#[cfg(not(feature = "single-threaded"))]
backends! {
    tokio_multi_thread: anyrt_tokio::Owned,
    tokio_current_thread: current_thread::CurrentThread,
    smol_owned: anyrt_smol::Owned,
    smol_global: anyrt_smol::Global,
    async_std_global: anyrt_async_std::Global,
    any_on_tokio: Erased<anyrt_tokio::Owned>,
    any_on_smol: Erased<anyrt_smol::Owned>,
}

/// In virtual time, where nothing is late.
#[cfg(not(feature = "single-threaded"))]
mod simulation {
    use super::*;

    #[test]
    fn the_suite_is_green() {
        watched(suite::<Openraft<anyrt_sim::Owned>>);
    }

    #[test]
    fn blocking_closures_run() {
        watched(blocking::<Openraft<anyrt_sim::Owned>>);
    }
}

#[cfg(feature = "single-threaded")]
backends! {
    tokio_local: anyrt_tokio::Local,
    smol_local: anyrt_smol::Local,
    async_std_local: anyrt_async_std::Local,
    compio_local: anyrt_compio::Local,
    any_on_tokio_local: Erased<anyrt_tokio::Local>,
    any_on_smol_local: Erased<anyrt_smol::Local>,
}
