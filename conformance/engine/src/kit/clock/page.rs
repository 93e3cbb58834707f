use std::sync::OnceLock;
use std::time::Duration;

use anyrt_core::Instant;

/// What the standard library lacks in a browser and the program that runs the suite has.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Reads a clock.
    pub now: fn() -> Instant,
    /// Lets time pass on this thread, and the event loop run meanwhile where the caller can be suspended.
    pub pause: fn(Duration),
}

static PAGE: OnceLock<Page> = OnceLock::new();

/// Has [`now`] and [`pause`] use `page`; the program calls it first.
pub fn give_page(page: Page) {
    // The first one stays.
    let _ = PAGE.set(page);
}

fn page() -> &'static Page {
    PAGE.get().expect("the program begins with `give_page`")
}

/// Reads the clock. Rules read that of their runtime, by [`Timer::now`](anyrt_core::Timer::now), unless they are about time that
/// passes without it.
pub fn now() -> Instant {
    (page().now)()
}

/// Lets time pass on this thread.
pub fn pause(duration: Duration) {
    (page().pause)(duration);
}

/// Whether the system starts threads.
pub fn has_threads() -> bool {
    false
}
