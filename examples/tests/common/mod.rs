//! What the tests share.
#![allow(dead_code, reason = "each test program uses a part of this")]
#![allow(unreachable_pub, reason = "each test program is a crate of its own")]

pub mod backends;
pub mod fast;
pub mod gate;
pub mod hand;
pub mod tree;

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyrt_conformance::kit::Patience;

/// Runs `test` and fails when it has not ended after a minute in which it had the processors.
pub fn watched(test: impl FnOnce() + Send + 'static) {
    let (done, end) = channel::<()>();
    let thread = thread::spawn(move || {
        // Dropped at the end, also by a panic.
        let _done = done;
        test();
    });
    let patience = Patience::new(Duration::from_secs(60));
    while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(patience.until_the_next_look()) {
        assert!(!patience.is_over(), "the test hangs");
    }
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}
