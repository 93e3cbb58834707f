use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::{Instant, Sleep};

pub(super) type BoxSleep = Pin<Box<dyn Sleep + Send + Sync>>;

/// The sleep of an [`AnyRuntime`](crate::AnyRuntime): 16 bytes and `Unpin`, with the runtime's own in a box.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{prelude::*, AnyRuntime, AnySleep};
///
/// struct Lease { end: AnySleep }
///
/// fn lease(rt: &AnyRuntime) -> Lease {
///     Lease { end: rt.sleep(Duration::from_secs(30)) }
/// }
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct AnySleep(BoxSleep);

impl AnySleep {
    pub(super) fn new(sleep: BoxSleep) -> Self {
        Self(sleep)
    }
}

impl Future for AnySleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl Sleep for AnySleep {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.0.as_mut().reset(deadline);
    }

    fn is_elapsed(&self) -> bool {
        self.0.is_elapsed()
    }
}

impl fmt::Debug for AnySleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnySleep").field(&self.0).finish()
    }
}
