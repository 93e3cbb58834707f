//! Leaving a runtime: from outside, from inside async code, and what its handles say afterwards.

mod watchdog;

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{Config, Flavor};
use anyrt_tokio::{Ambient, Local, Owned, Tokio};
use watchdog::watched;

const GRACE: Duration = Duration::from_secs(10);

fn flavors() -> [Config; 2] {
    [Flavor::MultiThread, Flavor::CurrentThread].map(|flavor| Config::new().flavor(flavor))
}

/// Parks a task that owns `token`.
fn park(handle: &Tokio, token: Arc<()>) {
    handle.spawn_detached(async move {
        let _token = token;
        std::future::pending::<()>().await;
    });
}

#[test]
fn dropping_and_shutting_down_drop_parked_tasks() {
    watched(|| {
        for config in flavors() {
            let token = Arc::new(());
            let rt = Owned::launch(config.clone()).unwrap();
            park(&rt.handle(), token.clone());
            drop(rt);
            assert_eq!(Arc::strong_count(&token), 1);

            let rt = Owned::launch(config).unwrap();
            park(&rt.handle(), token.clone());
            rt.shutdown(GRACE);
            assert_eq!(Arc::strong_count(&token), 1);
        }
    });
}

#[test]
fn dropping_and_shutting_down_inside_async_code_are_safe() {
    watched(|| {
        let outer = Owned::launch(Config::new()).unwrap();
        let (release, released) = channel::<()>();
        let (dropped, is_dropped) = channel::<()>();
        let mut closures = Vec::new();
        outer.block_on(async {
            let mut released = Some(released);
            for config in flavors() {
                let inner = Owned::launch(config.clone()).unwrap();
                if let Some(released) = released.take() {
                    // A closure that runs until the drop has returned.
                    closures.push(
                        inner
                            .handle()
                            .spawn_blocking(move || released.recv().is_ok()),
                    );
                }
                let dropped = dropped.clone();
                inner.handle().spawn_detached(async move {
                    let _dropped = dropped;
                    std::future::pending::<()>().await;
                });
                drop(inner);
                Owned::launch(config).unwrap().shutdown(GRACE);
            }
            let inner = Local::launch(Config::new()).unwrap();
            let _parked = inner.handle().spawn_local(async move {
                let _dropped = dropped;
                std::future::pending::<()>().await;
            });
            drop(inner);
            Local::launch(Config::new()).unwrap().shutdown(GRACE);
            release.send(()).unwrap();
        });
        // Every sender is gone once the parked tasks are.
        assert!(is_dropped.recv().is_err());
        for closure in closures {
            assert!(outer.block_on(closure).unwrap());
        }
    });
}

#[test]
fn a_runtime_may_be_dropped_by_its_own_task() {
    watched(|| {
        let (done, is_done) = channel();
        let rt = Owned::launch(Config::new()).unwrap();
        let handle = rt.handle();
        handle.spawn_detached(async move {
            drop(rt);
            done.send(()).unwrap();
        });
        is_done.recv().unwrap();
    });
}

#[test]
fn a_runtime_may_be_dropped_by_its_own_closure() {
    watched(|| {
        let (done, is_done) = channel();
        let rt = Owned::launch(Config::new()).unwrap();
        let handle = rt.handle();
        handle.spawn_blocking(move || {
            drop(rt);
            done.send(()).unwrap();
        });
        is_done.recv().unwrap();
    });
}

#[test]
fn dropping_waits_for_a_running_closure_and_shutting_down_no_longer_than_its_grace() {
    watched(|| {
        let (started, has_started) = channel();
        let (release, released) = channel::<()>();
        let rt = Owned::launch(Config::new()).unwrap();
        let handle = rt.handle();
        let mut closure = handle.spawn_blocking({
            let started = started.clone();
            move || {
                started.send(()).unwrap();
                released.recv().is_ok()
            }
        });
        has_started.recv().unwrap();
        rt.shutdown(Duration::from_millis(1)); // returns while the closure waits
        release.send(()).unwrap();
        let judge = Owned::launch(Config::new()).unwrap();
        assert!(judge.block_on(&mut closure).unwrap());

        let rt = Owned::launch(Config::new()).unwrap();
        let closure = rt.handle().spawn_blocking(move || {
            started.send(()).unwrap();
            std::thread::sleep(Duration::from_millis(20));
        });
        has_started.recv().unwrap();
        drop(rt);
        assert!(closure.is_finished());
    });
}

#[test]
fn handles_resolve_cancelled_afterwards() {
    watched(|| {
        let judge = Owned::launch(Config::new()).unwrap();
        for config in flavors() {
            let rt = Owned::launch(config).unwrap();
            let handle = rt.handle();
            let value = handle.spawn(async { 1 });
            let mut parked = handle.spawn(std::future::pending::<()>());
            rt.block_on(async {
                while !value.is_finished() {
                    anyrt_core::yield_now().await
                }
            });
            drop(rt);
            parked.abort();
            let late = handle.spawn(async {});
            let late_closure = handle.spawn_blocking(|| ());
            judge.block_on(async {
                assert_eq!(value.await.unwrap(), 1);
                assert!(parked.await.unwrap_err().is_cancelled());
                assert!(late.await.unwrap_err().is_cancelled());
                assert!(late_closure.await.unwrap_err().is_cancelled());
            });
        }
    });
}

#[test]
fn destructors_find_their_runtime_while_it_ends() {
    struct LooksOnDrop(std::sync::mpsc::Sender<bool>);
    impl Drop for LooksOnDrop {
        fn drop(&mut self) {
            let found = Tokio::try_current().is_ok() && Ambient::try_current().is_ok();
            self.0.send(found).unwrap();
        }
    }
    let ends: [fn(Owned); 2] = [drop, |rt| rt.shutdown(GRACE)];
    watched(move || {
        for (end, config) in ends
            .iter()
            .flat_map(|end| flavors().map(|config| (end, config)))
        {
            let (found, is_found) = channel();
            let rt = Owned::launch(config).unwrap();
            let looks = LooksOnDrop(found);
            rt.handle().spawn_detached(async move {
                let _looks = looks;
                std::future::pending::<()>().await;
            });
            end(rt);
            assert_eq!(is_found.iter().collect::<Vec<_>>(), [true]);
        }
    });
}
