//~ the parameter type `T` may not live long enough

// The task of a runtime is for outputs with any lifetime: otherwise generic code that awaits it could not be spawned.

use std::any::Any;
use std::future::Future;
use std::task::{Context, Poll};

use anyrt::{AbortHandle, JoinError, JoinHandle, RawTask, Spawn};

pub struct Task<T>(Option<Box<dyn Any + Send + Sync>>, std::marker::PhantomData<fn() -> T>);

impl<T: 'static> RawTask for Task<T> {
    type Output = T;
    fn poll_join(&mut self, _: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        let output = self.0.take().expect("not joined").downcast::<T>();
        Poll::Ready(output.map(|output| *output).map_err(|_| JoinError::cancelled()))
    }
    fn abort(&mut self) {}
    fn is_finished(&self) -> bool {
        true
    }
    fn detach(&mut self) {}
    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| true)
    }
}

pub struct Mine;

impl Spawn for Mine {
    type Task<T: Send> = Task<T>;
    fn spawn<F>(&self, _: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        JoinHandle::new(Task(None, std::marker::PhantomData))
    }
}
