use std::error::Error;
use std::fmt;

/// Says that a semaphore was closed, so that there is no permit; the error of [`AcquireOrClosed`](crate::AcquireOrClosed).
///
/// # Examples
///
/// ```
/// use anyrt_structured::{AcquirePermitError, Semaphore};
///
/// async fn reason(slots: &Semaphore) -> String {
///     let error: AcquirePermitError = slots.acquire().or_closed().await.unwrap_err();
///     error.to_string()
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// let slots = Semaphore::new(1);
/// slots.close();
/// assert_eq!(rt.block_on(reason(&slots)), "acquiring a permit failed: the semaphore was closed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcquirePermitError(());

impl AcquirePermitError {
    pub(super) fn closed() -> Self {
        Self(())
    }
}

impl fmt::Display for AcquirePermitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("acquiring a permit failed: the semaphore was closed")
    }
}

impl Error for AcquirePermitError {}
