use std::thread;
use std::time::Duration;

use anyrt_core::Instant;

/// Reads the system's clock. Rules read that of their runtime, by [`Timer::now`](anyrt_core::Timer::now), unless they are about
/// time that passes without it.
pub fn now() -> Instant {
    Instant::now()
}

/// Puts the thread to sleep.
pub fn pause(duration: Duration) {
    thread::sleep(duration);
}

/// Whether the system starts threads.
pub fn has_threads() -> bool {
    true
}
