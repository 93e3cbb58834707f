use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};
use pin_project_lite::pin_project;
use send_wrapper::SendWrapper;

use crate::Task;

pin_project! {
    /// Ties the output of a future to its thread.
    ///
    /// An `async` block would drop the future while a panic of it unwinds, where a panic of its destructor takes its place.
    pub(crate) struct Wrapped<F> {
        #[pin]
        future: F,
    }
}

impl<F> Wrapped<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F: Future> Future for Wrapped<F> {
    type Output = SendWrapper<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().future.poll(cx).map(SendWrapper::new)
    }
}

/// A task whose future and output need not be `Send`, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cost
///
/// As [`Task`]. The future and the output are 8 bytes larger: they carry the thread that they belong to.
///
/// # Examples
///
/// ```no_run
/// use std::rc::Rc;
/// use anyrt_core::{JoinHandle, prelude::*};
/// use anyrt_wasm::{LocalTask, Wasm};
///
/// let task: JoinHandle<LocalTask<Rc<u32>>> = Wasm::global().spawn_local(async { Rc::new(42) });
/// ```
pub struct LocalTask<T>(Task<SendWrapper<T>>);

impl<T> LocalTask<T> {
    pub(crate) fn new(task: Task<SendWrapper<T>>) -> Self {
        Self(task)
    }
}

impl<T> RawTask for LocalTask<T> {
    type Output = T;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.0.poll_join(cx).map_ok(SendWrapper::take)
    }

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

    fn abort_and_detach(&mut self) {
        self.0.abort_and_detach();
    }
}

impl<T> fmt::Debug for LocalTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTask").finish_non_exhaustive()
    }
}
