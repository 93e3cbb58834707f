//! The traits of anyrt-core, for the handle.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyrt_core::{
    BlockOn, Current, Instant, JoinHandle, NoRuntime, Spawn, SpawnBlocking, SpawnLocal, SpawnMeta,
    Timer,
};

use crate::schedule::entry::Kind;
use crate::settings::nanos;
use crate::task::job::Job;
use crate::task::join::{Join, Slot};
use crate::{BlockingTask, LocalTask, Sim, Sleep, Task};

impl Current for Sim {
    /// Returns the handle of the simulation that the caller runs in, the innermost if there are several. Tasks that it spawns
    /// inherit the name and the group of the task that asks.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] outside any simulation.
    fn try_current() -> Result<Self, NoRuntime> {
        Self::find("Sim::try_current")
    }
}

impl Spawn for Sim {
    type Task<T: Send> = Task<T>;

    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_with(SpawnMeta::unnamed(), future)
    }

    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        JoinHandle::new(self.spawn_kind(Kind::Task, meta, future))
    }
}

impl SpawnLocal for Sim {
    type LocalTask<T> = LocalTask<T>;

    /// Spawns `future` on the thread that built the simulation, which must be the caller's.
    ///
    /// # Panics
    ///
    /// On another thread (`local::fails_loudly_outside_a_scope`), unless the simulation is over.
    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local_with(SpawnMeta::unnamed(), future)
    }

    #[track_caller]
    fn spawn_local_with<F>(
        &self,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let join: std::rc::Rc<_> = Join::new(Slot::new());
        let job = Job::new(future, std::rc::Rc::clone(&join));
        let id = (self.shared).spawn_local(self.label_of(meta), meta.location(), job);
        JoinHandle::new(LocalTask::new(join, Arc::clone(&self.shared), id))
    }
}

impl SpawnBlocking for Sim {
    type BlockingTask<T: Send> = BlockingTask<T>;

    /// Runs `work` as one step, at a time that the policy decides.
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.spawn_blocking_with(SpawnMeta::unnamed(), work)
    }

    fn spawn_blocking_with<F, T>(&self, meta: SpawnMeta<'_>, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let future = async move { work() };
        let task = self.spawn_kind(Kind::Blocking, meta, future);
        JoinHandle::new(BlockingTask::new(task))
    }
}

impl Timer for Sim {
    type Sleep = Sleep;

    fn sleep(&self, duration: Duration) -> Sleep {
        let state = self.shared.lock();
        let host = self.shared.place(&state, self.label.host);
        let local = state.wire.local_time(host, state.now);
        let deadline = state
            .wire
            .global_time(host, local.saturating_add(nanos(duration)));
        drop(state);
        Sleep::new(Arc::clone(&self.shared), host, deadline)
    }

    fn sleep_until(&self, deadline: Instant) -> Sleep {
        let state = self.shared.lock();
        let host = self.shared.place(&state, self.label.host);
        let deadline = state.wire.global_time(host, self.shared.time(deadline));
        drop(state);
        Sleep::new(Arc::clone(&self.shared), host, deadline)
    }

    /// Reads the virtual clock, or that of the host that the handle or the running task belongs to.
    fn now(&self) -> Instant {
        let mut state = self.shared.lock();
        let host = self.shared.place(&state, self.label.host);
        let time = state.read(&self.shared.settings, host);
        self.shared.instant(time)
    }

    /// What the wall clock shows: the [start](crate::Builder::start) of the simulation, or what it was [set](Self::set_system_time) to,
    /// and the virtual time since.
    fn system_time(&self) -> SystemTime {
        let state = self.shared.lock();
        let host = self.shared.place(&state, self.label.host);
        state.system_time(host)
    }
}

impl BlockOn for Sim {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self.try_block_on(future) {
            Ok(output) => output,
            Err(failure) => panic!("anyrt-sim: {failure}"),
        }
    }
}
