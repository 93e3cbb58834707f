use std::future::Future;
use std::task::{Context, Poll, ready};

use anyrt_core::JoinError;
use anyrt_structured::{LocalTaskGroup, TaskGroup, TaskId};

use super::{Flaw, Structured};
use crate::kit::Gate;
use crate::{Local, Shared};

anyrt_conformance_engine::mutants! { Flaw;
    group_aborts_all: "to abort one task of a group aborts all of them",
        killed by "group::abort_stops_one_task";
    group_aborts_closures: "a group takes an aborted closure for one that never ran",
        killed by "group::closures_run_to_their_end";
    group_counts_the_joined: "the length of a group is how many tasks were ever spawned",
        killed by "group::len_counts_the_unjoined";
    group_detach_aborts: "to detach the tasks of a group aborts them",
        killed by "group::detach_all_lets_them_run";
    group_drop_detaches: "the tasks of a dropped group run on",
        killed by "group::drop_aborts_all";
    group_hides_errors: "a group passes over tasks that panicked or were aborted",
        killed by "group::returns_each_task_once";
    group_is_lazy: "the tasks of a group wait until somebody joins",
        killed by "group::runs_without_a_joiner";
    group_joins_by_end: "the outputs of a whole group come in another order than the spawns",
        killed by "group::join_all_keeps_the_order";
    group_keeps_joiner: "a group leaks the waker of whoever joins",
        killed by "group::pins_no_joiner";
    group_loses_outputs: "a group loses one output in ten",
        killed by "group::returns_each_task_once";
    group_loses_when_not_joined: "a group lets go of its tasks when a wait for the next is given up",
        killed by "group::dropped_join_next_loses_nothing";
    group_shutdown_returns_at_once: "the shutdown of a group does not wait",
        killed by "group::shutdown_waits_for_destructors";
    group_passes_over_new_tasks: "nobody who waits is woken for a task that is spawned meanwhile",
        killed by "group::wait_sees_new_tasks";
    group_tries_within_a_budget: "`try_join_next` sees a hundred tasks and no more",
        killed by "group::try_join_next_sees_all";
}

impl Structured<Shared> {
    /// An empty group.
    pub(crate) fn group<T: Send + 'static>(&self) -> Group<TaskGroup<Shared, T>> {
        Group::new(TaskGroup::new(self.runtime.clone()), self.flaw)
    }
}

impl Structured<Local> {
    /// An empty group of local tasks.
    pub(crate) fn group<T: 'static>(&self) -> Group<LocalTaskGroup<Local, T>> {
        Group::new(LocalTaskGroup::new(self.runtime.clone()), self.flaw)
    }
}

/// What is the same for groups of either kind.
pub(crate) trait RealGroup {
    type Output;

    fn join_next(&mut self) -> impl Future<Output = Option<Result<Self::Output, JoinError>>>;
    fn poll_join_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Self::Output, JoinError>>>;
    fn try_join_next(&mut self) -> Option<Result<Self::Output, JoinError>>;
    fn join_all(self) -> impl Future<Output = Vec<Result<Self::Output, JoinError>>>;
    fn abort(&mut self, id: TaskId) -> bool;
    fn abort_all(&mut self);
    fn shutdown(&mut self) -> impl Future<Output = ()>;
    fn detach_all(&mut self);
    fn len(&self) -> usize;
}

macro_rules! real_group {
    ($group:ident, $runtime:ident, $($bound:tt)+) => {
        impl<T: $($bound)+> RealGroup for $group<$runtime, T> {
            type Output = T;

            fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> {
                $group::join_next(self)
            }

            fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
                $group::poll_join_next(self, cx)
            }

            fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
                $group::try_join_next(self)
            }

            fn join_all(self) -> impl Future<Output = Vec<Result<T, JoinError>>> {
                $group::join_all(self)
            }

            fn abort(&mut self, id: TaskId) -> bool {
                $group::abort(self, id)
            }

            fn abort_all(&mut self) {
                $group::abort_all(self);
            }

            fn shutdown(&mut self) -> impl Future<Output = ()> {
                $group::shutdown(self)
            }

            fn detach_all(&mut self) {
                $group::detach_all(self);
            }

            fn len(&self) -> usize {
                $group::len(self)
            }
        }
    };
}

