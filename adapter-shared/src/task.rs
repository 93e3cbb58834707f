use std::fmt;
use std::mem::replace;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::Joinable;
use crate::shared::Shared;
use crate::slot::Slot;

/// A task on a runtime built on async-task.
///
/// # Cost
///
/// The larger of two words and `J` with a word; `abort` allocates twice, the first `abort_handle` three times and later ones once.
///
/// # Examples
///
/// ```
/// use anyrt_shared::{ContainDrop, Task};
/// use anyrt_core::JoinHandle;
/// use async_executor::Executor;
///
/// let executor = Executor::new();
/// let task = executor.spawn(ContainDrop::new(std::future::pending::<()>())).fallible();
/// let mut handle = JoinHandle::new(Task::new(task));
/// handle.abort();
/// let end = async_io::block_on(executor.run(handle));
/// assert!(end.unwrap_err().is_cancelled());
/// ```
pub struct Task<J: Joinable>(Inner<J>);

enum Inner<J: Joinable> {
    Own(Slot<J>),
    /// An abort handle was asked for.
    Shared(Arc<Shared<J>>),
}

impl<J: Joinable> Task<J> {
    /// Wraps a runtime's own task.
    #[inline]
    pub fn new(task: J) -> Self {
        Self(Inner::Own(Slot::Running(task)))
    }

    /// Makes a task that is cancelled already, for a spawn on a runtime that is gone.
    #[inline]
    pub fn dead() -> Self {
        Self(Inner::Own(Slot::Dead))
    }
}

impl<J> Inner<J>
where
    J: Joinable<Output: Send, Cancel: Send> + Send + 'static,
    J::Output: 'static,
{
    #[cold]
    #[inline(never)]
    fn detach(self) {
        match self {
            Self::Own(mut slot) => slot.detach(),
            Self::Shared(shared) => shared.detach(),
        }
    }
}

impl<J> RawTask for Task<J>
where
    J: Joinable<Output: Send, Cancel: Send> + Send + 'static,
    J::Output: 'static,
{
    type Output = J::Output;

    #[inline(always)]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<J::Output, JoinError>> {
        match &mut self.0 {
            Inner::Own(slot) => slot.poll_join(cx),
            Inner::Shared(shared) => shared.poll_join(cx),
        }
    }

    fn abort(&mut self) {
        match &mut self.0 {
            Inner::Own(slot) => slot.abort(),
            Inner::Shared(shared) => shared.abort(),
        }
    }

    #[inline]
    fn is_finished(&self) -> bool {
        match &self.0 {
            Inner::Own(slot) => slot.is_finished(),
            Inner::Shared(shared) => shared.is_finished(),
        }
    }

    #[inline]
    fn detach(&mut self) {
        // The two ends that nearly every handle meets come first: it was joined, or is let go of while the task runs.
        if matches!(self.0, Inner::Own(Slot::Joined)) {
            return;
        }
        match replace(&mut self.0, Inner::Own(Slot::Joined)) {
            Inner::Own(Slot::Running(task)) => task.detach(),
            other => other.detach(),
        }
    }

    fn abort_handle(&mut self) -> AbortHandle {
        let shared = match replace(&mut self.0, Inner::Own(Slot::Joined)) {
            Inner::Own(slot) => Shared::new(slot),
            Inner::Shared(shared) => shared,
        };
        self.0 = Inner::Shared(shared.clone());
        AbortHandle::new(
            shared,
            |shared| shared.abort(),
            |shared| shared.is_finished(),
        )
    }

    fn abort_and_detach(&mut self) {
        match &mut self.0 {
            Inner::Own(slot) => slot.abandon(),
            Inner::Shared(_) => {
                self.abort();
                self.detach();
            }
        }
    }
}

impl<J: Joinable> fmt::Debug for Task<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
