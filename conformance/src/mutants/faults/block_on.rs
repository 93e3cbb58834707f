//! Blocking on a runtime.

use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use super::{Fault, Run, context, hang, mutants, wake};
use crate::kit::pause;
use crate::mutants::hooks::PollWork;
use crate::mutants::wrap::{Signals, Work};
use crate::{RootFuture, Value};

/// Held by the thread that blocks on a runtime, where one may.
static BLOCKING: Mutex<()> = Mutex::new(());

/// Asks to be polled again whenever it is pending.
struct Restless<'a>(RootFuture<'a>);

impl Future for Restless<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        cx.waker().wake_by_ref();
        self.0.as_mut().poll(cx)
    }
}

/// Lets others wake it.
struct Exposed<'a>(RootFuture<'a>, Run);

impl Future for Exposed<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.1.root().replace(cx.waker().clone());
        self.0.as_mut().poll(cx)
    }
}

/// Never drops what it polls.
struct Forgotten<'a>(Option<RootFuture<'a>>);

impl Future for Forgotten<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let future = self.0.as_mut().expect("taken only when it is dropped");
        future.as_mut().poll(cx)
    }
}

impl Drop for Forgotten<'_> {
    fn drop(&mut self) {
        std::mem::forget(self.0.take());
    }
}

/// Wakes the root, and gives it the time to be polled if it is on a thread of its own, or else many wakes become one.
fn wake_root(run: &Run) {
    let Some(waker) = run.root().take() else {
        return;
    };
    waker.wake_by_ref();
    for _ in 0..20 {
        pause(Duration::from_micros(100));
        if run.root().is_some() {
            return;
        }
    }
    run.root().replace(waker);
}

mutants! {
    block_on_busy: "block_on polls in a loop",
        killed by "block_on::parks_between_wakes"; {
        fn root<'a>(&self, _: &Run, root: RootFuture<'a>) -> RootFuture<'a> {
            Box::pin(Restless(root))
        }
    }

    block_on_changes_payload: "block_on replaces the payload of a panic by a text",
        killed by "block_on::passes_a_panic_on"; {
        fn drive(&self, _: &Run, drive: &mut dyn FnMut()) {
            let thrown = catch_unwind(AssertUnwindSafe(drive));
            thrown.unwrap_or_else(|_| resume_unwind(Box::new("it panicked")));
        }
    }

    block_on_forgets_future: "block_on does not drop its future",
        killed by "block_on::drops_the_future_before_returning"; {
        fn root<'a>(&self, _: &Run, root: RootFuture<'a>) -> RootFuture<'a> {
            Box::pin(Forgotten(Some(root)))
        }
    }

    block_on_hangs_elsewhere on Shared: "block_on hangs on threads other than the one that started the runtime",
        killed by "block_on::works_in_a_thread_local_destructor", "block_on::runs_on_many_threads_at_once",
            "forms::erased_block_on_is_current"; {
        fn block_on(&self, run: &Run, block: &mut dyn FnMut()) {
            if !run.is_home() && !context::is_inside() {
                hang();
            }
            block();
        }
    }

    block_on_never_returns: "block_on waits for ever",
        killed by "block_on::returns_the_output"; {
        fn root<'a>(&self, _: &Run, _: RootFuture<'a>) -> RootFuture<'a> {
            Box::pin(pending())
        }
    }

    block_on_panics_in_closures on Shared: "block_on panics in a closure of the blocking pool",
        killed by "block_on::works_in_a_blocking_closure"; {
        fn block_on(&self, _: &Run, block: &mut dyn FnMut()) {
            assert!(!context::is_in_closure(), "a closure cannot block");
            block();
        }
    }

    nested_block_on_hangs: "block_on inside the runtime hangs",
        killed by "block_on::nested_completes_or_panics", "local::nested_block_on_drives_or_panics",
            "block_on::inside_another_completes_or_panics"; {
        fn drive(&self, _: &Run, drive: &mut dyn FnMut()) {
            if context::is_inside() {
                hang();
            }
            drive();
        }

        fn block_on(&self, run: &Run, block: &mut dyn FnMut()) {
            self.drive(run, block);
        }
    }

    block_on_works_once: "a second block_on of one runtime never returns",
        killed by "block_on::inside_another_kind_completes_or_panics"; {
        fn drive(&self, run: &Run, drive: &mut dyn FnMut()) {
            if run.count() > 0 {
                hang();
            }
            drive();
        }
    }

    one_block_on_only on Shared: "one thread at a time blocks on the runtime",
        killed by "block_on::runs_on_many_threads_at_once"; {
        fn block_on(&self, _: &Run, block: &mut dyn FnMut()) {
            let _one = BLOCKING.lock().unwrap_or_else(PoisonError::into_inner);
            block();
        }
    }

    root_foreign_wakes_lost: "the future of block_on is not woken from other threads",
        killed by "block_on::is_woken_from_any_thread"; {
        fn root<'a>(&self, _: &Run, root: RootFuture<'a>) -> RootFuture<'a> {
            Box::pin(Work::new(root, &Run::new(&wake::foreign_wakes_lost, None)))
        }
    }

    root_polled_for_tasks: "every two hundred polls of tasks poll the future of block_on",
        killed by "block_on::is_not_polled_for_unrelated_tasks"; {
        fn root<'a>(&self, run: &Run, root: RootFuture<'a>) -> RootFuture<'a> {
            Box::pin(Exposed(root, run.clone()))
        }

        fn poll(&self, run: &Run, _: &Signals, cx: &mut Context<'_>, poll: PollWork<'_>) -> Poll<()> {
            if run.count_poll() % 200 == 199 {
                wake_root(run);
            }
            poll(cx)
        }
    }

    root_wake_during_poll_lost: "a wake of the future of block_on is lost while it is polled",
        killed by "block_on::keeps_a_wake_during_poll"; {
        fn root<'a>(&self, _: &Run, root: RootFuture<'a>) -> RootFuture<'a> {
            Box::pin(Work::new(root, &Run::new(&wake::wake_during_poll_lost, None)))
        }
    }

    run_changes_payload on Shared: "running a main task replaces the payload of its panic by a text",
        killed by "block_on::run_is_a_task_and_passes_its_panic_on"; {
        fn run(&self, run: &mut dyn FnMut() -> Value) -> Value {
            let end = catch_unwind(AssertUnwindSafe(run));
            end.unwrap_or_else(|_| resume_unwind(Box::new("it panicked")))
        }
    }
}
