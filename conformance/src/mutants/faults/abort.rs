//! Aborts.

use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError};

use super::slot::{InSlot, Slot};
use super::{Fault, Run, mutants};
use crate::BoxWork;
use crate::mutants::wrap::{Dropped, Joined, TaskState};

/// An abort handle that does `first` before it aborts.
fn before(inner: &mut dyn Joined, first: impl Fn() + Send + Sync + 'static) -> AbortHandle {
    let abort = inner.abort_handle();
    AbortHandle::new(
        abort,
        move |abort: &AbortHandle| {
            first();
            abort.abort();
        },
        AbortHandle::is_finished,
    )
}

/// Aborts every task.
fn abort_all(run: &Run) {
    let aborts = run.aborts().clone();
    aborts.iter().for_each(AbortHandle::abort);
}

/// Drops the future of a task.
fn empty(task: &TaskState) {
    if let Some(slot) = task.slot.get() {
        slot.empty();
    }
}

/// What the handle of a task gives.
type End = Poll<Result<(), JoinError>>;

mutants! {
    abort_drops_inline on Shared: "an abort drops the future on the stack of its caller",
        killed by "abort::cascade_uses_bounded_stack"; {
        fn work(&self, _: &Run, task: &TaskState, future: BoxWork) -> BoxWork {
            Box::pin(InSlot::new(Slot::of(task, future)))
        }

        fn abort(&self, task: &TaskState, inner: &mut dyn Joined) {
            empty(task);
            inner.abort();
        }

        fn abort_handle(&self, task: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            let task = task.clone();
            before(inner, move || empty(&task))
        }
    }

    abort_forgets_output: "an abort hides the output of a finished task",
        killed by "abort::finished_task_keeps_its_output", "abort::earlier_panic_is_reported"; {
        fn join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            let end = inner.poll(cx);
            if task.is_aborted && !task.is_closure && end.is_ready() {
                return Poll::Ready(Err(JoinError::cancelled()));
            }
            end
        }
    }

    abort_handle_pins on Shared: "an abort handle keeps the future",
        killed by "abort::handles_are_clonable_and_pin_nothing"; {
        fn work(&self, _: &Run, task: &TaskState, future: BoxWork) -> BoxWork {
            Box::pin(InSlot::new(Slot::of(task, future)).pinned())
        }

        fn abort_handle(&self, task: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            let slot = task.slot.clone();
            before(inner, move || _ = slot.get())
        }
    }

    abort_handle_wakes_nobody: "an abort through a handle is noticed when the task is next joined",
        killed by "abort::handle_reaches_a_parked_task"; {
        fn abort_handle(&self, task: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            let requested = task.note.clone();
            AbortHandle::new(
                inner.abort_handle(),
                move |_: &AbortHandle| requested.store(true, Ordering::SeqCst),
                AbortHandle::is_finished,
            )
        }

        fn join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            if task.note.load(Ordering::SeqCst) {
                inner.abort();
            }
            inner.poll(cx)
        }
    }

    abort_hits_others: "an abort stops every task",
        killed by "abort::leaves_other_tasks_alone"; {
        fn made(&self, task: &TaskState, inner: &mut dyn Joined) {
            task.run.aborts().push(inner.abort_handle());
        }

        fn abort(&self, task: &TaskState, inner: &mut dyn Joined) {
            abort_all(&task.run);
            inner.abort();
        }

        fn abort_handle(&self, task: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            let run = task.run.clone();
            before(inner, move || abort_all(&run))
        }
    }

    abort_ignored: "an abort does nothing",
        killed by "abort::is_idempotent_and_cancels", "abort::stops_at_the_next_await",
            "abort::does_not_wait_for_what_the_task_waits_for", "workload::progress", "local::task_rules_hold",
            "forms::handles_keep_the_rules", "forms::boxed_handle_is_a_handle", "forms::boxed_local_handle_is_a_handle",
            "abort::guard_aborts_however_it_is_dropped"; {
        fn abort(&self, _: &TaskState, _: &mut dyn Joined) {}

        fn abort_handle(&self, _: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            AbortHandle::new(
                inner.abort_handle(),
                |_: &AbortHandle| {},
                AbortHandle::is_finished,
            )
        }
    }

    abort_leaks_future: "the future of an unfinished task is never dropped",
        killed by "abort::cancelled_means_dropped", "abort::drops_without_a_joiner", "abort::race_has_one_outcome",
            "stress::abort_storm_adds_up", "races::tasks_end_whatever_interleaves", "memory::aborted_task_is_freed", "local::drops_on_the_owner_thread", "workload::scope",
            "workload::time_limits", "forms::erased_runtime_is_current_in_closures_and_destructors"; {
        fn drop_work(&self, was_ready: bool, future: &mut dyn Dropped) {
            if was_ready {
                future.drop_now();
            } else {
                future.forget();
            }
        }
    }

    abort_panics_when_gone: "an abort panics after the shutdown",
        killed by "abort::after_shutdown_is_a_no_op"; {
        fn abort(&self, task: &TaskState, inner: &mut dyn Joined) {
            assert!(!task.run.is_gone(), "the runtime is gone");
            inner.abort();
        }

        fn abort_handle(&self, task: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            let run = task.run.clone();
            before(inner, move || assert!(!run.is_gone(), "the runtime is gone"))
        }
    }

    abort_handle_never_knows: "an abort handle never knows that its task has ended",
        killed by "abort::handle_knows_the_end", "abort::handle_knows_that_the_runtime_is_gone"; {
        fn abort_handle(&self, _: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            AbortHandle::new(inner.abort_handle(), AbortHandle::abort, |_: &AbortHandle| false)
        }
    }

    abort_handle_knows_too_early: "an abort handle takes a task that was aborted for one that has ended",
        killed by "abort::handle_knows_the_end"; {
        fn abort(&self, task: &TaskState, inner: &mut dyn Joined) {
            task.note.store(true, Ordering::SeqCst);
            inner.abort();
        }

        fn abort_handle(&self, task: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            AbortHandle::new(
                (inner.abort_handle(), task.note.clone()),
                |(handle, _)| handle.abort(),
                |(handle, aborted)| aborted.load(Ordering::SeqCst) || handle.is_finished(),
            )
        }
    }

    abort_waits_for_the_join: "an abort is carried out when the task is next joined",
        killed by "abort::cancel_asks_at_the_call"; {
        fn abort(&self, _: &TaskState, _: &mut dyn Joined) {}

        fn join(
            &self,
            task: &mut TaskState,
            inner: &mut dyn Joined,
            cx: &mut Context<'_>,
        ) -> Poll<Result<(), JoinError>> {
            if task.is_aborted {
                inner.abort();
            }
            inner.poll(cx)
        }
    }
}
