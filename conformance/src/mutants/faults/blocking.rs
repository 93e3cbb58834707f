//! The blocking pool.

use std::future::{pending, ready};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use super::{Fault, Run, mutants};
use crate::mutants::wrap::{Joined, TaskState};
use crate::{BlockingWork, BoxTask, Layer, Value};

/// Held by the closure that runs, where they run one after the other.
static ONE: Mutex<()> = Mutex::new(());

/// A closure that is submitted when its handle is polled.
struct LazyTask {
    layer: Arc<dyn Layer>,
    work: Mutex<Option<BlockingWork>>,
    task: Option<BoxTask>,
}

impl RawTask for LazyTask {
    type Output = Value;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Value, JoinError>> {
        let work = self.work.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(work) = work.take() {
            self.task = Some(self.layer.spawn_blocking(work));
        }
        let task = self.task.as_mut().expect("made above");
        task.poll_join(cx)
    }

    fn abort(&mut self) {}

    fn is_finished(&self) -> bool {
        self.task.as_ref().is_some_and(|it| it.is_finished())
    }

    fn detach(&mut self) {
        if let Some(task) = &mut self.task {
            task.detach();
        }
    }

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| true)
    }
}

type Pool<'a> = &'a dyn Fn(BlockingWork) -> BoxTask;

/// What the handle of a task gives.
type End = Poll<Result<(), JoinError>>;

mutants! {
    blocking_abort_cancels on Shared: "an abort cancels the join of a closure",
        killed by "blocking::abort_has_no_effect", "blocking::runs_exactly_once"; {
        fn join(&self, task: &mut TaskState, inner: &mut dyn Joined, cx: &mut Context<'_>) -> End {
            let end = inner.poll(cx);
            if task.is_aborted && task.is_closure && end.is_ready() {
                return Poll::Ready(Err(JoinError::cancelled()));
            }
            end
        }
    }

    blocking_inline on Shared: "a closure runs where it is submitted",
        killed by "blocking::runs_off_the_executor", "blocking::runs_in_parallel"; {
        fn submit(&self, run: &Run, work: BlockingWork, _: Pool<'_>) -> BoxTask {
            run.layer().spawn(Box::pin(ready(work())))
        }
    }

    blocking_lazy on Shared: "a closure starts when its handle is polled",
        killed by "blocking::starts_without_a_poll", "blocking::runs_exactly_once"; {
        fn submit(&self, run: &Run, work: BlockingWork, _: Pool<'_>) -> BoxTask {
            Box::new(LazyTask {
                layer: run.layer(),
                work: Mutex::new(Some(work)),
                task: None,
            })
        }
    }

    blocking_limit_loses on Shared: "closures beyond the first five hundred never run",
        killed by "blocking::queues_beyond_the_limit"; {
        fn submit(&self, run: &Run, work: BlockingWork, pool: Pool<'_>) -> BoxTask {
            if run.count() >= 500 {
                return run.layer().spawn(Box::pin(pending()));
            }
            pool(work)
        }
    }

    blocking_loses_some on Shared: "one closure in ten never runs",
        killed by "blocking::runs_exactly_once", "blocking::value_reaches_the_joiner", "workload::cpu_offload"; {
        fn submit(&self, run: &Run, work: BlockingWork, pool: Pool<'_>) -> BoxTask {
            if run.count() % 10 == 9 {
                return run.layer().spawn(Box::pin(pending()));
            }
            pool(work)
        }
    }

    blocking_one_at_a_time on Shared: "closures run one after the other",
        killed by "blocking::runs_in_parallel"; {
        fn submit(&self, _: &Run, work: BlockingWork, pool: Pool<'_>) -> BoxTask {
            pool(Box::new(|| {
                let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
                work()
            }))
        }
    }

    aborted_closures_seem_finished: "the abort handle of a closure says that it has ended once it was aborted",
        killed by "blocking::abort_handle_tells_the_end"; {
        fn abort_handle(&self, task: &TaskState, inner: &mut dyn Joined) -> AbortHandle {
            let (aborted, is_closure) = (task.note.clone(), task.is_closure);
            AbortHandle::new(
                (inner.abort_handle(), aborted),
                |(abort, aborted): &(AbortHandle, Arc<AtomicBool>)| {
                    aborted.store(true, Ordering::SeqCst);
                    abort.abort();
                },
                move |(abort, aborted)| {
                    abort.is_finished() || is_closure && aborted.load(Ordering::SeqCst)
                },
            )
        }
    }

    named_closures_lost: "a closure with a name never runs",
        killed by "blocking::named_closure_is_a_closure", "forms::spawn_blocking_takes_a_meta"; {
        fn loses_closure(&self, _: &Run, name: Option<&str>) -> bool {
            name.is_some()
        }
    }
}
