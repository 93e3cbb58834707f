use std::cell::RefCell;
use std::panic;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::passed;

/// A test that neither ends nor makes progress for so long counts as hung.
const PATIENCE: Duration = Duration::from_secs(300);

thread_local! {
    /// Where the thread of a test says that it makes progress.
    static WATCH: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
}

/// Runs `test` on a thread of its own. One that hangs fails, and its thread is left behind. One that passes is noted for the table of
/// the manual.
///
/// # Panics
///
/// When `test` panics, with its payload, and when it hangs.
#[doc(hidden)]
pub fn watched(test: impl FnOnce() + Send + 'static) {
    watched_for(PATIENCE, test);
}

/// Says that the test of the calling thread makes progress: it may take as long again from here.
///
/// It does nothing on a thread that no test was started on.
pub fn progress() {
    WATCH.with_borrow(|watch| {
        // Nobody hears it once the test counts as hung.
        let _ = watch.as_ref().map(|watch| watch.send(()));
    });
}

fn watched_for(patience: Duration, test: impl FnOnce() + Send + 'static) {
    watched_while(
        |watch| match watch.recv_timeout(patience) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => {
                panic!("the test hangs: it has made no progress for {patience:?}")
            }
            // The sender was dropped at the end, or by a panic.
            Err(RecvTimeoutError::Disconnected) => false,
        },
        test,
    );
}

/// Runs `test` on a thread of its own. `waits` waits for its next progress, and tells whether that came before its end.
fn watched_while(
    mut waits: impl FnMut(&Receiver<()>) -> bool,
    test: impl FnOnce() + Send + 'static,
) {
    let (running, watch) = channel::<()>();
    let name = passed::test();
    let thread = thread::spawn(move || {
        struct Ended;

        impl Drop for Ended {
            fn drop(&mut self) {
                WATCH.take();
            }
        }

        WATCH.set(Some(running));
        let _ended = Ended;
        test();
    });
    while waits(&watch) {}
    if let Err(payload) = thread.join() {
        panic::resume_unwind(payload);
    }
    passed::note(name.as_deref());
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    /// Each progress ends one wait, and the patience begins again with the next. A clock would tell how busy the machine is.
    #[test]
    fn a_test_that_makes_progress_may_take_longer_than_the_patience() {
        let mut count = 0;
        let waits = |watch: &Receiver<()>| {
            count += 1;
            watch.recv().is_ok()
        };
        watched_while(waits, || {
            for _ in 0..8 {
                progress();
            }
        });
        assert_eq!(count, 9, "one wait per progress, and one for the end");
    }

    #[test]
    #[should_panic(expected = "no progress for 200ms")]
    fn a_test_that_makes_no_progress_hangs() {
        // It ends with the test, when the sender goes.
        let (_end, ended) = channel::<()>();
        watched_for(SHORT, move || {
            progress();
            let _ = ended.recv();
        });
    }

    #[test]
    #[should_panic(expected = "of the test's own")]
    fn a_panic_is_passed_on() {
        watched_for(PATIENCE, || panic!("a panic of the test's own"));
    }

    #[test]
    fn progress_without_a_test_is_ignored() {
        progress();
    }
}
