//! tokio's own facilities work inside tasks, and a task's own ends are tokio's.

mod polling;
mod watchdog;

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use anyrt_core::prelude::*;
use anyrt_core::{AbortHandle, Config, Flavor, JoinError};
use anyrt_tokio::{Ambient, Local, Owned};
use polling::poll_once;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::coop;
use watchdog::watched;

#[test]
fn facilities_work_in_tasks() {
    async fn facilities() -> (bool, RuntimeFlavor) {
        tokio::spawn(async {}).await.unwrap();
        (
            tokio::task::try_id().is_some(),
            Handle::current().runtime_flavor(),
        )
    }
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let found = rt.block_on(rt.handle().spawn(facilities())).unwrap();
        assert_eq!(found, (true, RuntimeFlavor::MultiThread));
        let found = rt.run(async { Ambient.spawn(facilities()).await });
        assert_eq!(found.unwrap(), (true, RuntimeFlavor::MultiThread));

        let rt = Owned::launch(Config::new().flavor(Flavor::CurrentThread)).unwrap();
        let found = rt.block_on(rt.handle().spawn(facilities())).unwrap();
        assert_eq!(found, (true, RuntimeFlavor::CurrentThread));

        let rt = Local::launch(Config::new()).unwrap();
        let found = rt.block_on(rt.handle().spawn_local(async {
            tokio::task::spawn_local(async {}).await.unwrap();
            tokio::task::try_id().is_some()
        }));
        assert!(found.unwrap());
    });
}

#[test]
fn the_coop_budget_counts_in_tasks() {
    async fn budget_ends() -> bool {
        for _ in 0..10_000 {
            if !coop::has_budget_remaining() {
                return true;
            }
            poll_fn(coop::poll_proceed).await.made_progress();
        }
        false
    }
    assert!(poll_once(pin!(budget_ends())) == Poll::Ready(false));
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        assert!(rt.block_on(rt.handle().spawn(budget_ends())).unwrap());
        let rt = Local::launch(Config::new()).unwrap();
        assert!(rt.block_on(rt.handle().spawn_local(budget_ends())).unwrap());
    });
}

#[test]
fn a_blocking_closure_may_block_on_its_runtime() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let closure = rt.handle().spawn_blocking(|| {
            let task = Ambient.spawn(async { 42 });
            Ambient.block_on(task).unwrap()
        });
        assert_eq!(rt.block_on(closure).unwrap(), 42);
    });
}

#[test]
fn a_second_poll_after_the_join_panics() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let mut task = rt.handle().spawn(async {});
        let mut closure = rt.handle().spawn_blocking(|| ());
        rt.block_on(&mut task).unwrap();
        rt.block_on(&mut closure).unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| poll_once(pin!(task)))).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| poll_once(pin!(closure)))).is_err());
    });
}

#[test]
fn a_queued_closure_runs_although_it_was_aborted() {
    watched(|| {
        let rt = Owned::launch(Config::new().max_blocking_threads(1)).unwrap();
        let handle = rt.handle();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let first = handle.spawn_blocking(move || released.recv().is_ok());
        let mut queued = handle.spawn_blocking(|| 42);
        queued.abort();
        queued.abort_handle().abort();
        release.send(()).unwrap();
        assert!(rt.block_on(first).unwrap());
        assert_eq!(rt.block_on(queued).unwrap(), 42);
    });
}

#[test]
fn tokios_refusal_to_nest_is_the_documented_message() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let handle = rt.handle();
        let payload = rt
            .block_on(async { catch_unwind(AssertUnwindSafe(|| handle.block_on(async {}))) })
            .unwrap_err();
        let message = payload.downcast_ref::<&str>().unwrap();
        assert!(message.starts_with("Cannot start a runtime from within a runtime."));
    });
}

#[test]
fn ambient_calls_without_a_runtime_panic_with_the_documented_message() {
    watched(|| {
        let payload = catch_unwind(|| Ambient.spawn(async {})).unwrap_err();
        let message = payload.downcast_ref::<String>().unwrap();
        assert_eq!(
            message,
            "there is no reactor running, must be called from the context of a Tokio 1.x runtime"
        );
        Ambient.now();
    });
}

/// Spawns a task that aborts itself while it is polled for the last time.
fn abort_in_the_last_poll<T: Send + 'static>(
    rt: &Owned,
    end: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    let (own, is_own) = std::sync::mpsc::channel::<AbortHandle>();
    let mut task = rt.handle().spawn(async move {
        is_own.recv().unwrap().abort();
        end()
    });
    own.send(task.abort_handle()).unwrap();
    rt.block_on(task)
}

#[test]
fn an_abort_during_the_last_poll_comes_too_late() {
    watched(|| {
        for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
            let rt = Owned::launch(Config::new().flavor(flavor)).unwrap();
            assert_eq!(abort_in_the_last_poll(&rt, || 42).unwrap(), 42);
            let error = abort_in_the_last_poll(&rt, || panic!("at the end")).unwrap_err();
            assert!(error.is_panic());
        }
    });
}

#[test]
fn an_abort_during_a_poll_that_is_pending_cancels() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let (own, is_own) = std::sync::mpsc::channel::<AbortHandle>();
        let mut task = rt.handle().spawn(async move {
            is_own.recv().unwrap().abort();
            anyrt_core::yield_now().await;
            unreachable!("it was aborted before this await");
        });
        own.send(task.abort_handle()).unwrap();
        let end: Result<(), JoinError> = rt.block_on(task);
        assert!(end.unwrap_err().is_cancelled());
    });
}
