use std::collections::HashMap;
use std::future::Future;

use anyrt_core::{JoinError, JoinHandle, RawTask, Spawn, SpawnBlocking, SpawnLocal};
use anyrt_structured::{GroupTask, LocalTaskMap, TaskMap};

use super::{Flaw, Structured};
use crate::{Local, Shared};

anyrt_conformance_engine::mutants! { Flaw;
    map_detach_aborts: "to detach the tasks of a map aborts them",
        killed by "map::removed_tasks_run_on";
    map_drop_detaches: "the tasks of a dropped map run on",
        killed by "map::drop_aborts_all";
    map_keeps_both: "a task under a key that is taken is put beside the one that is there",
        killed by "map::replaces_under_a_key";
    map_lets_the_replaced_run: "a task that is replaced runs on",
        killed by "map::replaces_under_a_key";
    map_loses_outputs: "a map loses one output in ten",
        killed by "map::returns_each_task_once";
    map_remove_aborts: "to take a task out of a map aborts it",
        killed by "map::removed_tasks_run_on";
    map_returns_the_replaced: "a closure that is replaced stays in the map",
        killed by "map::closures_run_to_their_end";
    map_shutdown_returns_at_once: "the shutdown of a map does not wait",
        killed by "map::shutdown_waits_for_destructors";
}

/// The key of the real map, and a number with which a flawed one tells apart what has the same key.
type Key = (u32, usize);

impl Structured<Shared> {
    /// An empty map.
    pub(crate) fn map<T: Send + 'static>(&self) -> Map<TaskMap<Shared, Key, T>> {
        Map::new(TaskMap::new(self.runtime.clone()), self.flaw)
    }
}

impl Structured<Local> {
    /// An empty map of local tasks.
    pub(crate) fn map<T: 'static>(&self) -> Map<LocalTaskMap<Local, Key, T>> {
        Map::new(LocalTaskMap::new(self.runtime.clone()), self.flaw)
    }
}

/// What is the same for maps of either kind.
pub(crate) trait RealMap {
    type Output;
    type Task: RawTask<Output = Self::Output>;

    fn join_next(&mut self)
    -> impl Future<Output = Option<(Key, Result<Self::Output, JoinError>)>>;
    fn try_join_next(&mut self) -> Option<(Key, Result<Self::Output, JoinError>)>;
    fn join_all(self) -> impl Future<Output = Vec<(Key, Result<Self::Output, JoinError>)>>;
    fn abort(&mut self, key: &Key) -> bool;
    fn remove(&mut self, key: &Key) -> Option<JoinHandle<Self::Task>>;
    fn shutdown(&mut self) -> impl Future<Output = ()>;
    fn detach_all(&mut self);
    fn contains_key(&self, key: &Key) -> bool;
    fn keys(&self) -> Vec<Key>;
    fn len(&self) -> usize;
}

macro_rules! real_map {
    ($map:ident, $runtime:ident, $task:ty, $($bound:tt)+) => {
        impl<T: $($bound)+> RealMap for $map<$runtime, Key, T> {
            type Output = T;
            type Task = $task;

            fn join_next(&mut self) -> impl Future<Output = Option<(Key, Result<T, JoinError>)>> {
                $map::join_next(self)
            }

            fn try_join_next(&mut self) -> Option<(Key, Result<T, JoinError>)> {
                $map::try_join_next(self)
            }

            fn join_all(self) -> impl Future<Output = Vec<(Key, Result<T, JoinError>)>> {
                $map::join_all(self)
            }

            fn abort(&mut self, key: &Key) -> bool {
                $map::abort(self, key)
            }

            fn remove(&mut self, key: &Key) -> Option<JoinHandle<$task>> {
                $map::remove(self, key)
            }

            fn shutdown(&mut self) -> impl Future<Output = ()> {
                $map::shutdown(self)
            }

            fn detach_all(&mut self) {
                $map::detach_all(self);
            }

            fn contains_key(&self, key: &Key) -> bool {
                $map::contains_key(self, key)
            }

            fn keys(&self) -> Vec<Key> {
                $map::keys(self).copied().collect()
            }

            fn len(&self) -> usize {
                $map::len(self)
            }
        }
    };
}

type SharedTask<T> =
    GroupTask<<Shared as Spawn>::Task<T>, <Shared as SpawnBlocking>::BlockingTask<T>>;

