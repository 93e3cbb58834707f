//! The SDK's own waiting on every backend.

use std::future::pending;
use std::time::{Duration, SystemTime};

use anyrt_aws::Aws;
use anyrt_bridge_testing::{on_each_runtime, on_simulation};
use anyrt_core::Runtime;
use aws_smithy_async::future::timeout::Timeout;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep};
use aws_smithy_async::time::SharedTimeSource;

on_each_runtime!(
    a_timeout_ends_what_does_not_end,
    what_ends_in_time_is_returned,
    a_sleep_may_be_made_anywhere,
    the_calendar_goes_on,
);

on_simulation!(
    a_timeout_ends_what_does_not_end,
    what_ends_in_time_is_returned,
    the_calendar_goes_on,
);

const LIMIT: Duration = Duration::from_millis(10);

async fn a_timeout_ends_what_does_not_end<R: Runtime>(rt: R) {
    let sleep = SharedAsyncSleep::new(Aws::new(rt.clone()));
    let begun = rt.now();
    let forever = Timeout::new(pending::<()>(), sleep.sleep(LIMIT));
    assert!(forever.await.is_err());
    assert!(rt.now() - begun >= LIMIT);
}

async fn what_ends_in_time_is_returned<R: Runtime>(rt: R) {
    let sleep = SharedAsyncSleep::new(Aws::new(rt.clone()));
    let work = rt.spawn(async { 42 });
    let limited = Timeout::new(work, sleep.sleep(Duration::from_secs(600)));
    assert_eq!(limited.await.unwrap().unwrap(), 42);
}

/// The SDK makes sleeps on threads of its user's.
async fn a_sleep_may_be_made_anywhere<R: Runtime>(rt: R) {
    let sleep = SharedAsyncSleep::new(Aws::new(rt.clone()));
    let made = std::thread::spawn(move || sleep.sleep(LIMIT))
        .join()
        .unwrap();
    rt.spawn(made).await.unwrap();
}

async fn the_calendar_goes_on<R: Runtime>(rt: R) {
    let clock = SharedTimeSource::new(Aws::new(rt.clone()));
    let before = clock.now();
    rt.sleep(LIMIT).await;
    let after = clock.now();
    assert!(before > SystemTime::UNIX_EPOCH && after > before);
}
