use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask};

/// A task of one kind or of another, so that one set holds both.
pub(crate) enum EitherTask<A: RawTask, B: RawTask> {
    Task(JoinHandle<A>),
    Blocking(JoinHandle<B>),
}

impl<A, B> EitherTask<A, B>
where
    A: RawTask,
    B: RawTask<Output = A::Output>,
{
    #[inline]
    pub(crate) fn task(handle: JoinHandle<A>) -> JoinHandle<Self> {
        JoinHandle::new(Self::Task(handle))
    }

    #[inline]
    pub(crate) fn blocking(handle: JoinHandle<B>) -> JoinHandle<Self> {
        JoinHandle::new(Self::Blocking(handle))
    }
}

impl<A, B> RawTask for EitherTask<A, B>
where
    A: RawTask,
    B: RawTask<Output = A::Output>,
{
    type Output = A::Output;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>> {
        match self {
            Self::Task(handle) => Pin::new(handle).poll(cx),
            Self::Blocking(handle) => Pin::new(handle).poll(cx),
        }
    }

    #[inline]
    fn abort(&mut self) {
        match self {
            Self::Task(handle) => handle.abort(),
            Self::Blocking(handle) => handle.abort(),
        }
    }

    #[inline]
    fn is_finished(&self) -> bool {
        match self {
            Self::Task(handle) => handle.is_finished(),
            Self::Blocking(handle) => handle.is_finished(),
        }
    }

    #[inline]
    fn detach(&mut self) {
        // The drop of the handle inside, which comes next, detaches.
    }

    #[inline]
    fn abort_handle(&mut self) -> AbortHandle {
        match self {
            Self::Task(handle) => handle.abort_handle(),
            Self::Blocking(handle) => handle.abort_handle(),
        }
    }

    #[inline]
    fn abort_and_detach(&mut self) {
        match self {
            Self::Task(handle) => handle.abort_and_detach(),
            Self::Blocking(handle) => handle.abort_and_detach(),
        }
    }
}
