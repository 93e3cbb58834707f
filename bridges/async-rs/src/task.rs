use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_core::{JoinError, JoinHandle, Runtime, Spawn, SpawnBlocking};
use async_rs::util::TaskImpl;
use async_trait::async_trait;

/// A task or a blocking closure, as async-rs joins them: a panic goes on in the one that waits.
///
/// Dropping it lets the task go on. [`cancel`](TaskImpl::cancel) returns `None` for a task that was dropped before its end, and for
/// one that was cancelled already.
///
/// # Panics
///
/// When it is polled: with the task's panic, and when the task was cancelled or its runtime shut down.
///
/// # Examples
///
/// ```
/// use anyrt_async_rs::Kit;
/// use anyrt_core::{Config, prelude::*};
/// use async_rs::traits::Executor;
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// let kit = Kit::new(owner.handle());
/// let mut task = kit.spawn(std::future::pending::<()>());
/// assert_eq!(owner.block_on(task.cancel()), None);
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
pub struct KitTask<R: Runtime, T: Send + 'static>(Option<Native<R, T>>);

enum Native<R: Runtime, T: Send + 'static> {
    Future(JoinHandle<<R as Spawn>::Task<T>>),
    Closure(JoinHandle<<R as SpawnBlocking>::BlockingTask<T>>),
}

impl<R: Runtime, T: Send + 'static> KitTask<R, T> {
    pub(crate) fn new(task: JoinHandle<<R as Spawn>::Task<T>>) -> Self {
        Self(Some(Native::Future(task)))
    }

    pub(crate) fn blocking(task: JoinHandle<<R as SpawnBlocking>::BlockingTask<T>>) -> Self {
        Self(Some(Native::Closure(task)))
    }

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        match &mut self.0 {
            Some(Native::Future(task)) => Pin::new(task).poll(cx),
            Some(Native::Closure(task)) => Pin::new(task).poll(cx),
            None => panic!("a task was polled after it was cancelled"),
        }
    }
}

impl<R: Runtime, T: Send + 'static> Future for KitTask<R, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match ready!(self.poll_join(cx)) {
            Ok(output) => Poll::Ready(output),
            Err(error) => error.resume_unwind(),
        }
    }
}

#[async_trait]
impl<R: Runtime, T: Send + 'static> TaskImpl for KitTask<R, T> {
    async fn cancel(&mut self) -> Option<T> {
        let result = match self.0.take()? {
            Native::Future(task) => task.cancel().await,
            Native::Closure(task) => task.cancel().await,
        };
        match result {
            Ok(output) => Some(output),
            Err(error) if error.is_panic() => error.resume_unwind(),
            Err(_) => None,
        }
    }

    fn detach(&mut self) {
        match self.0.take() {
            Some(Native::Future(task)) => task.detach(),
            Some(Native::Closure(task)) => task.detach(),
            None => {}
        }
    }
}

impl<R: Runtime, T: Send + 'static> fmt::Debug for KitTask<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KitTask").finish_non_exhaustive()
    }
}
