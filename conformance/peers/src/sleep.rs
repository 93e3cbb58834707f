use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use anyrt_core::{Instant, Sleep};

use crate::missing::missing;

/// How a layer's sleep is reset, if it can be.
type Reset<S> = fn(Pin<&mut S>, Instant);

/// A layer's sleep as the suite holds it. The lock is never taken; it makes the sleep `Sync`, which not all are.
pub(crate) struct PeerSleep<S> {
    sleep: Mutex<Pin<Box<S>>>,
    reset: Option<Reset<S>>,
    /// This is the suite's to know, and not asked of the layer.
    elapsed: bool,
}

impl<S> PeerSleep<S> {
    pub(crate) fn new(sleep: S, reset: Option<Reset<S>>) -> Self {
        Self {
            sleep: Mutex::new(Box::pin(sleep)),
            reset,
            elapsed: false,
        }
    }

    fn sleep(&mut self) -> Pin<&mut S> {
        let sleep = self.sleep.get_mut();
        sleep.unwrap_or_else(PoisonError::into_inner).as_mut()
    }
}

impl<S: Future> Future for PeerSleep<S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.sleep().poll(cx));
        self.elapsed = true;
        Poll::Ready(())
    }
}

impl<S: Future> Sleep for PeerSleep<S> {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        match self.reset {
            Some(reset) => reset(self.sleep(), deadline),
            None => missing("resetting a sleep"),
        }
        self.elapsed = false;
    }

    fn deadline(&self) -> Option<Instant> {
        missing("the deadline of a sleep")
    }

    fn is_elapsed(&self) -> bool {
        self.elapsed
    }
}

impl<S> fmt::Debug for PeerSleep<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerSleep").finish_non_exhaustive()
    }
}
