//! Runtimes of different kinds, side by side in one process: a handle's work lands on its own runtime, wherever it is used.
#![cfg(all(feature = "tokio", feature = "smol", feature = "async-std"))]

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyrt::prelude::*;
use anyrt::{AnyRuntime, Config};

const MS: Duration = Duration::from_millis(1);
const HANG: Duration = Duration::from_secs(30);

/// The runtimes, each with how the threads that poll its tasks are called.
struct Runtimes {
    tokio: anyrt::tokio::Owned,
    smol: anyrt::smol::Owned,
}

impl Runtimes {
    fn launch() -> Self {
        let config = |name: &str| Config::new().worker_threads(1).thread_name(name);
        Self {
            tokio: anyrt::tokio::Owned::launch(config("of-tokio")).unwrap(),
            smol: anyrt::smol::Owned::launch(config("of-smol")).unwrap(),
        }
    }

    fn handles(&self) -> [(&'static str, AnyRuntime); 3] {
        [
            ("of-tokio", AnyRuntime::new(self.tokio.handle())),
            ("of-smol", AnyRuntime::new(self.smol.handle())),
            (
                "async-std/runtime",
                AnyRuntime::new(anyrt::async_std::AsyncStd::global()),
            ),
        ]
    }
}

fn thread_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

/// Waits for a task from a plain thread, with a limit.
fn wait<T: Send + 'static>(rt: &AnyRuntime, main: impl Future<Output = T> + Send + 'static) -> T {
    let (tell, told) = mpsc::channel();
    rt.spawn_detached(async move {
        let _ = tell.send(main.await);
    });
    told.recv_timeout(HANG).expect("the task ends")
}

/// Rules `right_runtime::handle_beats_the_ambient` and `right_runtime::two_runtimes_side_by_side`, across kinds.
#[test]
fn a_handle_used_inside_another_kind_of_runtime_uses_its_own() {
    let runtimes = Runtimes::launch();
    for (around, outer) in runtimes.handles() {
        for (name, inner) in runtimes.handles() {
            let seen = wait(&outer, async move {
                let here = thread_name();
                let task = inner.spawn(async { thread_name() }).await.unwrap();
                let before = inner.now();
                inner.sleep(2 * MS).await;
                let slept = inner.now() - before;
                let limited = inner.timeout(2 * MS, std::future::pending::<()>()).await;
                let mut interval = std::pin::pin!(inner.interval(MS));
                interval.as_mut().tick().await;
                interval.as_mut().tick().await;
                let closure = || (thread_name(), thread::current().id());
                let (pool, thread) = inner.spawn_blocking(closure).await.unwrap();
                assert_ne!(thread, thread::current().id(), "a closure ran inline");
                assert!(slept >= 2 * MS && limited.is_err());
                (here, task, pool)
            });
            assert_eq!(seen.0, around);
            assert_eq!(seen.1, name, "a task spawned inside {around}");
            // tokio calls the threads of its pool as its workers; the other two share one pool.
            let pool = if name == "of-tokio" {
                name
            } else {
                "blocking-"
            };
            assert!(
                seen.2.starts_with(pool),
                "a closure of {name} ran on {}",
                seen.2
            );
        }
    }
}

/// Rule `right_runtime::survives_the_other_shutdown`, across kinds.
#[test]
fn what_was_started_on_one_survives_the_end_of_the_other() {
    for ends_first in ["of-tokio", "of-smol"] {
        let Runtimes { tokio, smol } = Runtimes::launch();
        let (tokio_handle, smol_handle) = (tokio.handle(), smol.handle());
        let (tell, told) = mpsc::channel();
        if ends_first == "of-tokio" {
            // Started from inside tokio, on smol.
            tokio.run(async move {
                let timer = smol_handle.clone();
                smol_handle.spawn_detached(async move {
                    timer.sleep(20 * MS).await;
                    let _ = tell.send(thread_name());
                });
            });
            tokio.shutdown(HANG);
            assert_eq!(told.recv_timeout(HANG).as_deref(), Ok("of-smol"));
        } else {
            smol.run(async move {
                let timer = tokio_handle.clone();
                tokio_handle.spawn_detached(async move {
                    timer.sleep(20 * MS).await;
                    let _ = tell.send(thread_name());
                });
            });
            smol.shutdown(HANG);
            assert_eq!(told.recv_timeout(HANG).as_deref(), Ok("of-tokio"));
        }
    }
}
