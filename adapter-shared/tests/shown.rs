//! What the types say of themselves.

use std::future::{pending, ready};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use anyrt_core::RawTask;
use anyrt_shared::{
    Closeable, Closures, ContainDrop, Contained, LocalExecutor, LocalTask, Process, Root, Task,
    Watched, unblock,
};

/// Each `Debug` begins with the name of its type.
macro_rules! assert_shows {
    ($($value:expr => $name:literal),+ $(,)?) => {$(
        let shown = format!("{:?}", $value);
        assert!(shown.starts_with($name), "{shown}");
    )+};
}

#[test]
fn each_type_shows_its_name() {
    let executor = Closeable::new();
    let local = Rc::new(LocalExecutor::new());
    assert_shows! {
        executor => "Closeable",
        executor.closures() => "Closures",
        Closures::enter(executor.closures().clone()) => "Running",
        Task::new(executor.spawn(pending::<()>()).unwrap()) => "Task",
        local => "LocalExecutor",
        LocalTask::spawn(&local, pending::<()>()) => "LocalTask",
        unblock(Closures::enter(Process), || ()) => "BlockingTask",
        ContainDrop::new(pending::<()>()) => "ContainDrop",
        Contained::new(1) => "Contained",
        Root::new(pending::<()>()) => "Root",
        Watched::new(ready(Some(Contained::new(1)))) => "Watched",
    }
}

#[test]
fn a_closure_that_has_ended_says_so() {
    const LIMIT: Duration = Duration::from_secs(10);
    let closure = unblock(Closures::enter(Process), || ());
    let began = Instant::now();
    while !closure.is_finished() {
        assert!(began.elapsed() < LIMIT);
        thread::yield_now();
    }
}
