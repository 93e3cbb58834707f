use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

/// Counts what a workload has done, and what of it is still alive.
#[derive(Clone, Debug, Default)]
pub(crate) struct Load {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    live: AtomicUsize,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    done: usize,
    failure: Option<String>,
    waiter: Option<(usize, Waker)>,
}

impl Load {
    /// Notes that a request, a stream or a look-up came back as it should.
    pub(crate) fn done(&self) {
        let mut progress = self.lock();
        progress.done += 1;
        if matches!(progress.waiter, Some((target, _)) if progress.done >= target) {
            let waiter = progress.waiter.take();
            drop(progress);
            if let Some((_, waker)) = waiter {
                waker.wake();
            }
        }
    }

    /// Notes that an answer was wrong, which no shutdown excuses.
    pub(crate) fn fail(&self, failure: impl Into<String>) {
        self.lock().failure.get_or_insert(failure.into());
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().done
    }

    /// Waits until `target` requests are done.
    pub(crate) async fn reached(&self, target: usize) {
        std::future::poll_fn(|cx| {
            let mut progress = self.lock();
            if progress.done >= target || progress.failure.is_some() {
                return Poll::Ready(());
            }
            progress.waiter = Some((target, cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// Counts a task for as long as the returned value lives.
    pub(crate) fn enter(&self) -> Live {
        self.shared.live.fetch_add(1, Ordering::SeqCst);
        Live(self.shared.clone())
    }

    /// How many tasks have not been dropped.
    pub(crate) fn live(&self) -> usize {
        self.shared.live.load(Ordering::SeqCst)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.shared
            .progress
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A task that is alive.
#[derive(Debug)]
pub(crate) struct Live(Arc<Shared>);

impl Drop for Live {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::SeqCst);
    }
}
