//! Shows that the sanitizers see what they are there for: `anyrt-planted FAULT RUNTIME`. `anyrt-planted threads` shows which
//! threads a sanitizer adds.
//!
//! Two tasks on two threads of the runtime count in one place. With the fault `data-race` they do so without a lock, with
//! `use-after-free` a task reads what another has freed, and with `none` there is nothing to report. Without `unsafe` none of
//! this compiles, so it stands here and not in the suite.

use std::cell::UnsafeCell;
use std::env;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

use anyrt_core::prelude::*;
use anyrt_core::{Config, Launch};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [fault, "tokio"] => run::<anyrt_tokio::Owned>(fault),
        [fault, "smol"] => run::<anyrt_smol::Owned>(fault),
        ["threads"] => threads(),
        _ => {
            eprintln!("usage: anyrt-planted none|data-race|use-after-free tokio|smol, or threads");
            ExitCode::from(2)
        }
    }
}

fn run<L: Launch<Handle: Runtime>>(fault: &str) -> ExitCode {
    let rt = L::launch(Config::new().worker_threads(2)).expect("the runtime starts");
    let handle = rt.handle();
    match fault {
        "none" => rt.run(count(handle, |place| *place.locked.lock().unwrap() += 1)),
        // SAFETY: none. Two threads write here at once.
        "data-race" => rt.run(count(handle, |place| unsafe { *place.bare.0.get() += 1 })),
        "use-after-free" => rt.run(read_what_is_freed(handle)),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

#[derive(Default)]
struct Place {
    started: AtomicUsize,
    locked: Mutex<u32>,
    bare: Bare,
}

#[derive(Default)]
struct Bare(UnsafeCell<u32>);

// SAFETY: none. That is the fault.
unsafe impl Sync for Bare {}

async fn count<R: Runtime>(rt: R, add: fn(&Place)) {
    let place = Arc::new(Place::default());
    let tasks = [(); 2].map(|()| {
        let place = place.clone();
        rt.spawn(async move {
            // Relaxed, so that nothing here orders one task before the other.
            place.started.fetch_add(1, Relaxed);
            while place.started.load(Relaxed) < 2 {
                thread::yield_now();
            }
            // Often, because ThreadSanitizer can miss two accesses of the very same moment.
            for _ in 0..1000 {
                add(&place);
            }
        })
    });
    for task in tasks {
        task.await.expect("the task ends");
    }
}

async fn read_what_is_freed<R: Runtime>(rt: R) {
    let value = Box::new(black_box(42_u64));
    let address = (&raw const *value).expose_provenance();
    rt.spawn(async move { drop(value) })
        .await
        .expect("the task ends");
    let reader = rt.spawn(async move {
        // SAFETY: none. The other task has freed it.
        black_box(unsafe { std::ptr::with_exposed_provenance::<u64>(address).read_volatile() })
    });
    reader.await.expect("the task ends");
}

/// Prints how many threads the process has, before and after it made one.
fn threads() -> ExitCode {
    let count = || fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    let first = count();
    let made = thread::spawn(|| fs::read_link("/proc/thread-self"));
    let made = made.join().expect("the thread ends").expect("on Linux");
    // The system lists a thread a little longer than it lives.
    while Path::new("/proc").join(&made).exists() {
        thread::yield_now();
    }
    println!(
        "threads: {first} at first, {} after one was made and has ended",
        count()
    );
    ExitCode::SUCCESS
}
