//! The threads that are started are those that the README lists. One test, because it counts those of the process.

#![cfg(target_os = "linux")]

mod watchdog;

use std::fs;
use std::thread;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{Config, Flavor};
use anyrt_tokio::{Ambient, Local, Owned, Tokio};
use watchdog::watched;

#[test]
fn only_the_listed_threads_are_started() {
    watched(|| {
        let before = threads().len();

        let rt = Owned::launch(Config::new().worker_threads(3)).unwrap();
        settles_at(before + 3);
        name_settles_at("tokio-rt-worker", 3);
        rt.run(use_everything(rt.handle()));
        rt.run(async { use_everything(Tokio::current()).await });
        rt.run(async { use_everything(Ambient).await });
        settles_at(before + 3);
        rt.block_on(rt.handle().spawn_blocking(|| ())).unwrap();
        settles_at(before + 4);
        name_settles_at("tokio-rt-worker", 4);
        drop(rt);
        settles_at(before);

        let workers = thread::available_parallelism().unwrap().get();
        let rt = Owned::launch(Config::new()).unwrap();
        settles_at(before + workers);
        drop(rt);
        settles_at(before);

        let rt = Owned::launch(Config::new().flavor(Flavor::CurrentThread)).unwrap();
        rt.run(use_everything(rt.handle()));
        settles_at(before);
        rt.block_on(rt.handle().spawn_blocking(|| ())).unwrap();
        settles_at(before + 1);
        drop(rt);
        settles_at(before);

        let rt = Local::launch(Config::new()).unwrap();
        let handle = rt.handle();
        rt.block_on(async move {
            handle.spawn_local(async {}).await.unwrap();
            handle.sleep(Duration::from_millis(1)).await;
        });
        settles_at(before);
        rt.block_on(rt.handle().spawn_blocking(|| ())).unwrap();
        settles_at(before + 1);
        drop(rt);
        settles_at(before);
    });
}

/// All but the blocking pool.
async fn use_everything<R: Runtime>(rt: R) {
    rt.spawn(async {}).await.unwrap();
    rt.sleep(Duration::from_millis(1)).await;
    rt.timeout(Duration::from_millis(1), std::future::pending::<()>())
        .await
        .unwrap_err();
}

/// Waits for the kernel's list, which may be a moment behind; the watchdog ends the wait.
fn settles_at(expected: usize) {
    let mut found = threads();
    for _ in 0..2000 {
        if found.len() == expected {
            // A thread that should not be there would show up after the others.
            thread::sleep(Duration::from_millis(5));
        }
        found = threads();
        if found.len() == expected {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("{expected} threads expected, found {found:?}");
}

/// Waits until so many threads have this name: a thread takes its name only once it runs.
fn name_settles_at(name: &str, expected: usize) {
    let mut found = threads();
    for _ in 0..2000 {
        if found.iter().filter(|thread| *thread == name).count() == expected {
            return;
        }
        thread::sleep(Duration::from_millis(1));
        found = threads();
    }
    panic!("{expected} threads named {name} expected, found {found:?}");
}

fn threads() -> Vec<String> {
    fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|name| name.trim_end().to_owned())
        .collect()
}
