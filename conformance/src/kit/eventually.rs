use std::thread;
use std::time::{Duration, Instant};

use anyrt_core::yield_now;

/// How long something may take that has to happen soon.
const SOON: Duration = Duration::from_secs(10);

/// Waits, on a thread, until `seen` is true.
///
/// # Panics
///
/// When it is not true within ten seconds; `what` says what was waited for.
#[track_caller]
pub fn eventually(what: &str, seen: impl Fn() -> bool) {
    let start = Instant::now();
    while !seen() {
        assert!(start.elapsed() < SOON, "not within {SOON:?}: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Yields, in a task, until `seen` is true.
///
/// # Panics
///
/// As [`eventually`].
pub async fn yield_until(what: &str, seen: impl Fn() -> bool) {
    let start = Instant::now();
    while !seen() {
        assert!(start.elapsed() < SOON, "not within {SOON:?}: {what}");
        yield_now().await;
    }
}
