use std::future::Future;
use std::ops::Deref;

use anyrt_core::JoinHandle;
use anyrt_net::LocalNet;

/// A local runtime, as a rule sees it: it dereferences to the handle.
#[derive(Clone, Debug)]
pub(crate) struct Local<R> {
    rt: R,
}

impl<R: LocalNet> Local<R> {
    /// A place on `rt`.
    pub(crate) fn new(rt: R) -> Self {
        Self { rt }
    }

    /// Spawns a task.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<R::LocalTask<F::Output>>
    where
        F: Future<Output: 'static> + 'static,
    {
        self.rt.spawn_local(future)
    }

    /// The handle.
    pub(crate) fn handle(&self) -> R {
        self.rt.clone()
    }
}

impl<R> Deref for Local<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.rt
    }
}
