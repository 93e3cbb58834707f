use std::fmt;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use anyrt_core::{Current, Runtime};
use async_trait::async_trait;
use hickory_net::runtime::Time;

/// The clock of the runtime around, because hickory asks for the time statically. It is never made.
///
/// # Panics
///
/// Sleeps and timeouts outside of a `C`, with the text of [`NoRuntime`](anyrt_core::NoRuntime).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_hickory::Clock;
/// use hickory_net::runtime::Time;
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// owner.block_on(Clock::<anyrt_smol::Smol>::delay_for(Duration::from_millis(1)));
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
pub struct Clock<C>(PhantomData<fn() -> C>);

#[async_trait]
impl<C: Runtime + Current> Time for Clock<C> {
    async fn delay_for(duration: Duration) {
        C::current().sleep(duration).await;
    }

    async fn timeout<F: Future + Send + 'static>(
        duration: Duration,
        future: F,
    ) -> io::Result<F::Output> {
        let limited = C::current().timeout(duration, future);
        limited.await.map_err(io::Error::from)
    }

    /// Seconds since 1970, of a simulation's calendar where the runtime has one.
    fn current_time() -> u64 {
        let now = match C::try_current() {
            Ok(runtime) => runtime.system_time(),
            Err(_) => SystemTime::now(),
        };
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs())
    }
}

impl<C> fmt::Debug for Clock<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
