//! What boxes and wrappers pass on to what is inside them.

use std::future::pending;
use std::pin::Pin;
use std::time::Duration;

use anyrt_core::RawTask;
use anyrt_core::Sleep as _;
use anyrt_core::prelude::*;
use anyrt_sim::Sim;
use futures::Stream;

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
            std::task::Poll::Pending
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
