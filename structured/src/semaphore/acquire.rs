use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{AcquirePermitError, Claim, Permit, Semaphore};
use crate::wait_queue::Removed;

/// Waits for permits; made by [`Semaphore::acquire`] and [`Semaphore::acquire_many`].
///
/// # Cancellation
///
/// Dropping it leaves the line, and passes on the permits that were meant for it.
///
/// # Panics
///
/// When the semaphore is [closed](Semaphore::close); [`or_closed`](Self::or_closed) yields an error instead. Polled again after
/// it was ready, it waits for further permits.
///
/// # Examples
///
/// ```
/// use anyrt_structured::{Acquire, Semaphore};
///
/// struct Connecting { slot: Acquire }
///
/// let slots = Semaphore::new(1);
/// let connecting = Connecting { slot: slots.acquire() };
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// let permit = rt.block_on(connecting.slot);
/// assert_eq!(slots.available_permits(), 0);
/// # drop(permit);
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Acquire {
    semaphore: Semaphore,
    permits: usize,
    /// Of this waiter, while it is in line, was promised its permits, or was sent away.
    key: Option<usize>,
}

impl Acquire {
    pub(super) fn new(semaphore: Semaphore, permits: usize) -> Self {
        Self {
            semaphore,
            permits,
            key: None,
        }
    }

    /// Yields an error when the semaphore is [closed](Semaphore::close), where the future itself panics.
    pub fn or_closed(self) -> AcquireOrClosed {
        AcquireOrClosed { acquire: self }
    }

    fn poll_acquire(&mut self, cx: &mut Context<'_>) -> Poll<Result<Permit, AcquirePermitError>> {
        if self.key.is_none() {
            if let Some(permit) = self.semaphore.try_acquire_many(self.permits) {
                return Poll::Ready(Ok(permit));
            }
        }
        // Cloned and dropped without the lock: both run code that is not ours.
        let waker = cx.waker().clone();
        let mut state = self.semaphore.lock();
        let old = match self.key {
            Some(key) if state.waiters.is_popped(key) => {
                state.waiters.remove(key);
                let granted = state.claims[key].granted;
                self.key = None;
                drop(state);
                return Poll::Ready(self.end(granted));
            }
            Some(key) => Some(state.waiters.replace(key, waker)),
            None => {
                // Looked at again: permits may have been put back since.
                let taken = state.try_take(self.permits);
                if taken || state.closed {
                    drop(state);
                    return Poll::Ready(self.end(taken));
                }
                let key = state.waiters.push(waker);
                let claim = Claim {
                    permits: self.permits,
                    granted: false,
                };
                match state.claims.get_mut(key) {
                    Some(place) => *place = claim,
                    None => state.claims.push(claim),
                }
                self.key = Some(key);
                None
            }
        };
        drop(state);
        drop(old);
        Poll::Pending
    }

    fn end(&self, granted: bool) -> Result<Permit, AcquirePermitError> {
        if granted {
            Ok(Permit::new(self.semaphore.clone(), self.permits))
        } else {
            Err(AcquirePermitError::closed())
        }
    }
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit> {
        self.poll_acquire(cx)
            .map(|ended| ended.unwrap_or_else(|error| panic!("{error}")))
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut state = self.semaphore.lock();
        let removed = state.waiters.remove(key);
        let granted = state.claims[key].granted;
        drop(state);
        match removed {
            Removed::Waiting(waker) => {
                drop(waker);
                // It may have been the first in line, with others behind it who need fewer.
                self.semaphore.give_back(0);
            }
            Removed::Popped if granted => self.semaphore.give_back(self.permits),
            Removed::Popped => {}
        }
    }
}

impl fmt::Debug for Acquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire")
            .field("permits", &self.permits)
            .finish_non_exhaustive()
    }
}

/// Waits for permits of a semaphore that may be closed; made by [`Acquire::or_closed`].
///
/// # Cancellation
///
/// Dropping it leaves the line, and passes on the permits that were meant for it.
///
/// # Errors
///
/// [`AcquirePermitError`] when the semaphore was [closed](Semaphore::close) before there were permits for this waiter.
///
/// # Examples
///
/// ```
/// use anyrt_structured::{AcquireOrClosed, Semaphore};
///
/// struct Connecting { slot: AcquireOrClosed }
///
/// let slots = Semaphore::new(0);
/// let connecting = Connecting { slot: slots.acquire().or_closed() };
/// slots.close();
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// assert!(rt.block_on(connecting.slot).is_err());
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct AcquireOrClosed {
    acquire: Acquire,
}

impl Future for AcquireOrClosed {
    type Output = Result<Permit, AcquirePermitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.acquire.poll_acquire(cx)
    }
}
