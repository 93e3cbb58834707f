use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::Shared;

/// Asks everything that works on one tree to stop.
///
/// A blocking closure that was submitted runs, whatever happens to its handle (`blocking::runs_exactly_once`). So each gets
/// a flag, and looks at it between two reads. Futures need none: they wait for the request, or are dropped.
#[derive(Debug)]
pub(super) struct Stop {
    tree: Arc<AtomicBool>,
    /// Dropped to resolve `requested`.
    sender: Option<oneshot::Sender<Infallible>>,
    requested: Shared<oneshot::Receiver<Infallible>>,
}

impl Stop {
    pub(super) fn new() -> Self {
        let (sender, requested) = oneshot::channel();
        Self {
            tree: Arc::default(),
            sender: Some(sender),
            requested: requested.shared(),
        }
    }

    pub(super) fn request(&mut self) {
        self.tree.store(true, Ordering::Relaxed);
        self.sender = None;
    }

    /// What the futures that work on the tree look at.
    pub(super) fn token(&self) -> StopToken {
        StopToken {
            tree: self.tree.clone(),
            requested: self.requested.clone(),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct StopToken {
    tree: Arc<AtomicBool>,
    requested: Shared<oneshot::Receiver<Infallible>>,
}

impl StopToken {
    /// Waits until the stop is requested.
    pub(super) async fn requested(&self) {
        // The only end is an error: nothing can be sent.
        let _ = self.requested.clone().await;
    }

    /// Makes the flag of one closure, and the guard that sets it when whoever waited for the closure does so no more.
    pub(super) fn flag(&self) -> (StopFlag, StopOnDrop) {
        let own = Arc::<AtomicBool>::default();
        let flag = StopFlag {
            tree: self.tree.clone(),
            own: own.clone(),
        };
        (flag, StopOnDrop(own))
    }
}

/// What a blocking closure looks at.
#[derive(Debug)]
pub(super) struct StopFlag {
    tree: Arc<AtomicBool>,
    own: Arc<AtomicBool>,
}

impl StopFlag {
    pub(super) fn is_set(&self) -> bool {
        self.tree.load(Ordering::Relaxed) || self.own.load(Ordering::Relaxed)
    }
}

/// Sets the flag of one closure when it is dropped: after the closure's end, its time limit, or a cancellation.
#[derive(Debug)]
pub(super) struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
