use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use pin_project_lite::pin_project;

pin_project! {
    /// The root future of a local executor, which is polled only when it was woken itself.
    ///
    /// A local executor runs on the thread of its root, so each wake of any of its tasks polls the root as well. This wrapper
    /// gives the root a waker of its own and answers *pending* to all other polls
    /// (`block_on::is_not_polled_for_unrelated_tasks`).
    ///
    /// # Cost
    ///
    /// One allocation, and one word to look at in each turn of the executor.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_shared::Root;
    /// use async_executor::LocalExecutor;
    ///
    /// let executor = LocalExecutor::new();
    /// let task = executor.spawn(async { 42 });
    /// assert_eq!(async_io::block_on(executor.run(Root::new(task))), 42);
    /// ```
    pub struct Root<F> {
        #[pin]
        future: F,
        signal: Arc<Signal>,
        waker: Waker,
    }
}

struct Signal {
    woken: AtomicBool,
    /// The waker of the thread that blocks on the root, which stays the same.
    thread: OnceLock<Waker>,
}

impl<F: Future> Root<F> {
    /// Wraps the root. It must be polled by one `block_on` only, with one waker.
    pub fn new(future: F) -> Self {
        let signal = Arc::new(Signal {
            woken: AtomicBool::new(true),
            thread: OnceLock::new(),
        });
        Self {
            future,
            waker: Waker::from(signal.clone()),
            signal,
        }
    }
}

impl<F: Future> Future for Root<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !this.signal.woken.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        this.signal.thread.get_or_init(|| cx.waker().clone());
        this.future.poll(&mut Context::from_waker(this.waker))
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            if let Some(thread) = self.thread.get() {
                thread.wake_by_ref();
            }
        }
    }
}

impl<F> fmt::Debug for Root<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root").finish_non_exhaustive()
    }
}
