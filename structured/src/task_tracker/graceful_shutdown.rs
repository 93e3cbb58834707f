use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::Timer;
use pin_project_lite::pin_project;

use super::{ShutdownReport, TaskTracker, Wait};
use crate::TaskInfo;

/// Time for destructors and a last poll, which normally take microseconds.
const ABORT_GRACE: Duration = Duration::from_secs(1);

pin_project! {
    /// Shuts down the tasks of a tracker; made by [`TaskTracker::shutdown`].
    ///
    /// The call itself closes the tracker and cancels its token, and the grace counts from it. The future waits for the tasks. When
    /// the grace is over, it puts the remaining tasks into the report and aborts them. Then it waits up to
    /// [`abort_grace`](Self::abort_grace) for their end.
    ///
    /// # Contract
    ///
    /// - It resolves as soon as the last task has ended (`tracker::shutdown_returns_early`).
    /// - If a task never ends, it resolves after both graces (`tracker::shutdown_is_bounded`).
    /// - It counts on the clock of the timer it was given, and the grace from the call
    ///   (`tracker::shutdown_uses_the_timers_clock`).
    ///
    /// # Cancellation
    ///
    /// Dropping it stops the waiting and aborts nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_structured::{ShutdownReport, TaskTracker};
    ///
    /// async fn stop<R: Runtime>(rt: &R, tracker: &TaskTracker) -> ShutdownReport {
    ///     tracker
    ///         .shutdown(rt, Duration::from_secs(30))
    ///         .abort_grace(Duration::from_millis(100))
    ///         .await
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// assert!(rt.block_on(stop(&rt.handle(), &TaskTracker::new())).is_clean());
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct GracefulShutdown<T>
    where
        T: Timer,
    {
        tracker: TaskTracker,
        timer: T,
        abort_grace: Duration,
        wait: Wait,
        #[pin]
        sleep: T::Sleep,
        // Those that had not ended when the grace was over, once it is.
        late: Option<Vec<TaskInfo>>,
    }
}

impl<T: Timer> GracefulShutdown<T> {
    pub(super) fn new(tracker: TaskTracker, timer: T, grace: Duration) -> Self {
        tracker.close();
        tracker.token().cancel();
        Self {
            wait: tracker.wait(),
            sleep: timer.sleep(grace),
            tracker,
            timer,
            abort_grace: ABORT_GRACE,
            late: None,
        }
    }

    /// Sets how long to wait for aborted tasks. The default is one second.
    pub fn abort_grace(self, abort_grace: Duration) -> Self {
        Self {
            abort_grace,
            ..self
        }
    }
}

impl<T: Timer> Future for GracefulShutdown<T> {
    type Output = ShutdownReport;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ShutdownReport> {
        let mut this = self.project();
        loop {
            if Pin::new(&mut *this.wait).poll(cx).is_ready() {
                let late = this.late.take().unwrap_or_default();
                return Poll::Ready(ShutdownReport::new(late, Vec::new(), this.tracker.panics()));
            }
            ready!(this.sleep.as_mut().poll(cx));
            let running = this.tracker.running();
            if let Some(late) = this.late.take() {
                return Poll::Ready(ShutdownReport::new(late, running, this.tracker.panics()));
            }
            *this.late = Some(running);
            this.tracker.abort_all();
            this.sleep.set(this.timer.sleep(*this.abort_grace));
        }
    }
}

impl<T: Timer> fmt::Debug for GracefulShutdown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GracefulShutdown")
            .field("tracker", &self.tracker)
            .field("late", &self.late)
            .finish_non_exhaustive()
    }
}
