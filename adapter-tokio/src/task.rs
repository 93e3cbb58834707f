use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};
use tokio::task::coop::unconstrained;

/// A task of tokio's, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cost
///
/// 8 bytes: tokio's own handle. Only the error of a join is mapped.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, JoinHandle, prelude::*};
/// use anyrt_tokio::{Owned, Task};
///
/// let rt = Owned::launch(Config::new())?;
/// let task: JoinHandle<Task<u32>> = rt.handle().spawn(async { 42 });
/// assert_eq!(rt.block_on(task)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Task<T>(tokio::task::JoinHandle<T>);

impl<T> Task<T> {
    #[inline]
    pub(crate) fn new(inner: tokio::task::JoinHandle<T>) -> Self {
        Self(inner)
    }
}

impl<T> RawTask for Task<T> {
    type Output = T;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        // A second poll after the first `Ready` panics inside tokio.
        Pin::new(&mut self.0).poll(cx).map_err(join_error)
    }

    #[inline]
    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        // The caller does not wait, so there is nobody to give way.
        Pin::new(&mut unconstrained(&mut self.0))
            .poll(cx)
            .map_err(join_error)
    }

    #[inline]
    fn abort(&mut self) {
        self.0.abort();
    }

    #[inline]
    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    #[inline]
    fn detach(&mut self) {
        // Dropping tokio's handle, which happens next, detaches.
    }

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new(
            self.0.abort_handle(),
            tokio::task::AbortHandle::abort,
            tokio::task::AbortHandle::is_finished,
        )
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}

#[cold]
fn join_error(error: tokio::task::JoinError) -> JoinError {
    match error.try_into_panic() {
        Ok(payload) => JoinError::panic(payload),
        Err(_) => JoinError::cancelled(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{BlockingTask, LocalTask, Owned, Task};
    use anyrt_core::{Config, Launch};

    #[test]
    fn each_kind_of_task_shows_its_name() {
        let rt = Owned::launch(Config::new().worker_threads(1)).unwrap();
        let tokio = rt.handle().as_tokio().clone();
        let spawn = || tokio.spawn(async {});
        assert_eq!(format!("{:?}", Task::new(spawn())), "Task { .. }");
        assert_eq!(format!("{:?}", LocalTask::new(spawn())), "LocalTask { .. }");
        assert_eq!(
            format!("{:?}", BlockingTask::new(spawn())),
            "BlockingTask { .. }"
        );
    }
}
