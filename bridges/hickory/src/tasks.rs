use std::future::Future;

use anyrt_core::Runtime;
use hickory_net::runtime::Spawn;

/// Spawns hickory's background tasks, which end by themselves once their connection is not used any more.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_hickory::Tasks;
/// use hickory_net::runtime::Spawn;
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// Tasks::new(owner.handle()).spawn_bg(async {});
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Tasks<R> {
    runtime: R,
}

impl<R: Runtime> Tasks<R> {
    /// Takes the handle of a runtime.
    pub fn new(runtime: R) -> Self {
        Self { runtime }
    }
}

impl<R: Runtime> Spawn for Tasks<R> {
    #[inline]
    #[track_caller]
    fn spawn_bg(&mut self, future: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn_detached(future);
    }
}
