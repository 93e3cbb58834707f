//! The handle of a task.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use anyrt_core::{AbortHandle, JoinError};

use super::sleep::{Borrowing, Borrows};
use super::{Fault, mutants};
use crate::Sizes;
use crate::mutants::wrap::{Joined, TaskState};

/// What the handle of a task gives.
type End = Poll<Result<(), JoinError>>;

/// A joiner's waker that does nothing once `is_finished` was asked.
struct Forgetful {
    inner: Waker,
    is_asked: Arc<AtomicBool>,
}

impl Wake for Forgetful {
    fn wake(self: Arc<Self>) {
        if !self.is_asked.load(Ordering::SeqCst) {
            self.inner.wake_by_ref();
        }
    }
}

/// Another error in place of that of a panic.
fn panicked(error: JoinError, other: fn(Box<dyn std::any::Any + Send>) -> JoinError) -> JoinError {
    match error.try_into_panic() {
        Ok(payload) => other(payload),
        Err(cancelled) => cancelled,
    }
}

fn poll_borrowing(
    task: &mut TaskState,
    inner: &mut dyn Joined,
    cx: &Context<'_>,
    borrows: Borrows,
) -> End {
    Borrowing::assert_over();
    // The handle is to drop the last one.
    task.first_waker = None;
    inner.poll(&mut Context::from_waker(&Borrowing::waker(
        cx.waker(),
        borrows,
    )))
}

/// An abort handle that must not be used while the handles are borrowed.
fn borrowed(inner: AbortHandle) -> AbortHandle {
    AbortHandle::new(
        inner,
        |inner| {
            Borrowing::assert_over();
            inner.abort();
        },
        |inner| {
            Borrowing::assert_over();
            inner.is_finished()
        },
    )
}

