use std::fmt::{self, Debug};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{Instant, Sleep};
use pin_project_lite::pin_project;
use quinn::AsyncTimer;

pin_project! {
    /// A sleep as quinn's timer, which is reset in place.
    pub(crate) struct Timer<S> {
        #[pin]
        sleep: S,
    }
}

impl<S> Timer<S> {
    pub(crate) fn new(sleep: S) -> Self {
        Self { sleep }
    }
}

impl<S: Sleep + Send + 'static> AsyncTimer for Timer<S> {
    #[inline]
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        self.project().sleep.reset(deadline);
    }

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().sleep.poll(cx)
    }
}

impl<S: Debug> Debug for Timer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timer").field(&self.sleep).finish()
    }
}
