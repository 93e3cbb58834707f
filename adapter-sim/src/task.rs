use std::fmt;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::TaskId;
use crate::join::{Join, Slot};
use crate::shared::Shared;

/// A task of a simulation.
///
/// # Cost
///
/// Three words. Spawning allocates four times: the future, the place of its output, its waker, and its entry in reports.
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinHandle, Spawn};
/// use anyrt_sim::{Sim, Task};
///
/// struct Background { task: JoinHandle<Task<u32>> }
///
/// fn start(sim: &Sim) -> Background {
///     Background { task: sim.spawn(async { 42 }) }
/// }
/// ```
pub struct Task<T> {
    join: Arc<Mutex<Slot<T>>>,
    shared: Arc<Shared>,
    /// Of a task that was never spawned: beyond all others.
    id: TaskId,
}

/// The number of a task that was spawned when its simulation was over.
pub(crate) const NEVER: TaskId = TaskId::new(u64::MAX);

impl<T: Send> Task<T> {
    pub(crate) fn new(join: Arc<Mutex<Slot<T>>>, shared: Arc<Shared>, id: Option<TaskId>) -> Self {
        Self {
            join,
            shared,
            id: id.unwrap_or(NEVER),
        }
    }
}

impl<T: Send> Task<T> {
    /// Knows the end of a closure, which cannot be aborted.
    pub(crate) fn end_handle(&self) -> AbortHandle {
        let id = self.id;
        AbortHandle::new(
            Arc::clone(&self.shared),
            |_| {},
            move |shared| shared.is_over(id),
        )
    }
}

impl<T: Send> RawTask for Task<T> {
    type Output = T;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        let poll = self.join.poll(cx);
        if poll.is_pending() {
            self.shared.note_joining(self.id);
        }
        poll
    }

    fn abort(&mut self) {
        self.shared.abort(self.id);
    }

    fn is_finished(&self) -> bool {
        self.join.is_finished()
    }

    fn detach(&mut self) {
        self.join.detach();
    }

    fn abort_handle(&mut self) -> AbortHandle {
        let (shared, id) = (Arc::clone(&self.shared), self.id);
        AbortHandle::new(
            shared,
            move |shared| shared.abort(id),
            move |shared| shared.is_over(id),
        )
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
