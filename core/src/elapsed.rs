use core::error::Error;
use core::fmt;

/// The error of a [`Timeout`](crate::Timeout) whose limit passed before its future was ready.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
///
/// async fn never<T: Timer + Clone>(timer: &T) -> std::io::Result<()> {
///     timer.timeout(Duration::ZERO, std::future::pending()).await?
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
/// let error = rt.block_on(never(&rt.handle())).unwrap_err();
/// assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
/// Two such errors are equal: it says that a limit has passed, and not which. A caller that nests limits maps each to an error of
/// its own:
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
///
/// async fn fetch<T: Timer + Clone>(timer: &T) -> Result<u32, &'static str> {
///     let connect = timer.timeout(Duration::from_secs(1), async { 40 });
///     let sent = connect.await.map_err(|_| "no connection within a second")?;
///     let answer = timer.timeout(Duration::from_secs(9), async { sent + 2 });
///     answer.await.map_err(|_| "no answer within nine seconds")
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(fetch(&rt.handle())), Ok(42));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Elapsed(());

impl Elapsed {
    #[inline]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time limit has passed before the future was ready")
    }
}

impl fmt::Debug for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Elapsed")
    }
}

impl Error for Elapsed {}
