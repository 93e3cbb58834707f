use std::fmt;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};
use async_task::FallibleTask;

use crate::{Contained, Joinable, Task};

/// A closure on a blocking pool built on async-task.
///
/// # Contract
///
/// One that was submitted runs exactly once: aborting it has no effect (`blocking::abort_has_no_effect`), and detaching it
/// leaves it in the queue (`blocking::runs_exactly_once`).
///
/// # Cost
///
/// As [`Task`](crate::Task).
///
/// # Examples
///
/// ```
/// use anyrt_shared::{BlockingTask, ContainDrop};
/// use anyrt_core::JoinHandle;
/// use async_executor::Executor;
///
/// let pool = Executor::new(); // stands for one that runs on threads of its own
/// let task = pool.spawn(ContainDrop::new(async { 42 })).fallible();
/// let mut handle = JoinHandle::new(BlockingTask::new(task));
/// handle.abort();
/// assert_eq!(async_io::block_on(pool.run(handle))?, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
pub struct BlockingTask<J: Joinable>(Task<J>);

impl<J: Joinable> BlockingTask<J> {
    /// Wraps a pool's own task.
    #[inline]
    pub fn new(task: J) -> Self {
        Self(Task::new(task))
    }
}

impl<J> RawTask for BlockingTask<J>
where
    J: Joinable<Output: Send, Cancel: Send> + Send + 'static,
    J::Output: 'static,
{
    type Output = J::Output;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<J::Output, JoinError>> {
        self.0.poll_join(cx)
    }

    fn abort(&mut self) {}

    #[inline]
    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    #[inline]
    fn detach(&mut self) {
        self.0.detach();
    }

    fn abort_handle(&mut self) -> AbortHandle {
        // That of the task would take a closure out of the queue.
        AbortHandle::new(
            self.0.abort_handle(),
            |_: &AbortHandle| {},
            AbortHandle::is_finished,
        )
    }
}

impl<J: Joinable> fmt::Debug for BlockingTask<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingTask").finish_non_exhaustive()
    }
}

/// Runs `work` on the blocking pool of the process, which smol and async-std share.
///
/// A panic of the output's destructor is contained where nobody takes the output.
///
/// # Cost
///
/// One allocation, as in the `unblock` of the crate blocking.
///
/// # Examples
///
/// ```
/// use anyrt_core::JoinHandle;
/// use anyrt_shared::unblock;
///
/// assert_eq!(async_io::block_on(JoinHandle::new(unblock(|| 42)))?, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
#[inline]
pub fn unblock<F, T>(work: F) -> BlockingTask<FallibleTask<Contained<T>>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let task = blocking::unblock(|| Contained::new(work()));
    BlockingTask::new(task.fallible())
}
