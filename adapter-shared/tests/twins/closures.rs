//! Blocking closures at the end: a shutdown waits for them within its grace, and a drop does not.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyrt_core::{Config, Launch, SpawnBlocking, prelude::*};

use super::common::{Gate, eventually};
use super::{Handle, Runtime};

/// Longer than any test may take.
const LONG: Duration = Duration::from_secs(600);

pub(crate) fn launch<L: Launch>() -> L {
    L::launch(Config::new()).unwrap()
}

/// Submits a closure that runs until the gate opens, and is running.
pub(crate) fn hold(rt: &impl SpawnBlocking, gate: &Gate) -> Arc<AtomicUsize> {
    let (ended, started) = (Arc::new(AtomicUsize::new(0)), Gate::new());
    let (end, start, gate) = (ended.clone(), started.clone(), gate.clone());
    rt.spawn_blocking(move || {
        start.open();
        gate.wait();
        end.fetch_add(1, Ordering::SeqCst);
    })
    .detach();
    started.wait();
    ended
}

/// A shutdown that waits returns when the last closure has ended, though its grace is long.
pub(crate) fn waits<L: Launch<Handle: SpawnBlocking>>() {
    let (rt, gate) = (launch::<L>(), Gate::new());
    let ended = hold(&rt.handle(), &gate);
    let opener = thread::spawn(move || {
        // One-sided: a shutdown that does not wait returns long before.
        thread::sleep(Duration::from_millis(50));
        gate.open();
    });
    rt.shutdown(LONG);
    assert_eq!(ended.load(Ordering::SeqCst), 1);
    opener.join().unwrap();
}

/// Whatever the thread is called on which it is shut down: the pool's own threads wait for none.
pub(crate) fn waits_on_a_thread_called_as_the_pools<L: Launch<Handle: SpawnBlocking> + 'static>() {
    let builder = thread::Builder::new().name("blocking-writer".into());
    builder.spawn(waits::<L>).unwrap().join().unwrap();
}

/// Two threads that shut the runtime of the process down at once both return when the last closure has ended.
pub(crate) fn two_wait_at_once<L: Launch<Handle: SpawnBlocking> + Send + 'static>() {
    let (runtimes, gate) = ([(); 2].map(|()| launch::<L>()), Gate::new());
    let ended = hold(&runtimes[0].handle(), &gate);
    let threads = runtimes.map(|rt| thread::spawn(move || rt.shutdown(LONG)));
    // Time for both to wait: where they do not, the test shows nothing.
    thread::sleep(Duration::from_millis(100));
    gate.open();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}

/// It waits no longer than the grace, and the closure runs on.
pub(crate) fn gives_up<L: Launch<Handle: SpawnBlocking>>() {
    let (rt, gate) = (launch::<L>(), Gate::new());
    let ended = hold(&rt.handle(), &gate);
    let began = Instant::now();
    rt.shutdown(Duration::from_millis(20));
    assert!(began.elapsed() >= Duration::from_millis(20));
    assert_eq!(ended.load(Ordering::SeqCst), 0);
    gate.open();
    eventually(|| ended.load(Ordering::SeqCst) == 1);
}

/// A drop waits for none.
pub(crate) fn is_not_waited_for<L: Launch<Handle: SpawnBlocking>>() {
    let (rt, gate) = (launch::<L>(), Gate::new());
    let ended = hold(&rt.handle(), &gate);
    drop(rt);
    assert_eq!(ended.load(Ordering::SeqCst), 0);
    gate.open();
    eventually(|| ended.load(Ordering::SeqCst) == 1);
}

/// Inside a closure it returns, because that closure would wait for itself.
pub(crate) fn returns_inside_a_closure<L>()
where
    L: Launch<Handle: SpawnBlocking + Send> + Send + 'static,
{
    let (rt, done) = (launch::<L>(), Gate::new());
    let (handle, is_done) = (rt.handle(), done.clone());
    handle
        .spawn_blocking(move || {
            rt.shutdown(LONG);
            is_done.open();
        })
        .detach();
    done.wait();
}

/// Inside async code it returns, though a closure runs.
pub(crate) fn returns_inside_async_code<L: Launch<Handle: SpawnBlocking + BlockOn>>() {
    let (rt, gate) = (launch::<L>(), Gate::new());
    let ended = hold(&rt.handle(), &gate);
    let handle = rt.handle();
    handle.block_on(async move { rt.shutdown(LONG) });
    assert_eq!(ended.load(Ordering::SeqCst), 0);
    gate.open();
    eventually(|| ended.load(Ordering::SeqCst) == 1);
}

/// Submits closures when it is dropped.
pub(crate) struct SubmitOnDrop<H: SpawnBlocking>(pub(crate) H, pub(crate) Arc<AtomicUsize>);

impl<H: SpawnBlocking> Drop for SubmitOnDrop<H> {
    fn drop(&mut self) {
        for _ in 0..20 {
            let ran = self.1.clone();
            self.0
                .spawn_blocking(move || {
                    ran.fetch_add(1, Ordering::SeqCst);
                })
                .detach();
        }
    }
}

#[test]
fn a_shutdown_waits_for_the_closures_of_the_process_within_its_grace() {
    // In one test, because they share one count.
    super::common::within(|| {
        waits::<Runtime>();
        waits_on_a_thread_called_as_the_pools::<Runtime>();
        two_wait_at_once::<Runtime>();
        gives_up::<Runtime>();
        is_not_waited_for::<Runtime>();
        returns_inside_a_closure::<Runtime>();
        returns_inside_async_code::<Runtime>();
    });
}

#[test]
fn a_shutdown_of_a_local_runtime_waits_for_its_closures_and_no_others() {
    super::common::within(|| {
        let (gate, foreign) = (Gate::new(), launch::<super::Local>());
        let ended = hold(&foreign.handle(), &gate);
        waits::<super::Local>();
        gives_up::<super::Local>();
        is_not_waited_for::<super::Local>();
        returns_inside_async_code::<super::Local>();
        assert_eq!(ended.load(Ordering::SeqCst), 0);
        gate.open();
    });
}

#[test]
fn a_shutdown_of_a_local_runtime_waits_for_what_destructors_submit() {
    super::common::within(|| {
        let (rt, ran) = (launch::<super::Local>(), Arc::new(AtomicUsize::new(0)));
        let guard = SubmitOnDrop(rt.handle(), ran.clone());
        rt.handle().spawn_local_detached(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        rt.block_on(anyrt_core::yield_now());
        rt.shutdown(LONG);
        assert_eq!(ran.load(Ordering::SeqCst), 20);
    });
}

#[test]
fn the_handle_of_a_closure_that_was_waited_for_resolves() {
    super::common::within(|| {
        let rt = launch::<super::Local>();
        let task = rt.handle().spawn_blocking(|| 42);
        rt.shutdown(LONG);
        assert_eq!(Handle::global().block_on(task).unwrap(), 42);
    });
}
