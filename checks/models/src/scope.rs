use std::fmt;
use std::future::Future;
use std::sync::Arc;

use anyrt_core::{JoinHandle, RawTask};

use self::core::Core;
pub use self::future::TryScopeFuture;

/// Hands tasks to a scope.
pub struct Entrance<H: RawTask>(Arc<Core<H>>);

impl<H: RawTask> Entrance<H> {
    /// Hands over a task that runs already.
    pub fn add(&self, task: JoinHandle<H>) {
        self.0.add(task);
    }
}

impl<H: RawTask> fmt::Debug for Entrance<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entrance").finish_non_exhaustive()
    }
}

/// Makes a scope of tasks that run already.
pub fn scope<B, T, E, H>(body: B) -> (Entrance<H>, TryScopeFuture<B, T, E, H>)
where
    B: Future<Output = Result<T, E>>,
    H: RawTask<Output = Result<(), E>>,
{
    let core = Core::new();
    (Entrance(core.clone()), TryScopeFuture::new(body, core))
}

