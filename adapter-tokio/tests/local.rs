//! The local runtime: its handle, where the current one is found, and what is left when it is gone.

mod polling;
mod watchdog;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{Config, yield_now};
use anyrt_tokio::{Ambient, Local, LocalHandle};
use polling::poll_once;
use watchdog::watched;

fn launch() -> Local {
    Local::launch(Config::new()).unwrap()
}

/// Tells whether a task that is spawned through `handle` runs while `rt` is driven.
fn belongs(handle: &LocalHandle, rt: &Local) -> bool {
    let task = handle.spawn_local(async {});
    rt.block_on(async {
        yield_now().await;
        yield_now().await;
    });
    task.is_finished()
}

#[test]
fn the_current_one_is_the_one_that_is_driven() {
    watched(|| {
        let (first, second) = (launch(), launch());
        assert!(LocalHandle::try_current().is_err());
        let current = first.block_on(async { LocalHandle::current() });
        assert!(belongs(&current, &first));
        assert!(!belongs(&current, &second));

        // tokio refuses to nest.
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            first.block_on(async { second.block_on(async {}) });
        }));
        assert!(panicked.is_err());
        assert!(LocalHandle::try_current().is_err());

        let in_a_task = first.handle().spawn_local(async { LocalHandle::current() });
        assert!(belongs(&first.block_on(in_a_task).unwrap(), &first));
    });
}

#[test]
fn the_current_one_is_restored_after_a_nested_refusal() {
    watched(|| {
        let (first, second) = (launch(), launch());
        let current = first.block_on(async {
            let refused = catch_unwind(AssertUnwindSafe(|| second.block_on(async {})));
            assert!(refused.is_err());
            LocalHandle::current()
        });
        assert!(belongs(&current, &first));
    });
}

#[test]
fn other_threads_have_no_current_one() {
    watched(|| {
        let rt = launch();
        let closure = rt
            .handle()
            .spawn_blocking(|| LocalHandle::try_current().is_err());
        assert!(rt.block_on(closure).unwrap());
    });
}

#[test]
fn a_handle_can_block_while_its_runtime_lives() {
    watched(|| {
        let rt = launch();
        let handle = rt.handle();
        let task = handle.spawn_local(async { LocalHandle::try_current().is_ok() });
        assert!(handle.block_on(task).unwrap());
        let nested = rt.block_on(async {
            catch_unwind(AssertUnwindSafe(|| handle.block_on(async {}))).is_err()
        });
        assert!(nested);
    });
}

#[test]
fn a_handle_of_a_runtime_that_is_gone_cancels() {
    watched(|| {
        let rt = launch();
        let handle = rt.handle();
        let captured = Rc::new(());
        let parked = handle.spawn_local({
            let (captured, handle) = (captured.clone(), handle.clone());
            async move {
                let _kept = (captured, handle);
                std::future::pending::<()>().await;
            }
        });
        rt.block_on(yield_now());
        drop(rt);
        assert_eq!(
            Rc::strong_count(&captured),
            1,
            "a handle kept its runtime alive"
        );

        let kept = captured.clone();
        let mut late = handle.spawn_local(async move { drop(kept) });
        assert_eq!(Rc::strong_count(&captured), 1);
        assert!(late.is_finished());
        let judge = launch();
        judge.block_on(async {
            assert!(parked.await.unwrap_err().is_cancelled());
            assert!((&mut late).await.unwrap_err().is_cancelled());
            let closure = handle.spawn_blocking(|| ());
            assert!(closure.await.unwrap_err().is_cancelled());
        });
        assert!(catch_unwind(AssertUnwindSafe(|| poll_once(pin!(late)))).is_err());
        let payload = catch_unwind(AssertUnwindSafe(|| handle.block_on(async {}))).unwrap_err();
        let message = payload.downcast_ref::<&str>().unwrap();
        assert!(message.contains("a local runtime that is gone"));
    });
}

#[test]
fn a_destructor_that_spawns_while_the_runtime_ends_is_cancelled() {
    struct SpawnsOnDrop(LocalHandle, Rc<()>);
    impl Drop for SpawnsOnDrop {
        fn drop(&mut self) {
            let captured = self.1.clone();
            self.0.spawn_local_detached(async move {
                let _captured = captured;
                std::future::pending::<()>().await;
            });
        }
    }
    watched(|| {
        let rt = launch();
        let captured = Rc::new(());
        let guard = SpawnsOnDrop(rt.handle(), captured.clone());
        rt.handle().spawn_local_detached(async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        });
        rt.block_on(yield_now());
        drop(rt);
        assert_eq!(Rc::strong_count(&captured), 1);
    });
}

/// Reports from its destructor whether a runtime is found there, and which kind.
struct LooksOnDrop(std::sync::mpsc::Sender<(bool, bool)>);

impl Drop for LooksOnDrop {
    fn drop(&mut self) {
        let found = (
            LocalHandle::try_current().is_ok(),
            Ambient::try_current().is_ok(),
        );
        self.0.send(found).unwrap();
    }
}

#[test]
fn destructors_find_their_runtime_while_it_ends() {
    let ends: [fn(Local); 2] = [drop, |rt| rt.shutdown(Duration::from_secs(10))];
    watched(move || {
        for end in ends {
            let (found, is_found) = std::sync::mpsc::channel();
            let rt = launch();
            let (polled, unpolled) = (LooksOnDrop(found.clone()), LooksOnDrop(found));
            rt.handle().spawn_local_detached(async move {
                let _polled = polled;
                std::future::pending::<()>().await;
            });
            rt.block_on(yield_now());
            rt.handle().spawn_local_detached(async move {
                let _unpolled = unpolled;
            });
            end(rt);
            assert_eq!(is_found.iter().collect::<Vec<_>>(), [(true, true); 2]);
            assert!(LocalHandle::try_current().is_err());
        }
    });
}

#[test]
fn dropping_the_handle_of_a_finished_task_contains_the_panic_of_its_output() {
    watched(|| {
        let rt = launch();
        let task = rt.handle().spawn_local(async { PanicsOnDrop });
        rt.block_on(yield_now());
        assert!(task.is_finished());
        drop(task);
        let closure = rt.handle().spawn_blocking(|| PanicsOnDrop);
        rt.block_on(async {
            while !closure.is_finished() {
                yield_now().await;
            }
        });
        drop(closure);
        let undropped = rt.handle().spawn_local(async { PanicsOnDrop });
        undropped.detach();
        rt.block_on(yield_now());
        drop(rt);
    });
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("the destructor of an output");
    }
}
