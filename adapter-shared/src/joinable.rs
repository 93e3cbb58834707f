use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::JoinError;
use async_task::FallibleTask;

use crate::Contained;

/// What the task handle of a runtime must be able to do to become a [`Task`](crate::Task).
///
/// # Contract
///
/// - Dropping it may cancel the task; [`detach`](Self::detach) must not.
/// - The first poll of the future that [`cancel`](Self::cancel) returns makes the request, wakes the waker of the last
///   [`poll_join`](Self::poll_join), and the future is ready once the task's future was dropped.
///
/// # Examples
///
/// ```
/// use anyrt_shared::{ContainDrop, Task};
/// use anyrt_core::JoinHandle;
/// use async_executor::Executor;
///
/// let executor = Executor::new();
/// let task = executor.spawn(ContainDrop::new(async { 42 })).fallible();
/// let handle = JoinHandle::new(Task::new(task));
/// let output = async_io::block_on(executor.run(handle))?;
/// assert_eq!(output, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
pub trait Joinable: Unpin + Sized {
    /// What the task yields.
    type Output;
    /// Waits for the end of a task that was cancelled.
    type Cancel: Future<Output = Option<Contained<Self::Output>>> + Unpin;

    /// Polls for the end of the task. Called no more after it was ready.
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>>;

    /// Tells whether the next [`poll_join`](Self::poll_join) is ready.
    fn is_finished(&self) -> bool;

    /// Makes the future that cancels the task when it is polled first.
    ///
    /// The bound is here and not on an `impl`: a task that awaits a handle is `Send` only if the handle is for every lifetime
    /// that its output mentions. Who has no such bound keeps this method as a function from where the task was spawned.
    fn cancel(self) -> Self::Cancel
    where
        Self::Output: 'static;

    /// Lets the task run on.
    fn detach(self);

    /// Cancels the task, and waits for nothing.
    fn abandon(self);
}

impl<T: Send> Joinable for FallibleTask<Contained<T>> {
    type Output = T;
    type Cancel = Pin<Box<dyn Future<Output = Option<Contained<T>>> + Send>>;

    #[inline(always)]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        settle(|| Pin::new(self).poll(cx))
    }

    #[inline]
    fn is_finished(&self) -> bool {
        self.is_finished()
    }

    fn cancel(self) -> Self::Cancel
    where
        T: 'static,
    {
        Box::pin(self.cancel())
    }

    #[inline]
    fn detach(self) {
        self.detach();
    }

    #[inline]
    fn abandon(self) {
        // To drop async-task's handle is to cancel, with no allocation.
        drop(self);
    }
}

/// Turns what async-task reports into a join's result: `None` is *cancelled*, and a panic that is resumed is an error.
#[inline(always)]
pub fn settle<T>(poll: impl FnOnce() -> Poll<Option<Contained<T>>>) -> Poll<Result<T, JoinError>> {
    match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(Some(output))) => Poll::Ready(output.into_result()),
        Ok(Poll::Ready(None)) => Poll::Ready(Err(JoinError::cancelled())),
        Err(payload) => Poll::Ready(Err(panicked(payload))),
    }
}

/// Apart, so that the join of a task that did not panic stays short.
#[cold]
#[inline(never)]
fn panicked(payload: Box<dyn Any + Send>) -> JoinError {
    JoinError::panic(payload)
}
