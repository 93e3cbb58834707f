use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use anyrt_core::{AbortHandle, JoinError, RawTask};

use crate::TaskId;
use crate::schedule::shared::Shared;
use crate::schedule::wait::Wait;
use crate::task::join::{Join, Slot};

/// The number of a task that was spawned when its simulation was over: beyond all others.
const NEVER: TaskId = TaskId::new(u64::MAX);

/// The handles of `Send` and of local tasks differ in the pointer to the place of the output, and in nothing else.
macro_rules! spawned {
    ($(#[$doc:meta])* $name:ident, $join:ty $(, $send:ident)?) => {
        $(#[$doc])*
        pub struct $name<T> {
            join: $join,
            shared: Arc<Shared>,
            id: TaskId,
        }

        impl<T $(: $send)?> $name<T> {
            /// The handle of a task; without a number, of one that was dropped because its simulation was over.
            pub(crate) fn new(join: $join, shared: Arc<Shared>, id: Option<TaskId>) -> Self {
                Self {
                    join,
                    shared,
                    id: id.unwrap_or(NEVER),
                }
            }
        }

        impl<T $(: $send)?> RawTask for $name<T> {
            type Output = T;

            fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
                let poll = self.join.poll(cx);
                if poll.is_pending() {
                    self.shared.note_wait(Wait::Join(self.id));
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
                let id = self.id;
                AbortHandle::new(
                    (Arc::clone(&self.shared), self.join.ended()),
                    move |(shared, _)| shared.abort(id),
                    |(_, ended)| ended.load(Ordering::Acquire),
                )
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

impl<T: Send> Task<T> {
    /// Knows the end of a closure, which cannot be aborted.
    pub(crate) fn end_handle(&self) -> AbortHandle {
        AbortHandle::new(
            self.join.ended(),
            |_| {},
            |ended| ended.load(Ordering::Acquire),
        )
    }
}

spawned! {
    /// A task of a simulation.
    ///
    /// # Cost
    ///
    /// Three words. Spawning allocates four times: the future, the place of its output, its waker, and its entry in reports.
    /// The first abort handle allocates twice, a further one once.
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
    Task, Arc<Mutex<Slot<T>>>, Send
}

spawned! {
    /// A task of a simulation whose future need not be `Send`.
    ///
    /// # Cost
    ///
    /// As [`Task`].
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
    LocalTask, Rc<RefCell<Slot<T>>>
}
