use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::registration::Registration;
use crate::names::Named;

pin_project! {
    /// A future that a tracker tracks until it is ready or dropped; made by [`TaskTracker::track`](crate::TaskTracker::track).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::{TaskTracker, Tracked};
    ///
    /// let tracker = TaskTracker::new();
    /// let upload: Tracked<_> = tracker.track("upload", std::future::pending::<()>());
    /// assert_eq!(tracker.running()[0].name(), Some("upload"));
    /// drop(upload);
    /// assert!(tracker.is_empty());
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct Tracked<F> {
        #[pin]
        future: Option<Named<F>>,
        // After the future: a task has ended when its destructors have run.
        registration: Option<Registration>,
    }
}

impl<F> Tracked<F> {
    pub(super) fn new(future: Named<F>, registration: Registration) -> Self {
        Self {
            future: Some(future),
            registration: Some(registration),
        }
    }
}

impl<F: Future> Future for Tracked<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let registration = this.registration.as_ref();
        let registration = registration.expect("`Tracked` polled after it was ready");
        let output = std::task::ready!(registration.watch(|| {
            let future = this.future.as_mut().as_pin_mut();
            let output = future.expect("present while registered").poll(cx);
            if output.is_ready() {
                this.future.set(None);
            }
            output
        }));
        *this.registration = None;
        Poll::Ready(output)
    }
}

impl<F> fmt::Debug for Tracked<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracked").finish_non_exhaustive()
    }
}
