//! The watcher of a local task, which an abort handle starts.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;

use anyrt_core::{JoinHandle, RawTask};
use anyrt_shared::{LocalExecutor, LocalTask};

fn run_all(executor: &LocalExecutor) {
    while executor.try_tick() {}
}

/// Spawns a task that ends once `gate` is set and its waker, which is kept there, is woken.
fn gated(
    executor: &Rc<LocalExecutor>,
    gate: &Rc<(Cell<bool>, Cell<Option<Waker>>)>,
) -> JoinHandle<LocalTask<Rc<()>>> {
    let gate = gate.clone();
    let future = poll_fn(move |cx| {
        if gate.0.get() {
            return Poll::Ready(Rc::new(()));
        }
        gate.1.set(Some(cx.waker().clone()));
        Poll::Pending
    });
    JoinHandle::new(LocalTask::spawn(executor, future))
}

fn open(gate: &(Cell<bool>, Cell<Option<Waker>>)) {
    gate.0.set(true);
    if let Some(waker) = gate.1.take() {
        waker.wake();
    }
}

#[test]
fn the_watcher_ends_with_the_last_abort_handle() {
    let executor = Rc::new(LocalExecutor::new());
    let gate = Rc::default();
    let mut task = gated(&executor, &gate);
    let stop = task.abort_handle();
    let again = (stop.clone(), task.abort_handle());
    run_all(&executor);
    drop(stop);
    drop(again);
    run_all(&executor);

    // Asked for again, it comes back.
    let stop = task.abort_handle();
    run_all(&executor);
    thread::scope(|scope| scope.spawn(move || drop(stop)).join().unwrap());
    run_all(&executor);
    open(&gate);
    run_all(&executor);
    assert!(executor.is_empty());
    assert!(task.is_finished());
}

#[test]
fn the_watcher_ends_with_a_task_that_was_joined() {
    let executor = Rc::new(LocalExecutor::new());
    let gate = Rc::default();
    let mut task = gated(&executor, &gate);
    let stop = task.abort_handle();
    run_all(&executor);
    open(&gate);
    run_all(&executor);
    let mut task = pin!(task);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(task.as_mut().poll(&mut cx).is_ready());
    run_all(&executor);
    assert!(executor.is_empty());
    stop.abort();
}

#[test]
fn the_watcher_ends_with_a_task_that_nobody_joins() {
    let executor = Rc::new(LocalExecutor::new());
    let gate = Rc::default();
    let mut task = gated(&executor, &gate);
    let stop = task.abort_handle();
    drop(task);
    run_all(&executor);
    assert!(!executor.is_empty());
    open(&gate);
    run_all(&executor);
    assert!(executor.is_empty());
    stop.abort();
}

#[test]
fn an_abort_from_another_thread_reaches_a_task_that_nobody_joins() {
    let executor = Rc::new(LocalExecutor::new());
    let mut task = LocalTask::spawn(&executor, pending::<()>());
    let stop = task.abort_handle();
    task.detach();
    run_all(&executor);
    assert!(!executor.is_empty());
    thread::scope(|scope| scope.spawn(|| stop.abort()).join().unwrap());
    run_all(&executor);
    assert!(executor.is_empty());
}

#[test]
fn an_abort_handle_outlives_the_executor() {
    let executor = Rc::new(LocalExecutor::new());
    let mut task = LocalTask::spawn(&executor, pending::<()>());
    let stop = task.abort_handle();
    run_all(&executor);
    executor.close();
    stop.abort();
    task.abort();
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(end) = task.poll_join(&mut cx) else {
        panic!("pending")
    };
    assert!(end.unwrap_err().is_cancelled());
    task.abort_handle().abort();
}
