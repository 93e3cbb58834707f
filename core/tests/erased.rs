//! Runtimes, timers and handles without their types.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{
    AbortHandle, AnyBlockOn, AnyLocalRuntime, AnyRuntime, AnyTimer, Config, JoinHandle, RawTask,
};
use anyrt_sim::Sim;

fn tokio() -> anyrt_tokio::Owned {
    anyrt_tokio::Owned::launch(Config::new().worker_threads(1)).unwrap()
}

/// Says on its drop whether there was a current runtime.
struct LooksOnDrop(Arc<AtomicBool>);

impl Drop for LooksOnDrop {
    fn drop(&mut self) {
        self.0
            .store(AnyRuntime::try_current().is_ok(), Ordering::SeqCst);
    }
}

#[test]
fn an_erased_runtime_needs_no_block_on() {
    fn erase<R: Runtime>(rt: R) -> AnyRuntime {
        AnyRuntime::new(rt)
    }
    let rt = tokio();
    let erased = erase(rt.handle());
    assert_eq!(rt.block_on(erased.spawn(async { 42 })).unwrap(), 42);
}

#[test]
fn a_task_a_closure_and_block_on_find_their_erased_runtime() {
    let rt = tokio();
    let erased = AnyBlockOn::new(rt.handle());
    assert!(AnyRuntime::try_current().is_err());
    erased.block_on(async {
        assert!(AnyRuntime::try_current().is_ok());
        let task = erased.spawn(async { AnyRuntime::try_current().is_ok() });
        let closure = erased.spawn_blocking(|| AnyRuntime::try_current().is_ok());
        assert!(task.await.unwrap());
        assert!(closure.await.unwrap());
    });
    assert!(AnyRuntime::try_current().is_err());
}

#[test]
fn a_task_that_was_spawned_by_other_means_finds_none() {
    let rt = tokio();
    let erased = AnyBlockOn::new(rt.handle());
    let native = rt.handle();
    let error = erased
        .block_on(async { native.spawn(async { AnyRuntime::try_current() }).await })
        .unwrap()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no erased runtime where `AnyRuntime::try_current` was called: call it in a task that an `AnyRuntime` spawned or \
         inside `AnyRuntime::as_current`, or pass a handle in"
    );
}

#[test]
fn the_innermost_current_runtime_wins_and_the_outer_one_comes_back() {
    let (one, other) = (Sim::builder().build(), Sim::builder().build());
    // The two clocks tell them apart.
    other.block_on(other.handle().sleep(Duration::from_secs(3600)));
    let outer = AnyRuntime::new(one.handle());
    let inner = AnyRuntime::new(other.handle());
    // No two readings of a simulation's clock are equal.
    let same = |left: &AnyRuntime, right: &AnyRuntime| {
        let (left, right) = (left.now(), right.now());
        left.max(right) - left.min(right) < Duration::from_secs(60)
    };
    assert!(!same(&outer, &inner));
    outer.run_as_current(|| {
        assert!(same(&AnyRuntime::current(), &outer));
        inner.run_as_current(|| assert!(same(&AnyRuntime::current(), &inner)));
        assert!(same(&AnyRuntime::current(), &outer));
    });
    assert!(AnyRuntime::try_current().is_err());
}

#[test]
fn a_panic_takes_the_current_runtime_back() {
    let rt = AnyRuntime::new(Sim::builder().build().handle());
    let work = std::panic::AssertUnwindSafe(|| rt.run_as_current(|| panic!("boom")));
    std::panic::catch_unwind(work).unwrap_err();
    assert!(AnyRuntime::try_current().is_err());
}

#[test]
fn a_destructor_finds_the_erased_runtime_of_its_task() {
    let rt = tokio();
    let erased = AnyRuntime::new(rt.handle());
    let found = Arc::new(AtomicBool::new(false));
    let looks = LooksOnDrop(found.clone());
    let task = erased.spawn(async move {
        let _looks = looks;
        pending::<()>().await;
    });
    rt.block_on(task.cancel()).unwrap_err();
    assert!(found.load(Ordering::SeqCst));

    let found = Arc::new(AtomicBool::new(false));
    let looks = LooksOnDrop(found.clone());
    drop(erased.as_current(async move { drop(looks) }));
    assert!(found.load(Ordering::SeqCst));
}

#[test]
fn an_erased_local_runtime_runs_what_is_not_send_and_is_the_current_one() {
    let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    let erased = AnyLocalRuntime::new(rt.handle());
    let hits = Rc::new(Cell::new(0));
    let total = rt.block_on(async {
        let inner = hits.clone();
        let task = erased.spawn_local(async move {
            let here = AnyLocalRuntime::current();
            assert!(AnyRuntime::try_current().is_err());
            let inner = inner.clone();
            here.sleep(Duration::from_millis(1)).await;
            let more = here.spawn_blocking(|| AnyLocalRuntime::try_current().is_err());
            assert!(more.await.unwrap());
            inner.set(inner.get() + 1);
            Rc::clone(&inner)
        });
        task.await.unwrap().get()
    });
    assert_eq!((total, hits.get()), (1, 1));
    assert!(AnyLocalRuntime::try_current().is_err());
}

