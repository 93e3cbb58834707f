//! When the future of a task is polled and dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::abort;
use std::task::{Context, Poll};

use super::{Fault, Run, mutants};
use crate::mutants::hooks::PollWork;
use crate::mutants::wrap::{Dropped, Signals};

mutants! {
    destructor_panic_swallowed: "a panic in the destructor of a task's future goes nowhere",
        killed by "panic::panicking_destructor_is_contained"; {
        fn drop_work(&self, _: bool, future: &mut dyn Dropped) {
            // That is the fault: what it threw goes nowhere.
            let _ = catch_unwind(AssertUnwindSafe(|| future.drop_now()));
        }
    }

    panic_aborts_process: "a panic in a task ends the process",
        killed by "panic::detached_panic_is_contained", "panic::payload_survives", "panic::workers_survive",
            "panic::panicking_destructor_is_contained"; {
        fn poll(&self, _: &Run, _: &Signals, cx: &mut Context<'_>, poll: PollWork<'_>) -> Poll<()> {
            catch_unwind(AssertUnwindSafe(|| poll(cx))).unwrap_or_else(|_| abort())
        }

        fn drop_work(&self, _: bool, future: &mut dyn Dropped) {
            let dropped = catch_unwind(AssertUnwindSafe(|| future.drop_now()));
            dropped.unwrap_or_else(|_| abort());
        }
    }

    polled_after_ready: "a future that was ready is polled once more",
        killed by "wake::no_poll_after_ready"; {
        fn poll(&self, _: &Run, _: &Signals, cx: &mut Context<'_>, poll: PollWork<'_>) -> Poll<()> {
            let end = poll(cx);
            if end.is_ready() {
                // What it says then is nobody's concern.
                let _ = poll(cx);
            }
            end
        }
    }

    polled_before_drop: "a future is polled once more before it is cancelled",
        killed by "abort::before_the_first_poll_never_polls", "abort::running_poll_finishes",
            "abort::from_inside_stops_after_the_poll"; {
        fn drop_work(&self, was_ready: bool, future: &mut dyn Dropped) {
            if !was_ready {
                future.poll_once();
            }
            future.drop_now();
        }
    }

    polled_unasked: "a pending task is polled all the time",
        killed by "wake::no_poll_without_a_wake"; {
        fn poll(&self, _: &Run, _: &Signals, cx: &mut Context<'_>, poll: PollWork<'_>) -> Poll<()> {
            let poll = poll(cx);
            if poll.is_pending() {
                cx.waker().wake_by_ref();
            }
            poll
        }
    }
}
