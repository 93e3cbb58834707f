use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask};

/// A task or a blocking closure, so that one group holds both.
///
/// It is the last parameter of [`TaskGroup`](crate::TaskGroup), [`TaskMap`](crate::TaskMap), [`Scope`](crate::Scope) and their
/// futures, and defaults to what the runtime spawns. Code names it only where it implements a trait for groups of any task.
///
/// # Cost
///
/// The larger of the two handles, and a word on runtimes whose handles leave no value unused.
///
/// # Examples
///
/// A function for a group on any runtime, whose tasks yield anything:
///
/// ```
/// use anyrt_core::{JoinError, RawTask, Spawn, SpawnBlocking};
/// use anyrt_structured::TaskGroup;
///
/// async fn first<R, T, H>(group: &mut TaskGroup<R, T, H>) -> Option<Result<T, JoinError>>
/// where
///     R: Spawn + SpawnBlocking,
///     T: Send + 'static,
///     H: RawTask<Output = T>,
/// {
///     group.join_next().await
/// }
/// ```
pub struct GroupTask<A: RawTask, B: RawTask>(Kind<A, B>);

enum Kind<A: RawTask, B: RawTask> {
    Task(JoinHandle<A>),
    Blocking(JoinHandle<B>),
}

impl<A, B> GroupTask<A, B>
where
    A: RawTask,
    B: RawTask<Output = A::Output>,
{
    #[inline]
    pub(crate) fn task(handle: JoinHandle<A>) -> JoinHandle<Self> {
        JoinHandle::new(Self(Kind::Task(handle)))
    }

    #[inline]
    pub(crate) fn blocking(handle: JoinHandle<B>) -> JoinHandle<Self> {
        JoinHandle::new(Self(Kind::Blocking(handle)))
    }
}

impl<A, B> RawTask for GroupTask<A, B>
where
    A: RawTask,
    B: RawTask<Output = A::Output>,
{
    type Output = A::Output;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>> {
        match &mut self.0 {
            Kind::Task(handle) => Pin::new(handle).poll(cx),
            Kind::Blocking(handle) => Pin::new(handle).poll(cx),
        }
    }

    #[inline]
    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>> {
        match &mut self.0 {
            Kind::Task(handle) => handle.try_join(cx),
            Kind::Blocking(handle) => handle.try_join(cx),
        }
    }

    #[inline]
    fn abort(&mut self) {
        match &mut self.0 {
            Kind::Task(handle) => handle.abort(),
            Kind::Blocking(handle) => handle.abort(),
        }
    }

    #[inline]
    fn is_finished(&self) -> bool {
        match &self.0 {
            Kind::Task(handle) => handle.is_finished(),
            Kind::Blocking(handle) => handle.is_finished(),
        }
    }

    #[inline]
    fn detach(&mut self) {
        // The drop of the handle inside, which comes next, detaches.
    }

    #[inline]
    fn abort_handle(&mut self) -> AbortHandle {
        match &mut self.0 {
            Kind::Task(handle) => handle.abort_handle(),
            Kind::Blocking(handle) => handle.abort_handle(),
        }
    }

    #[inline]
    fn abort_and_detach(&mut self) {
        match &mut self.0 {
            Kind::Task(handle) => handle.abort_and_detach(),
            Kind::Blocking(handle) => handle.abort_and_detach(),
        }
    }
}

impl<A: RawTask, B: RawTask> fmt::Debug for GroupTask<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupTask").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The task of a runtime that has none.
    struct Never;

    impl RawTask for Never {
        type Output = ();

        fn poll_join(&mut self, _: &mut Context<'_>) -> Poll<Result<(), JoinError>> {
            Poll::Pending
        }

        fn abort(&mut self) {}

        fn is_finished(&self) -> bool {
            false
        }

        fn detach(&mut self) {}

        fn abort_handle(&mut self) -> AbortHandle {
            AbortHandle::new((), |()| {}, |()| false)
        }
    }

    #[test]
    fn a_task_shows_its_name() {
        let task = GroupTask::<Never, Never>(Kind::Task(JoinHandle::new(Never)));
        assert_eq!(format!("{task:?}"), "GroupTask { .. }");
    }
}