#[test]
fn an_erased_value_is_not_wrapped_twice() {
    let rt = tokio();
    let blocking = AnyBlockOn::new(rt.handle());
    let debug = |it: &dyn std::fmt::Debug| format!("{it:?}");
    let once = debug(&AnyRuntime::new(rt.handle()));
    assert_eq!(debug(&AnyRuntime::new(blocking.clone())), once);
    assert_eq!(debug(&AnyRuntime::new(blocking.runtime())), once);
    let timer = debug(&AnyTimer::new(rt.handle()));
    assert_eq!(debug(&AnyTimer::new(blocking.clone())), timer);
    assert_eq!(debug(&AnyTimer::new(blocking.runtime())), timer);
    assert_eq!(debug(&AnyTimer::new(AnyTimer::new(rt.handle()))), timer);
}

#[test]
fn a_local_runtime_shares_its_timer_with_other_threads() {
    fn timer<R: LocalRuntime + ShareTimer>(rt: &R) -> AnyTimer {
        AnyTimer::new(rt.shared_timer())
    }
    fn is_send<T: Send + Sync + Unpin>(it: T) -> T {
        it
    }
    let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    let timer = is_send(timer(&rt.handle()));
    let sleep = std::thread::spawn(move || timer.sleep(Duration::from_millis(2)));
    rt.block_on(sleep.join().unwrap());
}

#[test]
fn boxed_handles_of_several_kinds_share_a_type() {
    let rt = tokio();
    let handle = rt.handle();
    let mut tasks = vec![
        handle.spawn(async { 1 }).boxed(),
        handle.spawn_blocking(|| 2).boxed(),
        AnyRuntime::new(handle.clone()).spawn(async { 3 }).boxed(),
    ];
    let sum: u32 = rt.block_on(async {
        let mut sum = 0;
        for task in &mut tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, 6);
}

#[test]
fn a_boxed_handle_detaches_when_it_is_dropped_and_cancels_when_asked() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let ran = Rc::new(Cell::new(false));
    let flag = ran.clone();
    drop(sim.spawn_local(async move { flag.set(true) }).boxed_local());
    rt.block_on(async {
        sim.sleep(Duration::from_millis(1)).await;
        assert!(ran.get());
        let forever = sim.spawn(pending::<()>()).boxed();
        assert!(forever.cancel().await.unwrap_err().is_cancelled());
    });
}

#[test]
fn a_fused_handle_yields_its_end_once() {
    use futures_core::FusedFuture;
    fn check<H: RawTask<Output = u32>>(
        rt: &anyrt_sim::Owned,
        first: JoinHandle<H>,
        second: JoinHandle<H>,
    ) {
        let mut first = first.fused();
        assert!(!first.is_terminated());
        rt.block_on(async {
            assert_eq!((&mut first).await.unwrap(), 42);
            assert!(first.is_terminated() && first.is_finished());
            let sim = rt.handle();
            // Pending for ever.
            let again = sim.timeout(Duration::from_secs(1), &mut first).await;
            assert!(again.is_err());
            first.abort();
            assert!(first.abort_handle().is_finished());
            assert!(first.into_inner().is_none());
            let second = second.fused().into_inner().unwrap();
            assert_eq!(second.await.unwrap(), 42);
        });
    }
    let rt = Sim::builder().build();
    let sim = rt.handle();
    check(&rt, sim.spawn(async { 42 }), sim.spawn(async { 42 }));
}

#[test]
fn join_or_panic_resumes_the_panic_and_says_what_was_cancelled() {
    let rt = tokio();
    let handle = rt.handle();
    assert_eq!(rt.block_on(handle.spawn(async { 42 }).join_or_panic()), 42);
    let text = |task: JoinHandle<anyrt_tokio::Task<u32>>| {
        let join = task.join_or_panic();
        let joined = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rt.block_on(join)));
        let payload = joined.unwrap_err();
        payload
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap()
    };
    assert_eq!(text(handle.spawn(async { panic!("boom") })), "boom");
    let mut stopped = handle.spawn(pending::<u32>());
    stopped.abort();
    assert!(text(stopped).contains("cancelled"));
}

#[test]
fn an_abort_handle_knows_the_end() {
    fn check<H: RawTask>(
        rt: &impl BlockOn,
        mut task: JoinHandle<H>,
        end: impl FnOnce(&AbortHandle),
    ) {
        let handle = task.abort_handle();
        let clone = handle.clone();
        assert!(!handle.is_finished());
        end(&clone);
        rt.block_on(async { (&mut task).await.ok() });
        assert!(handle.is_finished());
        drop(task);
        assert!(clone.is_finished());
    }
    let abort = |handle: &AbortHandle| handle.abort();
    let rt = tokio();
    let (send, receive) = std::sync::mpsc::channel::<()>();
    let closure = rt.handle().spawn_blocking(move || receive.recv().is_err());
    check(&rt, rt.handle().spawn(pending::<()>()), abort);
    // The closure runs until the sender is dropped.
    check(&rt, closure, |_| drop(send));
    let sim = Sim::builder().build();
    let task = sim.handle().spawn_local(pending::<()>());
    check(&sim, task, abort);
    let local = anyrt_tokio::Local::launch(Config::new()).unwrap();
    let task = local.handle().spawn_local(pending::<()>());
    check(&local, task, abort);
}

#[test]
fn abort_on_drop_can_be_asked_and_stopped() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let mut task = sim.spawn(pending::<()>()).abort_on_drop();
    let handle = task.abort_handle();
    assert!(!task.is_finished() && !handle.is_finished());
    task.abort();
    assert!(rt.block_on(&mut task).unwrap_err().is_cancelled());
    assert!(task.is_finished() && handle.is_finished());
}
