use std::fmt;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::Task;

/// A blocking closure on its way through tokio's pool, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cancellation
///
/// None: a closure that was submitted runs exactly once, whatever happens to its handle, and an abort has no effect
/// (`blocking::abort_has_no_effect`).
///
/// # Cost
///
/// 8 bytes: tokio's own handle.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, JoinHandle, prelude::*};
/// use anyrt_tokio::{BlockingTask, Owned};
///
/// let rt = Owned::launch(Config::new())?;
/// let mut task: JoinHandle<BlockingTask<u32>> = rt.handle().spawn_blocking(|| 42);
/// task.abort();
/// assert_eq!(rt.block_on(task)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BlockingTask<T>(Task<T>);

impl<T> BlockingTask<T> {
    #[inline]
    pub(crate) fn new(inner: tokio::task::JoinHandle<T>) -> Self {
        Self(Task::new(inner))
    }
}

impl<T> RawTask for BlockingTask<T> {
    type Output = T;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.0.poll_join(cx)
    }

    #[inline]
    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.0.try_join(cx)
    }

    #[inline]
    fn abort(&mut self) {
        // tokio's own abort would take a queued closure out of the queue.
    }

    #[inline]
    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    #[inline]
    fn detach(&mut self) {
        self.0.detach();
    }

    fn abort_handle(&mut self) -> AbortHandle {
        // tokio's own would take a closure out of the queue.
        AbortHandle::new(
            self.0.abort_handle(),
            |_: &AbortHandle| {},
            AbortHandle::is_finished,
        )
    }
}

impl<T> fmt::Debug for BlockingTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingTask").finish_non_exhaustive()
    }
}
