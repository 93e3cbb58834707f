use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::TaskId;
use crate::join::{Join, Slot};
use crate::shared::Shared;
use crate::task::NEVER;

/// A task of a simulation whose future need not be `Send`.
///
/// # Cost
///
/// Three words. Spawning allocates four times: the future, the place of its output, its waker, and its entry in reports.
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinHandle, SpawnLocal};
/// use anyrt_sim::{LocalTask, Sim};
///
/// struct Background { task: JoinHandle<LocalTask<u32>> }
///
/// fn start(sim: &Sim) -> Background {
///     Background { task: sim.spawn_local(async { 42 }) }
/// }
/// ```
pub struct LocalTask<T> {
    join: Rc<RefCell<Slot<T>>>,
    shared: Arc<Shared>,
    /// Of a task that was never spawned: beyond all others.
    id: TaskId,
}

impl<T> LocalTask<T> {
    pub(crate) fn new(join: Rc<RefCell<Slot<T>>>, shared: Arc<Shared>, id: Option<TaskId>) -> Self {
        Self {
            join,
            shared,
            id: id.unwrap_or(NEVER),
        }
    }
}

impl<T> RawTask for LocalTask<T> {
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

impl<T> fmt::Debug for LocalTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTask").finish_non_exhaustive()
    }
}
