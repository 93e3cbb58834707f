use std::time::{Duration, SystemTime};

use anyrt_core::Runtime;
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;

/// The SDK's sleeps and clock, on the runtime that it carries.
///
/// # Cost
///
/// A box per sleep, which the SDK's trait asks for.
///
/// # Examples
///
/// ```
/// use anyrt_aws::Aws;
/// use anyrt_core::{Config, prelude::*};
/// use aws_smithy_async::time::{SharedTimeSource, TimeSource};
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// let clock = SharedTimeSource::new(Aws::new(owner.handle()));
/// assert!(clock.now() <= std::time::SystemTime::now());
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Aws<R> {
    runtime: R,
}

impl<R: Runtime> Aws<R> {
    /// Takes the handle of a runtime.
    pub fn new(runtime: R) -> Self {
        Self { runtime }
    }
}

impl<R: Runtime> AsyncSleep for Aws<R> {
    #[inline]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.runtime.sleep(duration))
    }
}

impl<R: Runtime> TimeSource for Aws<R> {
    #[inline]
    fn now(&self) -> SystemTime {
        self.runtime.system_time()
    }
}
