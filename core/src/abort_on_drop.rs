use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::{AbortHandle, JoinError, JoinHandle, RawTask};

/// A [`JoinHandle`] whose drop aborts the task; made by [`JoinHandle::abort_on_drop`].
///
/// Awaiting it yields what awaiting the handle would.
///
/// # Cancellation
///
/// Dropping it requests the abort and returns at once; the task's destructors run soon after, not necessarily before the
/// drop returns. Where they must have run, `guard.into_inner().cancel().await` instead.
///
/// # Cost
///
/// As large as the handle. Dropping it after it was awaited does nothing.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
///
/// async fn fetch<R: Runtime>(rt: &R) -> u32 {
///     let helper = rt.spawn(async { 7 }).abort_on_drop();
///     // An early return here would stop the helper.
///     helper.await.unwrap_or_default()
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(fetch(&rt.handle())), 7);
/// ```
#[must_use = "dropping it aborts the task"]
pub struct AbortOnDrop<H: RawTask> {
    /// `None` only between `into_inner` and the drop that follows it.
    handle: Option<JoinHandle<H>>,
}

impl<H: RawTask> AbortOnDrop<H> {
    #[inline]
    pub(crate) fn new(handle: JoinHandle<H>) -> Self {
        Self {
            handle: Some(handle),
        }
    }

    /// Asks the task to stop now, and leaves it to be awaited; see [`JoinHandle::abort`].
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{AbortOnDrop, JoinError, RawTask};
    ///
    /// async fn stop<H: RawTask>(mut helper: AbortOnDrop<H>) -> Result<H::Output, JoinError> {
    ///     helper.abort();
    ///     helper.await
    /// }
    /// ```
    #[inline]
    pub fn abort(&mut self) {
        self.handle_mut().abort();
    }

    /// Makes a clonable handle that aborts this task from any thread; see [`JoinHandle::abort_handle`].
    ///
    /// # Cost
    ///
    /// That of [`JoinHandle::abort_handle`].
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{AbortHandle, AbortOnDrop, RawTask};
    ///
    /// /// Keeps the guard here, and gives a second way to stop the task away.
    /// fn share<H: RawTask>(guard: &mut AbortOnDrop<H>) -> AbortHandle {
    ///     guard.abort_handle()
    /// }
    /// ```
    pub fn abort_handle(&mut self) -> AbortHandle {
        self.handle_mut().abort_handle()
    }

    /// Tells whether awaiting it would be ready at once.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{AbortOnDrop, RawTask};
    ///
    /// /// Drops the guards of tasks that have ended, which stops nothing.
    /// fn tidy<H: RawTask>(helpers: &mut Vec<AbortOnDrop<H>>) {
    ///     helpers.retain(|helper| !helper.is_finished());
    /// }
    /// ```
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.handle.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Gives back the plain handle, whose drop detaches; nothing is aborted (`abort::guard_given_back_aborts_nothing`).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{AbortOnDrop, RawTask};
    ///
    /// fn let_it_run<H: RawTask>(guard: AbortOnDrop<H>) {
    ///     guard.into_inner().detach();
    /// }
    /// ```
    #[inline]
    pub fn into_inner(mut self) -> JoinHandle<H> {
        self.handle
            .take()
            .expect("only into_inner takes the handle, and it consumes self")
    }

    #[inline]
    fn handle_mut(&mut self) -> &mut JoinHandle<H> {
        self.handle
            .as_mut()
            .expect("only into_inner takes the handle, and it consumes self")
    }
}

impl<H: RawTask> Future for AbortOnDrop<H> {
    type Output = Result<H::Output, JoinError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(self.handle_mut()).poll(cx)
    }
}

impl<H: RawTask> Drop for AbortOnDrop<H> {
    #[inline]
    fn drop(&mut self) {
        if let Some(handle) = &mut self.handle {
            handle.abort_and_detach();
        }
    }
}

impl<H: RawTask> fmt::Debug for AbortOnDrop<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortOnDrop").finish_non_exhaustive()
    }
}
