//! A program that starts compio itself, and calls libraries that take `R: LocalRuntime`.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyrt_compio::{Local, LocalHandle};
use anyrt_core::{Config, prelude::*};
use compio_runtime::Runtime;

async fn pause<R: LocalRuntime>(rt: R, word: Rc<str>) -> usize {
    let timer = rt.clone();
    let task = rt.spawn_local(async move {
        timer.sleep(Duration::from_millis(1)).await;
        word.len()
    });
    task.await.expect("the task does not panic")
}

struct Counts(Rc<Cell<u32>>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_library_runs_under_compios_own_entry() {
    let runtime = Runtime::new().expect("a driver starts");
    let length = runtime.block_on(async { pause(LocalHandle::current(), "moin".into()).await });
    assert_eq!(length, 4);
    // And in a task of compio's own, whose look-up finds the same runtime.
    let task = runtime.spawn(async { pause(LocalHandle::current(), "hello".into()).await });
    assert_eq!(runtime.block_on(task).ok(), Some(5));
}

#[test]
fn two_runtimes_of_one_thread_are_told_apart() {
    let (one, other) = (
        Runtime::new().expect("one"),
        Runtime::new().expect("another"),
    );
    let handle = one.enter(LocalHandle::current);
    assert_eq!(
        other.block_on(async { pause(LocalHandle::current(), "moin".into()).await }),
        4
    );
    let task = handle.spawn_local(async { 42 });
    assert_eq!(one.block_on(task).ok(), Some(42));
}

#[test]
fn its_tasks_end_with_the_runtime() {
    let dropped = Rc::new(Cell::new(0));
    let runtime = Runtime::new().expect("a driver starts");
    let handle = runtime.enter(LocalHandle::current);
    for polled in [true, false] {
        let counts = Counts(dropped.clone());
        handle.spawn_local_detached(async move {
            std::future::pending::<()>().await;
            drop(counts);
        });
        if polled {
            runtime.block_on(anyrt_core::yield_now());
        }
    }
    assert_eq!(dropped.get(), 0);
    drop(runtime);
    assert_eq!(dropped.get(), 2, "tasks were left behind");
    assert!(handle.is_gone());
    assert!(handle.spawn_local(async {}).is_finished());
}

#[test]
fn without_a_runtime_there_is_none() {
    assert!(LocalHandle::try_current().is_err());
    drop(Runtime::new().expect("a driver starts"));
    assert!(LocalHandle::try_current().is_err(), "nothing runs here");
    let rt = Local::launch(Config::new()).expect("launches");
    assert!(rt.block_on(async { LocalHandle::try_current().is_ok() }));
}

#[test]
#[should_panic(expected = "cannot block on a future inside a task of compio")]
fn blocking_inside_a_task_says_so() {
    let runtime = Runtime::new().expect("a driver starts");
    let task = runtime.block_on(async {
        let handle = LocalHandle::current();
        let inner = handle.clone();
        handle
            .spawn_local(async move { inner.block_on(async {}) })
            .await
    });
    if let Err(error) = task {
        error.resume_unwind();
    }
}
