use std::fmt;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::Task;

/// A local task of tokio's, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cost
///
/// 8 bytes: tokio's own handle. Only the error of a join is mapped.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::{Config, JoinHandle, prelude::*};
/// use anyrt_tokio::{Local, LocalTask};
///
/// let rt = Local::launch(Config::new())?;
/// let task: JoinHandle<LocalTask<Rc<u32>>> = rt.handle().spawn_local(async { Rc::new(42) });
/// assert_eq!(*rt.block_on(task)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LocalTask<T>(Task<T>);

impl<T> LocalTask<T> {
    #[inline]
    pub(crate) fn new(inner: tokio::task::JoinHandle<T>) -> Self {
        Self(Task::new(inner))
    }
}

impl<T> RawTask for LocalTask<T> {
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
        self.0.abort();
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
        self.0.abort_handle()
    }
}

impl<T> fmt::Debug for LocalTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTask").finish_non_exhaustive()
    }
}
