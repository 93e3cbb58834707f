use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{AbortOnDrop, Runtime, Spawn};
use zbus::runtime::traits::TaskHandle;

/// A task as zbus holds it: aborted when it is dropped, unless it is detached.
///
/// A panic of the task goes on in the one that waits, and a task that its runtime dropped is an error.
pub struct ZbusTask<R: Runtime, T: Send + 'static>(AbortOnDrop<<R as Spawn>::Task<T>>);

impl<R: Runtime, T: Send + 'static> ZbusTask<R, T> {
    pub(crate) fn new(task: AbortOnDrop<<R as Spawn>::Task<T>>) -> Self {
        Self(task)
    }
}

impl<R: Runtime, T: Send + 'static> Future for ZbusTask<R, T> {
    type Output = io::Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        Pin::new(&mut self.0).poll(cx).map(|result| match result {
            Err(error) if error.is_panic() => error.resume_unwind(),
            result => result.map_err(io::Error::other),
        })
    }
}

impl<R: Runtime, T: Send + 'static> TaskHandle<T> for ZbusTask<R, T> {
    fn detach(self) {
        self.0.into_inner().detach();
    }
}

impl<R: Runtime, T: Send + 'static> fmt::Debug for ZbusTask<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZbusTask").finish_non_exhaustive()
    }
}
