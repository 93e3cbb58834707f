//! What types and errors say of themselves.

use std::error::Error as _;
use std::future::{Future, pending};
use std::io;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use anyrt_core::{
    AnyBlockOn, AnyLocalRuntime, AnyTimer, Config, ConfigOption, Flavor, JoinError, LaunchError,
    NoRuntime,
};
use anyrt_core::{AnyRuntime, prelude::*};
use anyrt_sim::Sim;

const SECOND: Duration = Duration::from_secs(1);

/// Each `Debug` begins with the name of its type.
macro_rules! assert_shows {
    ($($value:expr => $name:literal),+ $(,)?) => {$(
        let shown = format!("{:?}", $value);
        assert!(shown.starts_with($name), "{shown}");
    )+};
}

#[test]
fn each_type_shows_its_name() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let parked = || sim.spawn(pending::<()>());
    assert_shows! {
        parked().abort_handle() => "AbortHandle",
        parked().abort_on_drop() => "AbortOnDrop",
        parked().fused() => "FusedJoinHandle",
        parked().join_or_panic() => "JoinOrPanic",
        parked().cancel() => "Cancel",
        parked() => "JoinHandle",
        sim.interval(SECOND) => "Interval",
        sim.interval(SECOND).boxed() => "BoxInterval",
        pin!(sim.interval(SECOND)).tick() => "Tick",
        sim.timeout(SECOND, pending::<()>()) => "Timeout",
        sim.sleep_until_system_time(SystemTime::now()) => "SleepUntilSystemTime",
        AnyRuntime::new(sim.clone()) => "AnyRuntime",
        AnyRuntime::new(sim.clone()).as_current(pending::<()>()) => "AsCurrent",
        AnyLocalRuntime::new(sim.clone()) => "AnyLocalRuntime",
        AnyTimer::new(sim.clone()) => "AnyTimer",
        AnyBlockOn::new(sim.clone()) => "AnyBlockOn",
        NoRuntime::new("none", "look", "pass one in") => "NoRuntime",
        LaunchError::unusable("none", "it is broken") => "LaunchError",
    }
    let elapsed = rt
        .block_on(sim.timeout(SECOND, pending::<()>()))
        .unwrap_err();
    assert_shows!(elapsed => "Elapsed");
    assert!(!elapsed.to_string().is_empty());
}

#[test]
fn an_end_is_a_panic_or_a_cancellation() {
    let (panic, cancelled) = (JoinError::panic(Box::new(7)), JoinError::cancelled());
    assert!(panic.is_panic() && !panic.is_cancelled());
    assert!(cancelled.is_cancelled() && !cancelled.is_panic());
}

#[test]
fn an_error_names_its_runtime() {
    let error = NoRuntime::new("tokio", "look", "pass one in");
    assert_eq!(error.runtime(), "tokio");
    assert!(error.to_string().contains("`look`"), "{error}");
    let error = error.in_call("sleep");
    assert!(error.to_string().contains("`sleep`"), "{error}");
    assert!(!error.to_string().contains("`look`"), "{error}");
    let error = LaunchError::unusable("smol", "it is broken");
    assert_eq!((error.runtime(), error.option()), ("smol", None));
    assert!(error.to_string().contains("it is broken"));
}

#[test]
fn an_error_of_the_system_is_inside() {
    let refused = io::Error::from(io::ErrorKind::OutOfMemory);
    let error = LaunchError::system("tokio", "start a thread", refused);
    assert!(error.source().is_some() && !error.is_unsupported());
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::OutOfMemory);
    assert!(LaunchError::unusable("tokio", "").source().is_none());
}

#[test]
fn threads_are_those_that_were_asked_for() {
    assert_eq!(Config::new().threads(), None);
    assert_eq!(Config::new().worker_threads(3).threads(), Some(3));
    assert_eq!(Config::new().worker_threads_hint(0).threads(), Some(1));
    assert_eq!(
        Config::new()
            .worker_threads_hint(5)
            .worker_threads(2)
            .threads(),
        Some(2)
    );
}

#[test]
fn an_option_is_honoured_or_refused() {
    let named = Config::new().thread_name("worker");
    assert!(named.check("tokio", &[ConfigOption::ThreadName]).is_ok());
    let error = named.check("tokio", &[]).unwrap_err();
    assert!(error.is_unsupported());
    assert_eq!(error.option(), Some(ConfigOption::ThreadName));
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::Unsupported);

    // A hint is nobody's duty.
    assert!(
        Config::new()
            .worker_threads_hint(2)
            .check("tokio", &[])
            .is_ok()
    );

    let none = Config::new().worker_threads(0);
    let error = none
        .check("tokio", &[ConfigOption::WorkerThreads])
        .unwrap_err();
    assert!(!error.is_unsupported() && error.option() == Some(ConfigOption::WorkerThreads));
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::InvalidInput);

    let all = [ConfigOption::WorkerThreads, ConfigOption::Flavor];
    let current = Config::new().flavor(Flavor::CurrentThread);
    assert!(current.clone().check("tokio", &all).is_ok());
    assert!(current.worker_threads(2).check("tokio", &all).is_err());
    let multi = Config::new().flavor(Flavor::MultiThread).worker_threads(2);
    assert!(multi.check("tokio", &all).is_ok());
}

#[test]
fn a_flavor_is_the_only_one_or_refused() {
    for only in [Flavor::CurrentThread, Flavor::MultiThread] {
        assert!(Config::new().check_flavor("smol", only).is_ok());
        for flavor in [Flavor::CurrentThread, Flavor::MultiThread] {
            let checked = Config::new().flavor(flavor).check_flavor("smol", only);
            assert_eq!(
                checked.is_ok(),
                flavor == only,
                "{flavor:?} where {only:?} is the only one"
            );
        }
    }
}

#[test]
fn to_yield_is_to_be_pending_once() {
    let mut yielding = pin!(anyrt_core::yield_now());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(yielding.as_mut().poll(&mut cx).is_pending());
    assert!(yielding.as_mut().poll(&mut cx).is_ready());
}
