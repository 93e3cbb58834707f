//! What boxes and wrappers pass on to what is inside them.

use std::cell::RefCell;
use std::future::pending;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::Sleep as _;
use anyrt_core::prelude::*;
use anyrt_core::{AbortHandle, JoinError, JoinHandle, MissedTick, RawTask};
use anyrt_sim::Sim;
use futures::future::FusedFuture as _;
use futures::stream::FusedStream;
use futures::{Stream, StreamExt as _};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_boxed_interval_is_reset() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let mut ticks = sim.interval(SECOND).boxed();
        ticks.tick().await;
        let deadline = sim.now() + 3600 * SECOND;
        ticks.reset_at(deadline);
        ticks.tick().await;
        assert!(sim.now() >= deadline);
    });
}

#[test]
fn an_interval_never_ends() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    assert_eq!(sim.interval(SECOND).size_hint(), (usize::MAX, None));
    assert_eq!(sim.interval(SECOND).boxed().size_hint(), (usize::MAX, None));
}

#[test]
fn a_fused_handle_aborts_its_task() {
    let rt = Sim::builder().build();
    let mut task = rt.handle().spawn(pending::<()>()).fused();
    task.abort();
    let end = rt.block_on(&mut task);
    assert!(end.unwrap_err().is_cancelled());
}

#[test]
fn a_task_in_a_box_knows_its_end() {
    let rt = Sim::builder().build();
    let mut task: Box<dyn RawTask<Output = u32>> = Box::new(rt.handle().spawn(async { 42 }));
    assert!(!task.is_finished());
    let joined = rt.block_on(std::future::poll_fn(|cx| {
        // The second look finds the end before it is joined.
        if task.is_finished() {
            task.poll_join(cx)
        } else {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }));
    assert_eq!(joined.unwrap(), 42);
}

#[test]
fn a_sleep_in_a_box_is_reset() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let mut sleep = Box::pin(sim.sleep(SECOND));
        let deadline = sim.now() + 3600 * SECOND;
        Pin::new(&mut sleep).reset(deadline);
        assert_eq!(sleep.deadline(), Some(deadline));
        sleep.await;
        assert!(sim.now() >= deadline);
    });
}

/// A task that notes what is done to it.
struct Noting(Rc<RefCell<Vec<&'static str>>>);

impl RawTask for Noting {
    type Output = ();

    fn poll_join(&mut self, _: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        Poll::Pending
    }

    fn abort(&mut self) {
        self.0.borrow_mut().push("abort");
    }

    fn is_finished(&self) -> bool {
        false
    }

    fn detach(&mut self) {
        self.0.borrow_mut().push("detach");
    }

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| false)
    }
}

#[test]
fn what_is_done_to_a_handle_is_done_to_its_task() {
    let notes = Rc::<RefCell<Vec<&str>>>::default();
    let handle = || JoinHandle::new(Noting(notes.clone()));
    let seen = || std::mem::take(&mut *notes.borrow_mut());

    drop(handle());
    assert_eq!(seen(), ["detach"]);
    handle().detach();
    assert_eq!(seen(), ["detach"]);
    drop(handle().abort_on_drop());
    assert_eq!(seen()[..2], ["abort", "detach"]);
    let kept = handle().abort_on_drop().into_inner();
    assert!(seen().is_empty());
    drop(kept);
    assert_eq!(seen(), ["detach"]);

    // A handle is a task, and so is one in a box.
    RawTask::detach(&mut handle());
    assert_eq!(seen(), ["detach", "detach"]);
    handle().abort_and_detach();
    assert_eq!(seen(), ["abort", "detach", "detach"]);
    let mut boxed: Box<dyn RawTask<Output = ()>> = Box::new(Noting(notes.clone()));
    boxed.detach();
    assert_eq!(seen(), ["detach"]);
    boxed.abort_and_detach();
    assert_eq!(seen(), ["abort", "detach"]);
    assert!(!handle().fused().is_finished());
}

#[test]
fn a_detached_task_runs_to_its_end() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let ended = Arc::new(AtomicUsize::new(0));
    for is_local in [false, true] {
        let counter = ended.clone();
        let future = async move {
            anyrt_core::yield_now().await;
            counter.fetch_add(1, Ordering::SeqCst);
        };
        if is_local {
            sim.spawn_local_detached(future);
        } else {
            sim.spawn_detached(future);
        }
    }
    rt.block_on(sim.sleep(SECOND));
    assert_eq!(ended.load(Ordering::SeqCst), 2);
}

#[test]
fn a_sleep_in_a_box_knows_whether_it_elapsed() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let mut sleep = Box::pin(sim.sleep(SECOND));
        assert!(!Sleep::is_elapsed(&sleep));
        sleep.as_mut().await;
        assert!(Sleep::is_elapsed(&sleep));
    });
}

#[test]
fn an_interval_tells_what_it_was_made_with_and_ticks_as_a_stream() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let start = sim.now();
        let mut ticks =
            std::pin::pin!(sim.interval_at(start, SECOND).missed_tick(MissedTick::Skip));
        assert_eq!((ticks.period(), ticks.missed()), (SECOND, MissedTick::Skip));
        assert_eq!(ticks.next().await, Some(start));
        assert!(!ticks.is_terminated());
        assert!(!ticks.as_mut().tick().is_terminated());

        let mut boxed = sim.interval(SECOND).missed_tick(MissedTick::Delay).boxed();
        assert_eq!(
            (boxed.period(), boxed.missed()),
            (SECOND, MissedTick::Delay)
        );
        assert!(boxed.next().await.is_some() && !FusedStream::is_terminated(&boxed));
        let before = sim.now();
        sim.sleep(SECOND / 2).await;
        boxed.reset();
        boxed.tick().await;
        assert!(sim.now() - before >= SECOND + SECOND / 2);
    });
}
