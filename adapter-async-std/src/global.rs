use std::fmt;
use std::future::Future;
use std::time::Duration;

use anyrt_core::{BlockOn, Config, Launch, LaunchError};
use anyrt_shared::Process;

use crate::AsyncStd;
use crate::handle::is_inside;

const RUNTIME: &str = "async-std";

/// async-std's global runtime as a runtime to launch, for code that is generic over [`Launch`].
///
/// It starts nothing and ends nothing: it belongs to the process, which starts it with the first spawn.
///
/// # Cancellation
///
/// Tasks run on, and end with the process. Dropping it returns at once. [Shutting it down](Launch::shutdown) waits, at most its
/// grace, for the blocking closures that were submitted through handles of process-wide runtimes, unless it is called inside
/// async code or inside a blocking closure.
///
/// # Errors
///
/// [`launch`](Launch::launch) refuses every option but a wish: the process's environment configures the runtime.
///
/// # Cost
///
/// 0 bytes.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_async_std::Global;
///
/// let rt = Global::launch(Config::new())?;
/// assert_eq!(rt.run(async { 42 }), 42);
/// rt.shutdown(Duration::ZERO);
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
pub struct Global {
    _private: (),
}

impl Launch for Global {
    type Handle = AsyncStd;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check(RUNTIME, &[])?;
        Ok(Self { _private: () })
    }

    fn handle(&self) -> AsyncStd {
        AsyncStd::global()
    }

    fn shutdown(self, grace: Duration) {
        if !is_inside() {
            Process.wait(grace);
        }
    }
}

impl BlockOn for Global {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle().block_on(future)
    }
}

impl fmt::Debug for Global {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Global").finish_non_exhaustive()
    }
}
