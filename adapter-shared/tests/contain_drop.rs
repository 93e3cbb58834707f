//! The wrapper around a spawned future, without a runtime.

use std::future::{Future, Ready, pending, poll_fn, ready};
use std::mem::{align_of_val, size_of_val};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use anyrt_core::{JoinError, JoinHandle, RawTask};
use anyrt_shared::{ContainDrop, Contained, Joinable, Task};
use async_executor::Executor;
use async_task::FallibleTask;

/// Panics when it is dropped, with a payload that panics when it is dropped.
struct Stubborn;

impl Drop for Stubborn {
    fn drop(&mut self) {
        panic_any(StubbornPayload);
    }
}

struct StubbornPayload;

impl Drop for StubbornPayload {
    fn drop(&mut self) {
        panic!("the payload, too");
    }
}

struct Count(Arc<AtomicUsize>);

impl Drop for Count {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn it_adds_no_byte_where_there_is_a_niche_and_one_alignment_where_there_is_none() {
    let word = String::from("moin");
    let block = async move {
        ready(()).await;
        word
    };
    let (bytes, alignment) = (size_of_val(&block), align_of_val(&block));
    assert!(size_of_val(&ContainDrop::new(block)) <= bytes + alignment);
    assert_eq!(
        size_of::<ContainDrop<Pin<Box<dyn Future<Output = ()>>>>>(),
        16
    );
    assert_eq!(size_of::<ContainDrop<[u64; 4]>>(), 40);
    assert_eq!(size_of::<ContainDrop<Ready<u64>>>(), 16);
    assert_eq!(size_of::<Contained<String>>(), 24);
    assert_eq!(size_of::<Contained<u64>>(), 16);
    assert_eq!(size_of::<Contained<()>>(), 1);
}

#[test]
fn the_future_is_dropped_before_the_output_is_out() {
    let drops = Arc::new(AtomicUsize::new(0));
    let count = Count(drops.clone());
    let mut future = pin!(ContainDrop::new(poll_fn(move |_| {
        let _count = &count;
        Poll::Ready(1)
    })));
    let Poll::Ready(output) = poll(future.as_mut()) else {
        panic!("pending")
    };
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(output.into_result().unwrap(), 1);
    let again = catch_unwind(AssertUnwindSafe(|| poll(future.as_mut()).is_ready()));
    assert!(again.is_err());
}

#[test]
fn a_panic_on_completion_goes_to_the_task_and_the_output_is_dropped_once() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (stubborn, mut output) = (Stubborn, Some(Count(drops.clone())));
    let mut future = pin!(ContainDrop::new(poll_fn(move |_| {
        let _stubborn = &stubborn;
        Poll::Ready(output.take())
    })));
    let payload = catch_unwind(AssertUnwindSafe(|| poll(future.as_mut()).is_ready())).unwrap_err();
    assert!(payload.is::<StubbornPayload>());
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    std::mem::forget(payload);
}

#[test]
fn a_panic_on_cancelling_is_contained_with_its_payload() {
    let stubborn = Stubborn;
    drop(ContainDrop::new(async move {
        let _stubborn = stubborn;
        pending::<()>().await;
    }));
    drop(Contained::new(Stubborn));
}

#[test]
fn the_executor_survives_both() {
    let executor = Executor::new();
    let mut task = JoinHandle::new(Task::new(
        executor
            .spawn(ContainDrop::new(async {
                let _stubborn = Stubborn;
                pending::<()>().await;
            }))
            .fallible(),
    ));
    while executor.try_tick() {}
    task.abort();
    while executor.try_tick() {}
    assert!(task.is_finished());
    let Poll::Ready(end) = poll(pin!(task)) else {
        panic!("pending")
    };
    assert!(end.unwrap_err().is_cancelled());

    let mut dead = Task::<FallibleTask<Contained<u8>>>::dead();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(dead.is_finished());
    let Poll::Ready(end) = dead.poll_join(&mut cx) else {
        panic!("pending")
    };
    assert!(end.unwrap_err().is_cancelled());
    assert!(catch_unwind(AssertUnwindSafe(|| dead.poll_join(&mut cx).is_ready())).is_err());
}

#[test]
fn abandoning_cancels_without_a_join() {
    let executor = Executor::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let count = Count(drops.clone());
    let future = ContainDrop::new(async move {
        let _count = count;
        pending::<()>().await;
    });
    let mut task = Task::new(executor.spawn(future).fallible());
    while executor.try_tick() {}
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    task.abort_and_detach();
    while executor.try_tick() {}
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

/// async-task's handle, which says when nobody holds the task any more.
struct Held {
    task: FallibleTask<Contained<()>>,
    count: Count,
}

impl Joinable for Held {
    type Output = ();
    type Cancel = Pin<Box<dyn Future<Output = Option<Contained<()>>> + Send>>;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
        self.task.poll_join(cx)
    }

    fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    fn cancel(self) -> Self::Cancel {
        let Self { task, count } = self;
        Box::pin(async move {
            let _count = count;
            task.cancel().await
        })
    }

    fn detach(self) {
        self.task.detach();
    }

    fn abandon(self) {
        self.task.abandon();
    }
}

#[test]
fn an_abort_handle_lets_go_of_a_task_that_it_aborted() {
    let executor = Executor::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let mut task = Task::new(Held {
        task: executor.spawn(ContainDrop::new(pending())).fallible(),
        count: Count(drops.clone()),
    });
    let stop = task.abort_handle();
    task.detach();
    while executor.try_tick() {}
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    stop.abort();
    while executor.try_tick() {}
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    stop.abort();
}