real_map!(TaskMap, Shared, SharedTask<T>, Send + 'static);
real_map!(LocalTaskMap, Local, <Local as SpawnLocal>::LocalTask<T>, 'static);

/// A map of tasks.
pub(crate) struct Map<M: RealMap> {
    /// `None` only once it was given away to `join_all`.
    real: Option<M>,
    flaw: Option<Flaw>,
    /// The newest number under each key.
    numbers: HashMap<u32, usize>,
    ended: usize,
}

impl<M: RealMap> Map<M> {
    fn new(real: M, flaw: Option<Flaw>) -> Self {
        Self {
            real: Some(real),
            flaw,
            numbers: HashMap::new(),
            ended: 0,
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn real(&mut self) -> &mut M {
        self.real.as_mut().expect("only `join_all` takes the map")
    }

    fn key(&self, key: u32) -> Key {
        (key, self.numbers.get(&key).copied().unwrap_or_default())
    }

    /// The key under which a new task is spawned, and whether a flawed map says that one was replaced.
    fn new_key(&mut self, key: u32, is_closure: bool) -> (Key, bool) {
        let old = self.key(key);
        let is_there = self.real().contains_key(&old);
        if self.has(Flaw::map_keeps_both) || is_closure && self.has(Flaw::map_returns_the_replaced)
        {
            *self.numbers.entry(key).or_default() += 1;
        }
        if self.has(Flaw::map_lets_the_replaced_run) {
            drop(self.real().remove(&old));
        }
        (self.key(key), is_there)
    }

    /// Whether a task that has ended is kept from the joiner.
    fn hides(&mut self) -> bool {
        self.ended += 1;
        self.has(Flaw::map_loses_outputs) && self.ended % 10 == 0
    }

    pub(crate) async fn join_next(&mut self) -> Option<(u32, Result<M::Output, JoinError>)> {
        loop {
            let ended = self.real().join_next().await;
            if !self.hides() || ended.is_none() {
                return ended.map(|((key, _), output)| (key, output));
            }
        }
    }

    pub(crate) fn try_join_next(&mut self) -> Option<(u32, Result<M::Output, JoinError>)> {
        loop {
            let ended = self.real().try_join_next();
            if !self.hides() || ended.is_none() {
                return ended.map(|((key, _), output)| (key, output));
            }
        }
    }

    pub(crate) async fn join_all(mut self) -> Vec<(u32, Result<M::Output, JoinError>)> {
        let real = self.real.take().expect("only `join_all` takes the map");
        let all = real.join_all().await.into_iter();
        all.map(|((key, _), output)| (key, output)).collect()
    }

    pub(crate) fn abort(&mut self, key: u32) -> bool {
        let key = self.key(key);
        self.real().abort(&key)
    }

    pub(crate) fn remove(&mut self, key: u32) -> Option<JoinHandle<M::Task>> {
        let key = self.key(key);
        if self.has(Flaw::map_remove_aborts) {
            self.real().abort(&key);
        }
        self.real().remove(&key)
    }

    fn abort_all(&mut self) {
        for key in self.real().keys() {
            self.real().abort(&key);
        }
    }

    pub(crate) async fn shutdown(&mut self) {
        if self.has(Flaw::map_shutdown_returns_at_once) {
            self.abort_all();
        } else {
            self.real().shutdown().await;
        }
    }

    pub(crate) fn detach_all(&mut self) {
        if self.has(Flaw::map_detach_aborts) {
            self.abort_all();
        }
        self.real().detach_all();
    }

    pub(crate) fn contains_key(&mut self, key: u32) -> bool {
        let key = self.key(key);
        self.real().contains_key(&key)
    }

    pub(crate) fn len(&self) -> usize {
        self.real.as_ref().map_or(0, M::len)
    }
}

impl<T: Send + 'static> Map<TaskMap<Shared, Key, T>> {
    pub(crate) fn spawn<F>(&mut self, key: u32, future: F) -> bool
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (key, was_there) = self.new_key(key, false);
        self.real().spawn(key, future) || was_there
    }

    pub(crate) fn spawn_blocking<F>(&mut self, key: u32, work: F) -> bool
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let (key, was_there) = self.new_key(key, true);
        self.real().spawn_blocking(key, work) || was_there
    }
}

impl<T: 'static> Map<LocalTaskMap<Local, Key, T>> {
    pub(crate) fn spawn<F>(&mut self, key: u32, future: F) -> bool
    where
        F: Future<Output = T> + 'static,
    {
        let (key, was_there) = self.new_key(key, false);
        self.real().spawn(key, future) || was_there
    }
}

impl<M: RealMap> Drop for Map<M> {
    fn drop(&mut self) {
        if self.has(Flaw::map_drop_detaches) {
            if let Some(real) = &mut self.real {
                real.detach_all();
            }
        }
    }
}
