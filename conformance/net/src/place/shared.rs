use std::future::Future;
use std::ops::Deref;

use anyrt_conformance_engine as engine;
use anyrt_core::{JoinHandle, Spawn};
use anyrt_net::NetRuntime;

/// A runtime whose tasks are `Send`, as a rule sees it: it dereferences to the handle.
#[derive(Clone, Debug)]
pub(crate) struct Shared<R> {
    rt: R,
    take: fn(&engine::Shared) -> R,
    backend: engine::Backend,
}

/// Another runtime of the same backend, started for one rule.
#[derive(Debug)]
pub(crate) struct Fresh<R> {
    /// Its handle.
    pub(crate) rt: R,
    /// Drives it and shuts it down.
    pub(crate) owner: engine::Started<engine::Shared>,
}

impl<R: NetRuntime> Shared<R> {
    /// A place on a runtime, whose handle `take` returns.
    pub(crate) fn new(
        owner: &engine::Started<engine::Shared>,
        take: fn(&engine::Shared) -> R,
    ) -> Self {
        Self {
            rt: take(owner),
            take,
            backend: owner.backend().clone(),
        }
    }

    /// Starts another runtime of this backend, on any thread. The rule must need `Owned`.
    pub(crate) fn fresh(&self) -> impl Fn() -> Fresh<R> + Send + use<R> {
        let (backend, take) = (self.backend.clone(), self.take);
        move || {
            let owner = backend.start_shared();
            Fresh {
                rt: take(&owner),
                owner,
            }
        }
    }

    /// Spawns a task.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<R::Task<F::Output>>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        Spawn::spawn(&self.rt, future)
    }

    /// The handle.
    pub(crate) fn handle(&self) -> R {
        self.rt.clone()
    }
}

impl<R> Deref for Shared<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.rt
    }
}
