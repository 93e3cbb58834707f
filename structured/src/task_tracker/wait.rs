use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::registration::Shared;

/// Waits until a tracker is closed and empty; made by [`TaskTracker::wait`](crate::TaskTracker::wait).
///
/// # Cancellation
///
/// Dropping it stops the waiting and nothing else.
///
/// # Examples
///
/// ```
/// use anyrt_structured::{TaskTracker, Wait};
///
/// struct Server { drained: Wait }
///
/// let tracker = TaskTracker::new();
/// let server = Server { drained: tracker.wait() };
/// tracker.close();
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// rt.block_on(server.drained);
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Wait {
    shared: Arc<Shared>,
    /// Of this waiter, while it is registered.
    key: Option<usize>,
}

impl Wait {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, key: None }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.shared.poll_drained(&mut this.key, cx)
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.shared.stop_waiting(key);
        }
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").finish_non_exhaustive()
    }
}