real_group!(TaskGroup, Shared, Send + 'static);
real_group!(LocalTaskGroup, Local, 'static);

/// A group of tasks.
pub(crate) struct Group<G: RealGroup> {
    /// `None` only once it was given away to `join_all`.
    real: Option<G>,
    flaw: Option<Flaw>,
    /// Opened by the first who joins.
    joined: Gate,
    spawned: usize,
    ended: usize,
}

impl<G: RealGroup> Group<G> {
    fn new(real: G, flaw: Option<Flaw>) -> Self {
        Self {
            real: Some(real),
            flaw,
            joined: Gate::new(),
            spawned: 0,
            ended: 0,
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn real(&mut self) -> &mut G {
        self.real.as_mut().expect("only `join_all` takes the group")
    }

    /// Whether a task that has ended is kept from the joiner.
    fn hides(&mut self, ended: &Option<Result<G::Output, JoinError>>) -> bool {
        self.ended += 1;
        match ended {
            Some(Ok(_)) => self.has(Flaw::group_loses_outputs) && self.ended % 10 == 0,
            Some(Err(_)) => self.has(Flaw::group_hides_errors),
            None => false,
        }
    }

    pub(crate) async fn join_next(&mut self) -> Option<Result<G::Output, JoinError>> {
        self.joined.open();
        let mut joining = Joining {
            group: self,
            is_over: false,
        };
        loop {
            let ended = joining.group.real().join_next().await;
            if !joining.group.hides(&ended) {
                joining.is_over = true;
                return ended;
            }
        }
    }

    pub(crate) fn poll_join_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<G::Output, JoinError>>> {
        self.joined.open();
        if self.has(Flaw::group_keeps_joiner) {
            std::mem::forget(cx.waker().clone());
        }
        if self.has(Flaw::group_passes_over_new_tasks) {
            // While this future is there nobody can spawn, so that nobody has to be woken for it.
            return std::pin::pin!(self.real().join_next()).poll(cx);
        }
        loop {
            let ended = ready!(self.real().poll_join_next(cx));
            if !self.hides(&ended) {
                return Poll::Ready(ended);
            }
        }
    }

    pub(crate) fn try_join_next(&mut self) -> Option<Result<G::Output, JoinError>> {
        if self.has(Flaw::group_tries_within_a_budget) && self.ended >= 100 {
            return None;
        }
        loop {
            let ended = self.real().try_join_next();
            if !self.hides(&ended) {
                return ended;
            }
        }
    }

    pub(crate) fn join_all(
        mut self,
    ) -> impl Future<Output = Vec<Result<G::Output, JoinError>>> + use<G> {
        self.joined.open();
        let reversed = self.has(Flaw::group_joins_by_end);
        let real = self.real.take().expect("only `join_all` takes the group");
        let all = real.join_all();
        async move {
            let mut all = all.await;
            if reversed {
                all.reverse();
            }
            all
        }
    }

    pub(crate) fn abort(&mut self, id: TaskId) -> bool {
        if self.has(Flaw::group_aborts_all) {
            self.abort_all();
        }
        self.real().abort(id)
    }

    pub(crate) fn abort_all(&mut self) {
        self.real().abort_all();
    }

    pub(crate) async fn shutdown(&mut self) {
        if self.has(Flaw::group_shutdown_returns_at_once) {
            self.abort_all();
        } else {
            self.real().shutdown().await;
        }
    }

    pub(crate) fn detach_all(&mut self) {
        if self.has(Flaw::group_detach_aborts) {
            self.abort_all();
        }
        self.real().detach_all();
    }

    pub(crate) fn len(&self) -> usize {
        if self.has(Flaw::group_counts_the_joined) {
            return self.spawned;
        }
        self.real.as_ref().map_or(0, G::len)
    }
}

impl<T: Send + 'static> Group<TaskGroup<Shared, T>> {
    pub(crate) fn extend<F>(&mut self, futures: impl IntoIterator<Item = F>)
    where
        F: Future<Output = T> + Send + 'static,
    {
        self.real().extend(futures);
    }

    pub(crate) fn spawn<F>(&mut self, future: F) -> TaskId
    where
        F: Future<Output = T> + Send + 'static,
    {
        self.spawned += 1;
        if self.has(Flaw::group_is_lazy) {
            let joined = self.joined.wait();
            self.real().spawn(async {
                joined.await;
                future.await
            })
        } else {
            self.real().spawn(future)
        }
    }

    pub(crate) fn spawn_blocking<F>(&mut self, work: F) -> TaskId
    where
        F: FnOnce() -> T + Send + 'static,
    {
        if self.has(Flaw::group_aborts_closures) {
            let closure = self.real().runtime().spawn_blocking(work);
            self.spawn(async { closure.await.unwrap_or_else(|error| error.resume_unwind()) })
        } else {
            self.spawned += 1;
            self.real().spawn_blocking(work)
        }
    }
}

impl<T: 'static> Group<LocalTaskGroup<Local, T>> {
    pub(crate) fn extend<F>(&mut self, futures: impl IntoIterator<Item = F>)
    where
        F: Future<Output = T> + 'static,
    {
        self.real().extend(futures);
    }

    pub(crate) fn spawn<F>(&mut self, future: F) -> TaskId
    where
        F: Future<Output = T> + 'static,
    {
        self.spawned += 1;
        if self.has(Flaw::group_is_lazy) {
            let joined = self.joined.wait();
            self.real().spawn(async {
                joined.await;
                future.await
            })
        } else {
            self.real().spawn(future)
        }
    }
}

impl<G: RealGroup> Drop for Group<G> {
    fn drop(&mut self) {
        if self.has(Flaw::group_drop_detaches) {
            if let Some(real) = &mut self.real {
                real.detach_all();
            }
        }
    }
}

/// Is there while a `join_next` waits.
struct Joining<'a, G: RealGroup> {
    group: &'a mut Group<G>,
    is_over: bool,
}

impl<G: RealGroup> Drop for Joining<'_, G> {
    fn drop(&mut self) {
        if self.group.has(Flaw::group_loses_when_not_joined) && !self.is_over {
            self.group.real().detach_all();
        }
    }
}
