use alloc::boxed::Box;
use core::task::{Context, Poll};

use crate::{AbortHandle, JoinError};

/// A runtime's own task, as an adapter hands it to [`JoinHandle`](crate::JoinHandle).
///
/// Adapters implement this trait; nobody else needs to see it. It is object safe, so that
/// `JoinHandle<Box<dyn RawTask<Output = T>>>` is a handle without a runtime in its type, and every method but
/// [`is_finished`](Self::is_finished) takes `&mut self`, so that no backend needs a lock or `unsafe` to keep the contract.
///
/// # Contract
///
/// An implementation MUST:
/// - resolve [`poll_join`](Self::poll_join) only after the task's future and its captures were dropped
///   (`join::future_is_dropped_first`), to the output, to the panic with its payload (`join::panic_is_an_error`), or to
///   *cancelled* when the task was aborted or its runtime went away
///   (`join::pending_task_is_cancelled_with_the_runtime`);
/// - wake the waker of the last poll, and no other (`join::last_waker_is_woken`), and keep none of the earlier ones
///   (`join::replaced_wakers_are_let_go`), nor, where it is detached, the last (`join::dropped_handle_lets_go_of_its_waker`; smol,
///   async-std and compio keep that one until the task ends);
/// - panic when it is polled again after it was ready (`join::second_poll_panics`);
/// - keep running when it is detached (`join::dropping_the_handle_detaches`);
/// - treat [`abort`](Self::abort) as a request that returns at once (`abort::is_idempotent_and_cancels`), that runs the
///   future's destructor even if nobody joins (`abort::drops_without_a_joiner`), and that leaves the output of a finished
///   task alone (`abort::finished_task_keeps_its_output`).
///
/// # For runtime authors
///
/// A blocking closure that was submitted runs exactly once. Its task therefore implements `abort` as a no-op
/// (`blocking::abort_has_no_effect`) and `detach` so that a queued closure still runs (`blocking::runs_exactly_once`).
///
/// # Examples
///
/// A task that was finished before it began, as an adapter returns it from a spawn on a runtime that is gone:
///
/// ```
/// use std::task::{Context, Poll};
/// use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask};
///
/// struct Dead<T> { joined: bool, output: std::marker::PhantomData<fn() -> T> }
///
/// impl<T> RawTask for Dead<T> {
///     type Output = T;
///     fn poll_join(&mut self, _: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
///         assert!(!std::mem::replace(&mut self.joined, true), "task polled after it was joined");
///         Poll::Ready(Err(JoinError::cancelled()))
///     }
///     fn abort(&mut self) {}
///     fn is_finished(&self) -> bool { true }
///     fn detach(&mut self) {}
///     fn abort_handle(&mut self) -> AbortHandle { AbortHandle::new((), |()| {}, |()| true) }
/// }
///
/// let handle = JoinHandle::new(Dead::<u8> { joined: false, output: std::marker::PhantomData });
/// assert!(handle.is_finished());
/// ```
pub trait RawTask: Unpin {
    /// What the task's future or closure returns.
    type Output;

    /// Polls for the end of the task.
    ///
    /// # Panics
    ///
    /// When it is polled again after it returned `Ready`.
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>>;

    /// Looks whether the task has ended, for callers that do not wait.
    ///
    /// As [`poll_join`](Self::poll_join), except that it is `Ready` whenever the task [has finished](Self::is_finished), whatever
    /// is left of the budget of the task that calls. It takes none of that budget.
    ///
    /// # Panics
    ///
    /// As [`poll_join`](Self::poll_join).
    #[inline]
    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>> {
        self.poll_join(cx)
    }

    /// Asks the task to stop at its next await at the latest, and returns at once. Idempotent.
    ///
    /// # For runtime authors
    ///
    /// The task's destructor must not run on the caller's stack: the caller may hold a lock that the destructor takes.
    fn abort(&mut self);

    /// Tells whether the next [`poll_join`](Self::poll_join) is ready.
    ///
    /// It changes nothing: a joiner that waits keeps its waker, and is woken all the same (`join::is_finished_tells_the_truth`).
    fn is_finished(&self) -> bool;

    /// Lets the task run on with nobody to join it; an output is dropped when it comes. Idempotent.
    ///
    /// [`JoinHandle`](crate::JoinHandle)'s drop calls this, also after a join.
    ///
    /// # For runtime authors
    ///
    /// Where dropping the runtime's own handle cancels the task, call its `detach` here. Where dropping detaches, do nothing.
    fn detach(&mut self);

    /// Makes a handle that aborts this task from anywhere and keeps neither its future nor its output alive.
    ///
    /// # Cost
    ///
    /// May allocate; a task for which it is never called pays nothing.
    fn abort_handle(&mut self) -> AbortHandle;

    /// [Aborts](Self::abort) the task and [detaches](Self::detach) it, for backends on which both at once are cheaper.
    #[inline]
    fn abort_and_detach(&mut self) {
        self.abort();
        self.detach();
    }
}

impl<H: RawTask + ?Sized> RawTask for Box<H> {
    type Output = H::Output;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>> {
        (**self).poll_join(cx)
    }

    #[inline]
    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>> {
        (**self).try_join(cx)
    }

    #[inline]
    fn abort(&mut self) {
        (**self).abort();
    }

    #[inline]
    fn is_finished(&self) -> bool {
        (**self).is_finished()
    }

    #[inline]
    fn detach(&mut self) {
        (**self).detach();
    }

    #[inline]
    fn abort_handle(&mut self) -> AbortHandle {
        (**self).abort_handle()
    }

    #[inline]
    fn abort_and_detach(&mut self) {
        (**self).abort_and_detach();
    }
}
