use std::fmt;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::Task;

/// A blocking closure, which a simulation runs as one step on the thread that drives it.
///
/// A closure that was submitted runs exactly once while its simulation lasts, so aborting it has no effect. One that is still
/// in the queue when the simulation ends is dropped unrun, and resolves *cancelled*.
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinHandle, SpawnBlocking};
/// use anyrt_sim::{BlockingTask, Sim};
///
/// struct Checksum { task: JoinHandle<BlockingTask<u32>> }
///
/// fn start(sim: &Sim, bytes: Vec<u8>) -> Checksum {
///     Checksum { task: sim.spawn_blocking(move || bytes.into_iter().map(u32::from).sum()) }
/// }
/// ```
pub struct BlockingTask<T> {
    task: Task<T>,
}

impl<T: Send> BlockingTask<T> {
    pub(crate) fn new(task: Task<T>) -> Self {
        Self { task }
    }
}

impl<T: Send> RawTask for BlockingTask<T> {
    type Output = T;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.task.poll_join(cx)
    }

    fn abort(&mut self) {}

    fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    fn detach(&mut self) {
        self.task.detach();
    }

    fn abort_handle(&mut self) -> AbortHandle {
        self.task.end_handle()
    }
}

impl<T> fmt::Debug for BlockingTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingTask").finish_non_exhaustive()
    }
}
