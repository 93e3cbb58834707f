use std::panic;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::passed;

/// After this a test counts as hung.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs `test` on a thread of its own. One that hangs fails, and its thread is left behind. One that passes is noted for the table of
/// the manual.
///
/// # Panics
///
/// When `test` panics, with its payload, and when it hangs.
#[doc(hidden)]
pub fn watched(test: impl FnOnce() + Send + 'static) {
    let (ended, is_ended) = channel::<()>();
    let name = passed::test();
    let thread = thread::spawn(move || {
        let _ended = ended;
        test();
    });
    match is_ended.recv_timeout(PATIENCE) {
        Err(RecvTimeoutError::Timeout) => panic!("the test hangs"),
        // The sender was dropped at the end, or by a panic.
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            if let Err(payload) = thread.join() {
                panic::resume_unwind(payload);
            }
            passed::note(name.as_deref());
        }
    }
}
