//! What several test files need.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Runs `test` on a thread of its own, and fails when it has not ended after a minute: a hang is a failure with a name.
pub(crate) fn watched(test: impl FnOnce() + Send + 'static) {
    let (ended, end) = channel::<()>();
    let test = thread::spawn(move || {
        let _ended = ended;
        test();
    });
    // The sender is dropped however the test ends.
    if end.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout) {
        panic!("the test hangs");
    }
    if let Err(payload) = test.join() {
        resume_unwind(payload);
    }
}
