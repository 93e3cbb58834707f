use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask};

/// An output in a box, out of which the value can be taken.
pub trait Unbox {
    /// Takes the value out.
    ///
    /// # Panics
    ///
    /// When it is not a `T`: the runtime has mixed up two tasks.
    fn unbox<T: 'static>(self) -> T;
}

impl Unbox for Box<dyn Any> {
    fn unbox<T: 'static>(self) -> T {
        *self.downcast().expect("the output of another task")
    }
}

impl Unbox for Box<dyn Any + Send> {
    fn unbox<T: 'static>(self) -> T {
        *self.downcast().expect("the output of another task")
    }
}

/// A task without its type that knows the type of its output again.
pub struct TypedTask<B: RawTask, T> {
    task: B,
    /// Made where the output is known to be `'static`.
    unbox: fn(B::Output) -> T,
}

impl<B: RawTask<Output: Unbox>, T: 'static> TypedTask<B, T> {
    pub(super) fn new(task: B) -> Self {
        Self {
            task,
            unbox: Unbox::unbox,
        }
    }
}

impl<B: RawTask<Output: Unbox>, T> RawTask for TypedTask<B, T> {
    type Output = T;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.task.poll_join(cx).map_ok(self.unbox)
    }

    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.task.try_join(cx).map_ok(self.unbox)
    }

    fn abort(&mut self) {
        self.task.abort();
    }

    fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    fn detach(&mut self) {
        self.task.detach();
    }

    fn abort_handle(&mut self) -> AbortHandle {
        self.task.abort_handle()
    }

    fn abort_and_detach(&mut self) {
        self.task.abort_and_detach();
    }
}

impl<B: RawTask, T> fmt::Debug for TypedTask<B, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedTask").finish_non_exhaustive()
    }
}

/// A whole `JoinHandle` as a task, so that its own drop and its own methods are what the rules exercise.
#[derive(Debug)]
pub struct Held<H: RawTask>(Option<JoinHandle<H>>);

impl<H: RawTask> Held<H> {
    /// Holds a handle.
    pub fn new(handle: JoinHandle<H>) -> Self {
        Self(Some(handle))
    }

    fn handle(&mut self) -> &mut JoinHandle<H> {
        self.0
            .as_mut()
            .expect("nothing is asked of a detached task")
    }
}

impl<H: RawTask> RawTask for Held<H> {
    type Output = H::Output;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<H::Output, JoinError>> {
        Pin::new(self.handle()).poll(cx)
    }

    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<H::Output, JoinError>> {
        self.handle().try_join(cx)
    }

    fn abort(&mut self) {
        self.handle().abort();
    }

    fn is_finished(&self) -> bool {
        self.0.as_ref().is_none_or(JoinHandle::is_finished)
    }

    fn detach(&mut self) {
        self.0 = None;
    }

    fn abort_handle(&mut self) -> AbortHandle {
        self.handle().abort_handle()
    }

    fn abort_and_detach(&mut self) {
        drop(self.0.take().map(JoinHandle::abort_on_drop));
    }
}
