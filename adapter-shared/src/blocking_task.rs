use std::fmt;
use std::ops::Deref;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};
use async_task::FallibleTask;

use crate::{Closures, Contained, Joinable, Running, Task};

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

impl<J> BlockingTask<J>
where
    J: Joinable<Output: Send + 'static, Cancel: Send> + Send + 'static,
{
    /// Wraps a pool's own task.
    #[inline]
    pub fn new(task: J) -> Self {
        Self(Task::new(task))
    }
}

impl<J> RawTask for BlockingTask<J>
where
    J: Joinable<Output: Send, Cancel: Send> + Send,
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

/// Runs `work` on the blocking pool of the process, which smol and async-std share, and counts it until it ends.
///
/// A panic of the output's destructor is contained where nobody takes the output.
///
/// # Cost
///
/// One allocation, as in the `unblock` of the crate blocking, and what [`Closures`](crate::Closures) costs.
///
/// # Runtimes
///
/// If the system refuses a thread while the pool has none, this does not return until one is granted, and keeps a processor
/// busy. If the pool has threads, their number becomes its limit for as long as the process, and `work` waits for one of them.
///
/// # Examples
///
/// ```
/// use anyrt_core::JoinHandle;
/// use anyrt_shared::{Closures, Process, unblock};
///
/// let closure = unblock(Closures::enter(Process), || 42);
/// assert_eq!(async_io::block_on(JoinHandle::new(closure))?, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
#[inline]
pub fn unblock<C, F, T>(running: Running<C>, work: F) -> BlockingTask<FallibleTask<Contained<T>>>
where
    C: Deref<Target = Closures> + Send + 'static,
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let task = blocking::unblock(move || {
        let _running = running;
        Contained::new(work())
    });
    BlockingTask::new(task.fallible())
}
