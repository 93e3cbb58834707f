use std::fmt;
use std::future::Future;
use std::mem::needs_drop;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::JoinError;
use async_task::FallibleTask;

use crate::guarded::{Seal, Shell};
use crate::{Guard, Guarded, Joinable, settle};

/// A runtime's own way to spawn, for [`contain`] and [`guard`].
pub trait Start {
    /// The runtime's own task handle.
    type Task<T>;

    /// Spawns `future` as it is.
    fn start<F>(self, future: F) -> Self::Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;
}

/// A task handle whose output is guarded, or needs no guard because it has no destructor.
#[derive(Debug)]
pub enum Contained<P, G> {
    /// The task of an output without a destructor.
    Plain(P),
    /// The task of a [`Guard`].
    Guarded(G),
}

/// async-task's own handle of a task that [`contain`] spawned.
pub type Fallible<T> = Contained<FallibleTask<T>, FallibleTask<Guard<T>>>;

/// Spawns `future` so that a panicking destructor of it, or of its output, does no harm, and wraps no more than has one.
///
/// # Cost
///
/// Nothing where neither the future nor its output needs drop; else as [`Guarded`].
///
/// # Examples
///
/// ```
/// use std::future::Future;
/// use anyrt_async_task::{Start, Task, contain};
/// use anyrt_core::JoinHandle;
/// use async_executor::Executor;
/// use async_task::FallibleTask;
///
/// struct Native<'a>(&'a Executor<'static>);
///
/// impl Start for Native<'_> {
///     type Task<T> = FallibleTask<T>;
///
///     fn start<F>(self, future: F) -> FallibleTask<F::Output>
///     where
///         F: Future + Send + 'static,
///         F::Output: Send + 'static,
///     {
///         self.0.spawn(future).fallible()
///     }
/// }
///
/// let executor = Executor::new();
/// let handle = JoinHandle::new(Task::new(contain(async { 42 }, Native(&executor))));
/// assert_eq!(async_io::block_on(executor.run(handle))?, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
#[inline]
pub fn contain<F, S>(
    future: F,
    start: S,
) -> Contained<S::Task<F::Output>, S::Task<Guard<F::Output>>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    S: Start,
{
    if const { needs_drop::<F::Output>() } {
        Contained::Guarded(guard(future, start))
    } else if const { needs_drop::<F>() } {
        Contained::Plain(start.start(Shell::new(future)))
    } else {
        Contained::Plain(start.start(future))
    }
}

/// As [`contain`], for a runtime whose handle is too large to be one of two: the output is guarded always.
///
/// # Cost
///
/// As [`Guarded`], but no byte for a future that needs no drop.
///
/// # Examples
///
/// ```
/// use std::future::Future;
/// use anyrt_async_task::{Start, guard};
/// use async_executor::{Executor, Task};
///
/// struct Native<'a>(&'a Executor<'static>);
///
/// impl Start for Native<'_> {
///     type Task<T> = Task<T>;
///
///     fn start<F>(self, future: F) -> Task<F::Output>
///     where
///         F: Future + Send + 'static,
///         F::Output: Send + 'static,
///     {
///         self.0.spawn(future)
///     }
/// }
///
/// let executor = Executor::new();
/// let task = guard(async { 42 }, Native(&executor));
/// assert_eq!(async_io::block_on(executor.run(task)).into_inner(), 42);
/// ```
#[inline]
pub fn guard<F, S>(future: F, start: S) -> S::Task<Guard<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    S: Start,
{
    if const { needs_drop::<F>() } {
        start.start(Guarded::new(future))
    } else {
        start.start(Seal::new(future))
    }
}

impl<T: Send + 'static> Joinable for Fallible<T> {
    type Output = T;
    type Cancel = Cancel<T>;

    #[inline(always)]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        match self {
            Self::Plain(task) => settle(|| Pin::new(task).poll(cx)),
            Self::Guarded(task) => task.poll_join(cx),
        }
    }

    #[inline]
    fn is_finished(&self) -> bool {
        match self {
            Self::Plain(task) => task.is_finished(),
            Self::Guarded(task) => task.is_finished(),
        }
    }

    fn cancel(self) -> Cancel<T> {
        Cancel(match self {
            Self::Plain(task) => Contained::Plain(Box::pin(task.cancel())),
            Self::Guarded(task) => Contained::Guarded(Joinable::cancel(task)),
        })
    }

    #[inline]
    fn detach(self) {
        match self {
            Self::Plain(task) => task.detach(),
            Self::Guarded(task) => task.detach(),
        }
    }

    #[inline]
    fn abandon(self) {
        // To drop async-task's handle is to cancel, with no allocation.
        drop(self);
    }
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = Option<T>> + Send>>;

/// Waits for the end of a [`Fallible`] task that was cancelled.
pub struct Cancel<T>(Contained<BoxFuture<T>, BoxFuture<Guard<T>>>);

impl<T> Future for Cancel<T> {
    type Output = Option<Guard<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Contained::Plain(task) => task.as_mut().poll(cx).map(|end| end.map(Guard::new)),
            Contained::Guarded(task) => task.as_mut().poll(cx),
        }
    }
}

impl<T> fmt::Debug for Cancel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").finish_non_exhaustive()
    }
}