mutants! {
    asking_takes_the_wake: "who asks whether a task has finished takes the wake of who waits for it",
        killed by "join::is_finished_takes_no_wake"; {
        fn join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            let waker = Waker::from(Arc::new(Forgetful {
                inner: cx.waker().clone(),
                is_asked: task.is_asked.clone(),
            }));
            inner.poll(&mut Context::from_waker(&waker))
        }
    }

    detach_allocates: "detaching a task allocates",
        killed by "join::detach_does_not_allocate"; {
        fn detach(&self, _: &TaskState, inner: &mut dyn Joined) {
            std::hint::black_box(Box::new(0_u64));
            inner.detach();
        }
    }

    detach_keeps_output: "the output of a detached task is never dropped",
        killed by "join::output_is_dropped_once"; {
        fn detach(&self, _: &TaskState, inner: &mut dyn Joined) {
            inner.forget();
        }
    }

    drop_cancels: "dropping a handle aborts the task",
        killed by "join::dropping_the_handle_detaches", "local::task_rules_hold", "differential::random_programs_agree",
            "abort::guard_given_back_aborts_nothing", "abort::dropped_handles_abort_nothing"; {
        fn detach(&self, task: &TaskState, inner: &mut dyn Joined) {
            if task.is_closure {
                inner.detach();
            } else {
                inner.abort_and_detach();
            }
        }
    }

    finished_is_never: "is_finished is always false",
        killed by "join::is_finished_tells_the_truth", "join::finished_means_ready"; {
        fn is_finished(&self, _: bool) -> bool {
            false
        }
    }

    first_join_waker_only: "a handle keeps the waker of its first poll",
        killed by "join::last_waker_is_woken", "join::asking_keeps_the_last_waker"; {
        fn join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            let first = task.first_waker.as_ref().unwrap_or(cx.waker());
            inner.poll(&mut Context::from_waker(&first.clone()))
        }
    }

    handles_are_big: "the handle of a task is eight words bigger",
        killed by "join::handle_is_small"; {
        fn sizes(&self, sizes: Sizes) -> Sizes {
            Sizes {
                join_handle: sizes.join_handle + 64,
                ..sizes
            }
        }
    }

    join_keeps_each_waker: "the handle of a task keeps the wakers of all its polls",
        killed by "join::replaced_wakers_are_let_go"; {
        fn join(&self, _: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            std::mem::forget(cx.waker().clone());
            inner.poll(cx)
        }
    }

    joiner_is_dropped_under_a_borrow: "a joiner's waker is dropped while the handles of the task are borrowed",
        killed by "join::dropped_wakers_may_use_the_handles"; {
        fn join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            poll_borrowing(task, inner, cx, Borrows::ToDrop)
        }

        fn abort_handle(&self, _: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            borrowed(inner.abort_handle())
        }
    }

    joiner_is_woken_under_a_borrow: "a joiner's waker is woken while the handles of the task are borrowed",
        killed by "join::wakers_may_use_the_handles"; {
        fn join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            poll_borrowing(task, inner, cx, Borrows::ToWake)
        }

        fn abort_handle(&self, _: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            borrowed(inner.abort_handle())
        }
    }

    join_never_wakes: "the end of a task wakes nobody",
        killed by "abort::wakes_the_joiner", "join::works_on_any_executor"; {
        fn join(&self, _: &mut TaskState, inner: &mut dyn Joined, _: &mut Context<'_>) -> End {
            inner.poll(&mut Context::from_waker(Waker::noop()))
        }
    }

    named_drop_cancels: "dropping the handle of a task with a name aborts it",
        killed by "spawn::named_task_is_a_task"; {
        fn detach(&self, task: &TaskState, inner: &mut dyn Joined) {
            if task.is_named && !task.is_closure {
                inner.abort_and_detach();
            } else {
                inner.detach();
            }
        }
    }

    outputs_go_with_runtime: "the shutdown takes the outputs of finished tasks",
        killed by "join::value_survives_the_runtime"; {
        fn join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            if task.run.is_gone() {
                return Poll::Ready(Err(JoinError::cancelled()));
            }
            inner.poll(cx)
        }
    }

    panic_as_cancelled: "a task that panicked says that it was cancelled",
        killed by "join::panic_is_an_error", "panic::blocking_pool_survives", "workload::single_flight"; {
        fn join(&self, _: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            let end = inner.poll(cx);
            end.map_err(|error| panicked(error, |_| JoinError::cancelled()))
        }
    }

    panic_hook_twice: "the joiner's side throws the payload anew",
        killed by "panic::hook_runs_once"; {
        fn join(&self, _: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            let again = |payload| {
                let thrown = catch_unwind(AssertUnwindSafe(|| panic_any(payload)));
                let anew = thrown.expect_err("it panics");
                JoinError::panic(*anew.downcast().expect("the payload in another box"))
            };
            inner.poll(cx).map_err(|error| panicked(error, again))
        }
    }

    payload_becomes_text: "the payload of a panic is replaced by a text",
        killed by "panic::payload_survives", "panic::blocking_payload_survives", "panic::holds_for_local_tasks",
            "panic::error_shows_the_message"; {
        fn join(&self, _: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            let text = |_| JoinError::panic(Box::new(String::from("it panicked")));
            inner.poll(cx).map_err(|error| panicked(error, text))
        }
    }

    second_join_hangs: "a handle that was joined is pending for ever",
        killed by "join::second_poll_panics"; {
        fn join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            if task.is_joined {
                return Poll::Pending;
            }
            inner.poll(cx)
        }
    }

    detach_throws: "who lets go of a finished task gets the panic of its output's destructor",
        killed by "panic::dropping_a_finished_handle_contains_its_output",
            "panic::dropping_a_finished_guard_contains_its_output"; {
        fn detach(&self, _: &TaskState, inner: &mut dyn Joined) {
            // What is taken here is dropped where the handle is.
            if inner.try_poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                inner.detach();
            }
        }
    }

    try_join_has_a_budget: "every hundredth look at a finished task sees nothing",
        killed by "join::try_join_sees_what_has_ended"; {
        fn try_join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            if task.run.count() % 100 == 99 {
                return Poll::Pending;
            }
            inner.try_poll(cx)
        }
    }
}
