//! Spawning.

use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures::channel::oneshot;

use super::{Fault, Run, context, leak, mutants};
use crate::kit::{park_on, pause};
use crate::mutants::hooks::PollWork;
use crate::mutants::wrap::{Joined, Signals, TaskState};
use crate::{BoxWork, Value};

/// Held by the task that is polled, where one is polled at a time.
static ONE: Mutex<()> = Mutex::new(());

/// A future that is dropped on another thread, a while later.
struct Late(Option<BoxWork>);

impl Future for Late {
    type Output = Value;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Value> {
        let future = self.0.as_mut().expect("taken only when it is dropped");
        future.as_mut().poll(cx)
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        let future = self.0.take();
        thread::spawn(move || {
            pause(Duration::from_millis(20));
            drop(future);
        });
    }
}

/// Takes as much of the stack as sixteen big futures.
#[inline(never)]
fn sixteen_frames() {
    let frames = [1_u8; 16 << 19];
    std::hint::black_box(&frames);
}

mutants! {
    ids_begin_anew: "after 8192 tasks, a new one has the number of the first, which goes",
        killed by "spawn::a_million_detached_tasks_complete"; {
        fn made(&self, task: &TaskState, inner: &mut dyn Joined) {
            match task.run.count() {
                0 => task.run.aborts().push(inner.abort_handle()),
                8192 => task.run.aborts()[0].abort(),
                _ => {}
            }
        }
    }

    big_futures_on_the_stack on Shared: "spawning a big future moves it sixteen times across the stack",
        killed by "spawn::big_future_uses_bounded_stack"; {
        fn spawn_big(&self) {
            sixteen_frames();
        }
    }

    foreign_executor on Shared: "tasks are polled on threads that the runtime does not know",
        killed by "native::facilities_work"; {
        fn work(&self, _: &Run, _: &TaskState, future: BoxWork) -> BoxWork {
            let (sender, receiver) = oneshot::channel();
            thread::spawn(move || sender.send(park_on(future)).is_ok());
            Box::pin(async { receiver.await.expect("the future does not panic") })
        }
    }

    future_dropped_late on Shared: "a task's future is dropped on another thread, a while later",
        killed by "join::future_is_dropped_first", "abort::cancelled_means_dropped",
            "panic::captures_are_dropped_first"; {
        fn work(&self, _: &Run, _: &TaskState, future: BoxWork) -> BoxWork {
            Box::pin(Late(Some(future)))
        }
    }

    leaks_on_spawn: "every task leaks a few bytes",
        killed by "memory::finished_task_is_freed", "wake::memory_is_freed", "stress::heap_returns_to_baseline"; {
        fn loses_task(&self, _: &Run, _: Option<&str>) -> bool {
            leak();
            false
        }
    }

    loses_foreign_spawn on Shared: "tasks spawned on other threads never run",
        killed by "spawn::works_from_any_thread", "right_runtime::works_from_a_plain_thread",
            "blocking::closure_may_use_the_handle", "stress::foreign_spawns_are_counted"; {
        fn work(&self, run: &Run, _: &TaskState, future: BoxWork) -> BoxWork {
            if run.is_home() { future } else { Box::pin(pending()) }
        }
    }

    loses_one_in_a_thousand on Shared: "one task in a thousand never runs",
        killed by "spawn::runs_each_task_once", "stress::joins_ten_thousand", "workload::fan_out",
            "spawn::a_million_detached_tasks_complete"; {
        fn work(&self, run: &Run, _: &TaskState, future: BoxWork) -> BoxWork {
            if run.count() % 1000 == 999 { Box::pin(pending()) } else { future }
        }
    }

    named_tasks_lost: "a task with a name never runs",
        killed by "spawn::named_task_is_a_task", "forms::spawn_takes_a_meta", "forms::spawn_local_takes_a_meta",
            "forms::erased_runtime_passes_names_on"; {
        fn loses_task(&self, _: &Run, name: Option<&str>) -> bool {
            name.is_some()
        }
    }

    polls_one_at_a_time on Shared: "one task is polled at a time",
        killed by "yield_now::blocked_thread_does_not_stop_others", "stress::blocked_task_does_not_stop_the_runtime"; {
        fn poll(&self, _: &Run, _: &Signals, cx: &mut Context<'_>, poll: PollWork<'_>) -> Poll<()> {
            let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
            poll(cx)
        }
    }

    spawn_boxes on Shared: "every future is boxed before it is spawned",
        killed by "memory::allocations_equal_native", "spawn::small_task_costs_one_allocation"; {
        fn boxes_small(&self) -> bool {
            true
        }
    }

    spawn_panics_in_tasks: "spawning panics while a task is polled or dropped",
        killed by "spawn::works_inside_tasks_and_destructors", "abort::destructor_may_spawn"; {
        fn loses_task(&self, _: &Run, _: Option<&str>) -> bool {
            assert!(!context::is_in_task(), "the runtime is borrowed");
            false
        }
    }

    spawn_polls_inline on Shared: "spawn polls the future before it returns",
        killed by "spawn::returns_before_the_first_poll", "spawn::a_chain_uses_bounded_stack",
            "spawn::nested_joins_use_bounded_stack"; {
        fn work(&self, _: &Run, _: &TaskState, mut future: BoxWork) -> BoxWork {
            let mut cx = Context::from_waker(Waker::noop());
            match future.as_mut().poll(&mut cx) {
                Poll::Ready(output) => Box::pin(ready(output)),
                Poll::Pending => future,
            }
        }
    }

    zero_sized_lost: "futures without size never run",
        killed by "spawn::takes_zero_sized_futures"; {
        fn loses_zero_sized(&self) -> bool {
            true
        }
    }
}
