//! The end of a runtime.

use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{AbortHandle, NoRuntime};

use super::slot::{InSlot, Slot};
use super::{Fault, Run, context, hang, mutants};
use crate::mutants::hooks::PollWork;
use crate::mutants::wrap::{Joined, Signals, TaskState};
use crate::{Backend, BlockingWork, BoxTask, BoxWork};

/// Drops what is left of every task, once the runtime is closed.
fn drop_all_when_gone(run: &Run) {
    if run.is_gone() {
        let slots = std::mem::take(&mut *run.slots());
        slots.iter().for_each(Slot::empty);
    }
}

/// Finds nothing while a task is dropped.
fn outside<H>(found: Result<H, NoRuntime>) -> Result<H, NoRuntime> {
    if context::is_dropping() {
        return Err(NoRuntime::new("broken", "try_current", "pass a handle in"));
    }
    found
}

mutants! {
    grace_ignored: "the shutdown waits as long as it takes",
        killed by "blocking::shutdown_does_not_wait_past_its_grace", "shutdown::returns_within_its_grace"; {
        fn shutdown(&self, _: Duration, next: Box<dyn FnOnce(Duration) + '_>) {
            next(Duration::from_secs(3600));
        }
    }

    named_parks_when_gone: "what is spawned with a name after the shutdown waits for ever",
        killed by "spawn::named_after_shutdown_is_cancelled", "blocking::named_after_shutdown_ends_as_a_plain_one"; {
        fn loses_task(&self, run: &Run, name: Option<&str>) -> bool {
            name.is_some() && run.is_gone()
        }

        fn loses_closure(&self, run: &Run, name: Option<&str>) -> bool {
            name.is_some() && run.is_gone()
        }
    }

    shutdown_forgets_tasks: "the shutdown leaves everything as it is",
        killed by "join::pending_task_is_cancelled_with_the_runtime", "spawn::after_shutdown_is_cancelled",
            "shutdown::drops_parked_tasks", "shutdown::handles_resolve_afterwards",
            "local::scope_end_drops_everything", "local::ends_inside_its_handles_block_on"; {
        fn shutdown(&self, _: Duration, next: Box<dyn FnOnce(Duration) + '_>) {
            std::mem::forget(next);
        }
    }

    shutdown_panics_inside: "the shutdown panics inside async code",
        killed by "shutdown::inside_async_code_is_safe"; {
        fn shutdown(&self, grace: Duration, next: Box<dyn FnOnce(Duration) + '_>) {
            assert!(!context::is_inside(), "not here");
            next(grace);
        }
    }

    shutdown_waits_for_itself on Shared: "the shutdown waits for the task or the closure that it is called in",
        killed by "shutdown::inside_its_own_task_is_safe", "shutdown::inside_its_own_closure_is_safe"; {
        fn end_inside(&self) {
            if context::is_in_task() || context::is_in_closure() {
                hang();
            }
        }
    }

    spawn_panics_when_gone: "spawning panics once the shutdown has begun",
        killed by "spawn::works_while_shutting_down"; {
        fn loses_task(&self, run: &Run, _: Option<&str>) -> bool {
            assert!(!run.is_gone(), "the runtime is gone");
            false
        }
    }

    spawn_parks_when_gone: "a task that is spawned after the shutdown waits for ever",
        killed by "spawn::after_shutdown_is_cancelled", "local::fails_loudly_outside_a_scope"; {
        fn loses_task(&self, run: &Run, _: Option<&str>) -> bool {
            run.is_gone()
        }
    }

    wakes_panic_when_gone: "a wake panics after the shutdown",
        killed by "wake::works_after_the_runtime", "local::late_waker_drop_is_safe"; {
        fn wake(&self, run: &Run, _: &Signals, wake: &dyn Fn()) {
            assert!(!run.is_gone(), "the runtime is gone");
            wake();
        }
    }

    calls_drop_when_gone on Shared: "once the runtime is closed, a wake, an abort and a spawn drop what is left on their stack",
        killed by "shutdown::wake_runs_no_destructor", "shutdown::abort_runs_no_destructor",
            "shutdown::spawn_runs_no_destructor_of_others"; {
        fn work(&self, run: &Run, task: &TaskState, future: BoxWork) -> BoxWork {
            let slot = Slot::of(task, future);
            run.slots().push(slot.clone());
            Box::pin(InSlot::new(slot))
        }

        fn wake(&self, run: &Run, _: &Signals, wake: &dyn Fn()) {
            drop_all_when_gone(run);
            wake();
        }

        fn abort_handle(&self, task: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            let run = task.run.clone();
            AbortHandle::new(
                inner.abort_handle(),
                move |abort: &AbortHandle| {
                    drop_all_when_gone(&run);
                    abort.abort();
                },
                AbortHandle::is_finished,
            )
        }

        fn loses_task(&self, run: &Run, _: Option<&str>) -> bool {
            drop_all_when_gone(run);
            false
        }
    }

    destructors_find_nothing: "the destructor of a task finds no runtime",
        killed by "shutdown::destructor_finds_its_runtime",
            "shutdown::destructor_beside_stuck_tasks_finds_its_runtime"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.wrap_current(|_, found| outside(found), |_, found| outside(found))
        }
    }

    late_closures_are_lost: "a closure that is submitted once the runtime is closed never runs, and its handle waits for ever",
        killed by "shutdown::late_closures_run_or_are_cancelled"; {
        fn loses_closure(&self, run: &Run, _: Option<&str>) -> bool {
            run.is_gone()
        }
    }

    late_closures_run_unheard on Shared: "a closure that is submitted once the runtime is closed runs, and its handle says cancelled",
        killed by "shutdown::late_closures_run_or_are_cancelled"; {
        fn submit(
            &self,
            run: &Run,
            work: BlockingWork,
            pool: &dyn Fn(BlockingWork) -> BoxTask,
        ) -> BoxTask {
            if run.is_gone() {
                drop(work());
                return pool(Box::new(|| unreachable!("the pool is closed")));
            }
            pool(work)
        }
    }

    shutdown_hurries: "the shutdown waits for thirty milliseconds at the most",
        killed by "shutdown::waits_for_a_running_poll", "blocking::shutdown_waits_within_its_grace",
            "right_runtime::closures_run_on_the_handles_pool"; {
        fn shutdown(&self, grace: Duration, next: Box<dyn FnOnce(Duration) + '_>) {
            next(grace.min(Duration::from_millis(30)));
        }
    }

    woken_at_the_end_is_lost: "a task that is dropped while it waits for its turn is lost",
        killed by "shutdown::no_task_is_left_behind"; {
        fn poll(
            &self,
            _: &Run,
            signals: &Signals,
            cx: &mut Context<'_>,
            poll: PollWork<'_>,
        ) -> Poll<()> {
            signals.take_wakes();
            poll(cx)
        }

        fn loses_future(&self, signals: &Signals) -> bool {
            signals.wakes() > 0
        }
    }
}
