use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;

use crate::{AbortHandle, JoinError, JoinHandle, RawTask};

/// A [`JoinHandle`] that may stay in a `select!` loop after it resolved; made by [`JoinHandle::fused`].
///
/// It yields the task's end once, and is pending for ever afterwards. The task can be aborted through it all the while.
///
/// # Contract
///
/// After it resolved it is never ready again, keeps no waker, and says so through
/// [`is_terminated`](FusedFuture::is_terminated), which is what `futures::select!` asks.
///
/// # Cancellation
///
/// Dropping the future of `(&mut handle).await` loses nothing. Dropping the handle detaches the task, as with
/// [`JoinHandle`].
///
/// # Cost
///
/// As large as the handle on runtimes whose handle is a pointer or an enum. When it resolved, the handle in it is dropped.
///
/// # Examples
///
/// The loop goes on after one of the two has ended:
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
/// use futures::future::{FusedFuture, FutureExt};
/// use futures::select;
///
/// async fn watch<R: Runtime>(rt: &R) -> u32 {
///     let mut worker = rt.spawn(async { 42 }).fused();
///     let (mut output, mut ticks) = (0, 0);
///     while ticks < 3 || !worker.is_terminated() {
///         select! {
///             end = worker => output = end.unwrap_or_default(),
///             () = rt.sleep(Duration::from_millis(1)).fuse() => ticks += 1,
///         }
///     }
///     output
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # let handle = rt.handle();
/// # assert_eq!(rt.block_on(async { Box::pin(watch(&handle)).await }), 42);
/// ```
#[must_use = "dropping it detaches the task"]
pub struct FusedJoinHandle<H: RawTask>(Option<JoinHandle<H>>);

impl<H: RawTask> FusedJoinHandle<H> {
    #[inline]
    pub(crate) fn new(handle: JoinHandle<H>) -> Self {
        Self(Some(handle))
    }

    /// Asks the task to stop, as [`JoinHandle::abort`] does. After the handle resolved it does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{FusedJoinHandle, JoinError, RawTask};
    ///
    /// async fn stop<H: RawTask>(task: &mut FusedJoinHandle<H>) -> Option<Result<H::Output, JoinError>> {
    ///     if task.is_finished() {
    ///         return None; // its end was taken, or waits for whoever awaits it next
    ///     }
    ///     task.abort();
    ///     Some(task.await)
    /// }
    /// ```
    #[inline]
    pub fn abort(&mut self) {
        if let Some(handle) = &mut self.0 {
            handle.abort();
        }
    }

    /// Makes a clonable handle that aborts this task from any thread: [`JoinHandle::abort_handle`].
    ///
    /// After the handle resolved it is one that does nothing, and whose task is finished.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{AbortHandle, FusedJoinHandle, RawTask};
    ///
    /// fn stop_button<H: RawTask>(task: &mut FusedJoinHandle<H>) -> AbortHandle {
    ///     task.abort_handle()
    /// }
    /// ```
    pub fn abort_handle(&mut self) -> AbortHandle {
        match &mut self.0 {
            Some(handle) => handle.abort_handle(),
            None => AbortHandle::new((), |()| {}, |()| true),
        }
    }

    /// Tells whether the task has ended, whether or not its end was taken.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{FusedJoinHandle, RawTask};
    ///
    /// fn running<H: RawTask>(tasks: &[FusedJoinHandle<H>]) -> usize {
    ///     tasks.iter().filter(|task| !task.is_finished()).count()
    /// }
    /// ```
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.0.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Gives back the plain handle, or `None` after it resolved.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{FusedJoinHandle, RawTask};
    ///
    /// async fn stop<H: RawTask>(task: FusedJoinHandle<H>) {
    ///     if let Some(task) = task.into_inner() {
    ///         task.cancel().await.ok();
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn into_inner(self) -> Option<JoinHandle<H>> {
        self.0
    }
}

impl<H: RawTask> Future for FusedJoinHandle<H> {
    type Output = Result<H::Output, JoinError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(handle) = &mut self.0 else {
            return Poll::Pending;
        };
        let end = ready!(Pin::new(handle).poll(cx));
        self.0 = None;
        Poll::Ready(end)
    }
}

impl<H: RawTask> FusedFuture for FusedJoinHandle<H> {
    #[inline]
    fn is_terminated(&self) -> bool {
        self.0.is_none()
    }
}

impl<H: RawTask> fmt::Debug for FusedJoinHandle<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FusedJoinHandle").finish_non_exhaustive()
    }
}
