use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::Joinable;
use crate::shared::Shared;

/// A task on a runtime built on async-task.
///
/// # Cost
///
/// `J` and a word, and at least two words; `abort` allocates twice, the first `abort_handle` three times and later ones once. To
/// join a task that was dead before it began allocates once.
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

/// As large as the runtime's own handle and a word: the function's pointer is never null, and tells the two apart.
enum Inner<J: Joinable> {
    Own {
        /// `None` once it was joined, and where it was dead before it began.
        task: Option<J>,
        /// Makes what the two forms below need of a task. It is made at the spawn, where the output is known to be `'static`.
        share: fn(Option<J>) -> Arc<Shared<J>>,
    },
    /// It was aborted, or an abort handle was asked for.
    Shared(Arc<Shared<J>>),
}

impl<J> Task<J>
where
    J: Joinable<Output: Send + 'static, Cancel: Send> + Send + 'static,
{
    /// Wraps a runtime's own task.
    #[inline]
    pub fn new(task: J) -> Self {
        Self(Inner::Own {
            task: Some(task),
            share: Shared::running,
        })
    }

    /// Makes a task that is cancelled already, for a spawn on a runtime that is gone.
    #[inline]
    pub fn dead() -> Self {
        Self(Inner::Own {
            task: None,
            share: Shared::dead,
        })
    }
}

impl<J: Joinable> Task<J> {
    /// Moves the task to where abort handles can have a part in it.
    #[cold]
    #[inline(never)]
    fn share(&mut self) -> &mut Arc<Shared<J>> {
        if let Inner::Own { task, share } = &mut self.0 {
            self.0 = Inner::Shared(share(task.take()));
        }
        match &mut self.0 {
            Inner::Shared(shared) => shared,
            Inner::Own { .. } => unreachable!("it was shared just now"),
        }
    }
}

impl<J> RawTask for Task<J>
where
    J: Joinable<Output: Send, Cancel: Send> + Send,
{
    type Output = J::Output;

    #[inline(always)]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<J::Output, JoinError>> {
        if let Inner::Own { task: own, .. } = &mut self.0 {
            if let Some(task) = own {
                let end = task.poll_join(cx);
                if end.is_ready() {
                    *own = None;
                }
                return end;
            }
        }
        self.share().poll_join(cx)
    }

    fn abort(&mut self) {
        match &self.0 {
            Inner::Own { task: None, .. } => {}
            Inner::Own {
                task: Some(task), ..
            } if task.is_finished() => {}
            _ => self.share().abort_own(),
        }
    }

    #[inline]
    fn is_finished(&self) -> bool {
        match &self.0 {
            Inner::Own { task, .. } => task.as_ref().is_none_or(J::is_finished),
            Inner::Shared(shared) => shared.is_finished(),
        }
    }

    #[inline(always)]
    fn detach(&mut self) {
        match &mut self.0 {
            Inner::Own { task, .. } => {
                if let Some(task) = task.take() {
                    task.detach();
                }
            }
            Inner::Shared(shared) => shared.detach(),
        }
    }

    fn abort_handle(&mut self) -> AbortHandle {
        self.share().abort_handle()
    }

    fn abort_and_detach(&mut self) {
        match &mut self.0 {
            Inner::Own { task, .. } => {
                if let Some(task) = task.take() {
                    task.abandon();
                }
            }
            Inner::Shared(shared) => {
                shared.abort_own();
                shared.detach();
            }
        }
    }
}

impl<J: Joinable> fmt::Debug for Task<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
