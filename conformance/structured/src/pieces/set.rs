use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask};
use anyrt_structured::{Joined, TaskId, TaskSet};

use super::{Flaw, Structured};
use crate::Held;

anyrt_conformance_engine::mutants! { Flaw;
    group_polls_all: "a group polls all its tasks whenever one is joined",
        killed by "group::polls_only_woken_tasks";
    set_gives_one_at_a_time: "a set says after each task that no other has ended",
        killed by "group::try_join_next_sees_all";
    set_misses_races: "a set looks for a task that has ended, and registers a moment later",
        killed by "group::no_gap_before_the_wait";
    set_mixes_keys: "a set gives a task the key of the one before",
        killed by "group::keys_stay_with_their_tasks";
}

impl<H> Structured<H> {
    /// An empty set of handles.
    pub(crate) fn set<K: Clone, T: RawTask>(&self) -> Set<K, T> {
        Set {
            real: TaskSet::new(),
            flaw: self.flaw,
            wakers: Arc::default(),
            last: None,
            is_spent: false,
        }
    }
}

type Wakers = Arc<Mutex<Vec<Waker>>>;

/// A set of the handles of tasks, under keys.
pub(crate) struct Set<K, T: RawTask> {
    real: TaskSet<K, Overheard<T>>,
    flaw: Option<Flaw>,
    /// Those with which the set polls its tasks.
    wakers: Wakers,
    last: Option<K>,
    /// It gave a task at the last call.
    is_spent: bool,
}

impl<K: Clone, T: RawTask> Set<K, T> {
    pub(crate) fn insert(&mut self, key: K, handle: JoinHandle<T>) -> TaskId {
        let last = self.last.replace(key.clone());
        let key = match self.flaw {
            Some(Flaw::set_mixes_keys) => last.unwrap_or(key),
            _ => key,
        };
        let polls_all = self.flaw == Some(Flaw::group_polls_all);
        self.real.insert(
            key,
            JoinHandle::new(Overheard {
                task: Held::new(handle),
                is_new: true,
                wakers: polls_all.then(|| self.wakers.clone()),
            }),
        )
    }

    pub(crate) fn try_join_next(&mut self) -> Option<Joined<K, Overheard<T>>> {
        self.is_spent = !self.is_spent && self.flaw == Some(Flaw::set_gives_one_at_a_time);
        if self.flaw == Some(Flaw::set_gives_one_at_a_time) && !self.is_spent {
            return None;
        }
        self.real.try_join_next()
    }

    pub(crate) async fn join_next(&mut self) -> Option<Joined<K, Overheard<T>>> {
        for waker in &*self.wakers.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake_by_ref();
        }
        if self.flaw == Some(Flaw::set_misses_races) {
            return poll_fn(|cx| {
                let mut nobody = Context::from_waker(Waker::noop());
                let ended = self.real.poll_join_next(&mut nobody);
                if ended.is_pending() {
                    // Long enough that others come, also on a busy machine.
                    std::thread::sleep(std::time::Duration::from_micros(50));
                    // What it finds now is what is missed.
                    drop(self.real.poll_join_next(cx));
                }
                ended
            })
            .await;
        }
        self.real.join_next().await
    }
}

/// A task whose joiner's wakers are kept where the set has them all woken.
pub(crate) struct Overheard<T: RawTask> {
    task: Held<T>,
    is_new: bool,
    wakers: Option<Wakers>,
}

impl<T: RawTask> RawTask for Overheard<T> {
    type Output = T::Output;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T::Output, JoinError>> {
        if let (Some(wakers), true) = (&self.wakers, std::mem::take(&mut self.is_new)) {
            let mut wakers = wakers.lock().unwrap_or_else(PoisonError::into_inner);
            wakers.push(cx.waker().clone());
        }
        self.task.poll_join(cx)
    }

    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T::Output, JoinError>> {
        self.task.try_join(cx)
    }

    fn abort(&mut self) {
        self.task.abort();
    }

    fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    fn detach(&mut self) {
        self.task.detach();
    }

    fn abort_handle(&mut self) -> AbortHandle {
        self.task.abort_handle()
    }

    fn abort_and_detach(&mut self) {
        self.task.abort_and_detach();
    }
}
