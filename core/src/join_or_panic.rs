use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use crate::{JoinHandle, RawTask};

/// Waits for a task's output, and panics where the task has none; made by [`JoinHandle::join_or_panic`].
///
/// # Cancellation
///
/// Dropping it detaches the task, as dropping the handle does. [`into_inner`](Self::into_inner) gives the handle back.
///
/// # Panics
///
/// When it is polled and the task panicked, with the task's own payload and without a second message of the panic hook; when
/// the task was cancelled, with a message that says so; and when it is polled again after it resolved.
///
/// # Cost
///
/// As large as the handle. Nothing besides the join.
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinOrPanic, RawTask};
///
/// struct Parts<H: RawTask> { left: JoinOrPanic<H>, right: JoinOrPanic<H> }
///
/// impl<H: RawTask<Output = u32>> Parts<H> {
///     async fn sum(self) -> u32 {
///         self.left.await + self.right.await
///     }
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # let half = || rt.handle().spawn(async { 21 }).join_or_panic();
/// # assert_eq!(rt.block_on(Parts { left: half(), right: half() }.sum()), 42);
/// ```
#[must_use = "dropping it detaches the task"]
pub struct JoinOrPanic<H: RawTask>(JoinHandle<H>);

impl<H: RawTask> JoinOrPanic<H> {
    #[inline]
    pub(crate) fn new(handle: JoinHandle<H>) -> Self {
        Self(handle)
    }

    /// Gives the handle back, which yields errors instead.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Cancel, JoinOrPanic, RawTask};
    ///
    /// fn stop<H: RawTask>(join: JoinOrPanic<H>) -> Cancel<H> {
    ///     join.into_inner().cancel()
    /// }
    /// ```
    #[inline]
    pub fn into_inner(self) -> JoinHandle<H> {
        self.0
    }
}

impl<H: RawTask> Future for JoinOrPanic<H> {
    type Output = H::Output;

    #[inline]
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<H::Output> {
        match ready!(Pin::new(&mut self.0).poll(cx)) {
            Ok(output) => Poll::Ready(output),
            Err(error) => error.resume_unwind(),
        }
    }
}

impl<H: RawTask> fmt::Debug for JoinOrPanic<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinOrPanic").finish_non_exhaustive()
    }
}
