//! When a timeout elapses and what it costs, on a clock that the test moves.

mod manual;

use std::future::{pending, ready};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use anyrt_core::{Config, Sleep, Timeout, prelude::*};

use self::manual::{ManualTimer, poll};

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_ready_value_reads_the_clock_once_and_arms_nothing() {
    let timer = ManualTimer::new();
    let mut limited = pin!(timer.timeout(MS, ready(7)));
    assert_eq!(poll(limited.as_mut()), Poll::Ready(Ok(7)));
    assert_eq!((timer.reads(), timer.sleeps()), (1, 0));

    let mut at_once = pin!(timer.timeout(Duration::ZERO, ready(7)));
    assert_eq!(poll(at_once.as_mut()), Poll::Ready(Ok(7)));
    assert_eq!((timer.reads(), timer.sleeps()), (1, 0));
}

#[test]
fn a_limit_of_zero_elapses_at_the_first_poll_of_a_sleep_of_zero() {
    let timer = ManualTimer::new();
    let mut limited = pin!(timer.timeout(Duration::ZERO, pending::<()>()));
    assert!(matches!(poll(limited.as_mut()), Poll::Ready(Err(_))));
    // The sleep is the runtime's, which may let others run when too many were ready in a row.
    assert_eq!((timer.reads(), timer.sleeps()), (0, 1));
}

#[test]
fn the_limit_counts_from_the_call() {
    let timer = ManualTimer::new();
    let mut limited = pin!(timer.timeout(10 * MS, pending::<()>()));
    timer.advance(9 * MS);
    assert!(poll(limited.as_mut()).is_pending());
    timer.advance(MS);
    assert!(matches!(poll(limited.as_mut()), Poll::Ready(Err(_))));
}

#[test]
fn an_endless_limit_arms_nothing() {
    let timer = ManualTimer::new();
    let mut limited = pin!(timer.timeout(Duration::MAX, pending::<()>()));
    timer.advance(Duration::from_secs(1 << 30));
    assert!(poll(limited.as_mut()).is_pending());
    assert_eq!(timer.sleeps(), 0);
}

#[test]
fn a_value_wins_over_a_limit_that_has_passed() {
    let timer = ManualTimer::new();
    let mut flag = false;
    let value = std::future::poll_fn(|_| {
        if std::mem::replace(&mut flag, true) {
            Poll::Ready(7)
        } else {
            Poll::Pending
        }
    });
    let mut limited = pin!(timer.timeout(MS, value));
    assert!(poll(limited.as_mut()).is_pending());
    timer.advance(MS);
    assert_eq!(poll(limited.as_mut()), Poll::Ready(Ok(7)));
}

#[test]
fn the_future_is_there_after_the_limit_has_passed() {
    let timer = ManualTimer::new();
    let (tell, told) = std::sync::mpsc::channel::<()>();
    let future = async move {
        pending::<()>().await;
        drop(tell);
    };
    let mut limited = Box::pin(timer.timeout(Duration::ZERO, future));
    assert!(matches!(poll(limited.as_mut()), Poll::Ready(Err(_))));
    assert!(
        told.try_recv()
            .is_err_and(|error| error == std::sync::mpsc::TryRecvError::Empty)
    );
    assert!(poll(limited.as_mut().get_pin_mut()).is_pending());
    drop(limited);
    assert!(
        told.try_recv()
            .is_err_and(|error| error == std::sync::mpsc::TryRecvError::Disconnected)
    );
}

#[test]
fn a_timeout_is_at_most_24_bytes_larger_than_its_parts() {
    fn overhead<T: Timer>() -> usize {
        size_of::<Timeout<[u64; 4], T>>() - size_of::<[u64; 4]>() - size_of::<T::Sleep>()
    }
    fn check<T: Timer<Sleep: Sleep>>() {
        assert!(
            overhead::<T>() <= 24,
            "{}: {}",
            std::any::type_name::<T>(),
            overhead::<T>()
        );
    }
    check::<ManualTimer>();
    check::<anyrt_tokio::Tokio>();
    check::<anyrt_tokio::Ambient>();
    check::<anyrt_core::AnyRuntime>();
}

#[test]
fn a_time_that_passed_is_an_io_error_of_its_kind() {
    let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    let end = rt.block_on(rt.handle().timeout(Duration::ZERO, pending::<()>()));
    let error = std::io::Error::from(end.unwrap_err());
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
}
