use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use anyrt_core::JoinError;
use anyrt_shared::{Contained, Joinable, Watched, settle};

/// A task of async-std's, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cost
///
/// async-std's handle cannot be asked whether its task is finished, so what asking found is kept beside it, with the last
/// waker: 80 bytes for an output of up to 24 bytes, and more for a larger one. A pending join clones the waker once more.
/// `abort` allocates twice, the first `abort_handle` three times.
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinHandle, prelude::*};
/// use anyrt_async_std::{AsyncStd, Task};
///
/// let rt = AsyncStd::global();
/// let task: JoinHandle<Task<u32>> = rt.spawn(async { 42 });
/// assert_eq!(rt.block_on(task)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type Task<T> = anyrt_shared::Task<Native<T>>;

/// async-std's own handle, watched.
pub struct Native<T>(Watched<Handle<T>, T>);

impl<T: Send> Native<T> {
    #[inline]
    pub(crate) fn new(handle: async_std::task::JoinHandle<Contained<T>>) -> Self {
        Self(Watched::new(Handle(handle)))
    }
}

impl<T: Send> Joinable for Native<T> {
    type Output = T;
    type Cancel = Pin<Box<dyn Future<Output = Option<Contained<T>>> + Send>>;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.0.poll_join(cx)
    }

    #[inline]
    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    fn cancel(self) -> Self::Cancel
    where
        T: 'static,
    {
        Box::pin(self.0.into_inner().0.cancel())
    }

    #[inline]
    fn detach(self) {
        // To drop async-std's handle is to detach.
        drop(self);
    }

    fn abandon(self) {
        let cancel = pin!(self.0.into_inner().0.cancel());
        let mut cx = Context::from_waker(Waker::noop());
        // A task that was faster has an end, which is dropped here.
        drop(settle(|| cancel.poll(&mut cx)).map_ok(Contained::new));
    }
}

impl<T> fmt::Debug for Native<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Native").finish_non_exhaustive()
    }
}

struct Handle<T>(async_std::task::JoinHandle<Contained<T>>);

impl<T> Future for Handle<T> {
    type Output = Option<Contained<T>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_shows_its_name() {
        let task = Native::new(async_std::task::spawn(async { Contained::new(1) }));
        assert_eq!(format!("{task:?}"), "Native { .. }");
    }
}
