use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use crate::sync::lock;
use crate::wait_queue::{Removed, WaitQueue};

/// Hands out a fixed number of permits, to those who waited longest.
///
/// Clones are the same semaphore. It needs no runtime, and its permits and futures borrow nothing, so that they can move into
/// tasks.
///
/// # Contract
///
/// - At most as many permits are out as it was made with and [added](Self::add_permits) to it
///   (`semaphore::never_exceeds_its_permits`).
/// - Permits go to waiters in the order of their first polls, and nobody overtakes them, [`try_acquire`](Self::try_acquire)
///   included (`semaphore::is_fair`).
/// - A waiting future that is dropped, also after a permit was meant for it, passes the permit on
///   (`semaphore::dropped_waiters_pass_it_on`).
/// - A permit comes back however its holder ends (`semaphore::permits_come_back`), and those that are added reach those who wait
///   (`semaphore::added_permits_reach_those_who_wait`).
/// - No waiter is woken while a lock is held (`semaphore::wakes_outside_the_lock`), and no permit is missed that comes back while
///   a wait begins (`semaphore::no_gap_before_the_wait`).
///
/// # Cost
///
/// One allocation for the semaphore, none for a permit; a short lock for each acquire and release.
///
/// # Examples
///
/// At most two downloads at a time, however many tasks there are:
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::{Semaphore, TaskGroup};
///
/// async fn download_all<R: Runtime>(rt: R, pages: u32) -> u32 {
///     let slots = Semaphore::new(2);
///     let mut group = TaskGroup::new(rt);
///     for page in 0..pages {
///         let slots = slots.clone();
///         group.spawn(async move {
///             let _permit = slots.acquire().await;
///             page // … downloaded while the permit is held
///         });
///     }
///     group.join_all().await.into_iter().flatten().sum()
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(download_all(rt.handle(), 4)), 6);
/// ```
#[derive(Clone)]
pub struct Semaphore {
    shared: Arc<Mutex<State>>,
}

struct State {
    /// Permits that nobody holds and nobody was promised. Above zero only when nobody waits.
    free: usize,
    waiters: WaitQueue,
}

impl Semaphore {
    /// Makes a semaphore with so many permits.
    pub fn new(permits: usize) -> Self {
        Self {
            shared: Arc::new(Mutex::new(State {
                free: permits,
                waiters: WaitQueue::new(),
            })),
        }
    }

    /// Waits for a permit.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the line, and passes on a permit that was meant for it.
    pub fn acquire(&self) -> Acquire {
        Acquire {
            semaphore: self.clone(),
            key: None,
        }
    }

    /// Takes a permit, if one is free and nobody waits for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::Semaphore;
    ///
    /// let semaphore = Semaphore::new(1);
    /// let permit = semaphore.try_acquire();
    /// assert!(permit.is_some() && semaphore.try_acquire().is_none());
    /// drop(permit);
    /// assert!(semaphore.try_acquire().is_some());
    /// ```
    pub fn try_acquire(&self) -> Option<Permit> {
        let mut state = lock(&self.shared);
        state.free = state.free.checked_sub(1)?;
        drop(state);
        Some(self.permit())
    }

    /// Adds permits, and wakes as many waiters.
    pub fn add_permits(&self, permits: usize) {
        for _ in 0..permits {
            self.release();
        }
    }

    /// The number of permits that are free.
    pub fn available_permits(&self) -> usize {
        lock(&self.shared).free
    }

    fn permit(&self) -> Permit {
        Permit {
            semaphore: self.clone(),
        }
    }

    /// Passes a permit to the longest waiter, or puts it back.
    fn release(&self) {
        let mut state = lock(&self.shared);
        let next = state.waiters.pop();
        if next.is_none() {
            state.free += 1;
        }
        drop(state);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available_permits", &self.available_permits())
            .finish_non_exhaustive()
    }
}

/// Waits for a permit; made by [`Semaphore::acquire`].
///
/// # Cancellation
///
/// Dropping it leaves the line, and passes on a permit that was meant for it.
///
/// # Panics
///
/// Never: polled again after it was ready, it waits for another permit.
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
    /// Of this waiter, while it is in line or was promised a permit.
    key: Option<usize>,
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit> {
        if self.key.is_none() {
            if let Some(permit) = self.semaphore.try_acquire() {
                return Poll::Ready(permit);
            }
        }
        // Cloned and dropped without the lock: both run code that is not ours.
        let waker = cx.waker().clone();
        let this = &mut *self;
        let mut state = lock(&this.semaphore.shared);
        let old = match this.key {
            Some(key) if state.waiters.is_popped(key) => {
                state.waiters.remove(key);
                this.key = None;
                drop(state);
                return Poll::Ready(this.semaphore.permit());
            }
            Some(key) => Some(state.waiters.replace(key, waker)),
            // Looked at again: one may have been put back since.
            None if state.free > 0 => {
                state.free -= 1;
                drop(state);
                return Poll::Ready(this.semaphore.permit());
            }
            None => {
                this.key = Some(state.waiters.push(waker));
                None
            }
        };
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let removed = lock(&self.semaphore.shared).waiters.remove(key);
        match removed {
            Removed::Waiting(waker) => drop(waker),
            Removed::Popped => self.semaphore.release(),
        }
    }
}

impl fmt::Debug for Acquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire").finish_non_exhaustive()
    }
}

/// The right to do what a semaphore limits; its drop gives it back.
///
/// # Examples
///
/// ```
/// use anyrt_structured::{Permit, Semaphore};
///
/// struct Connection { _slot: Permit }
///
/// let slots = Semaphore::new(1);
/// let connection = slots.try_acquire().map(|slot| Connection { _slot: slot });
/// assert_eq!(slots.available_permits(), 0);
/// drop(connection);
/// assert_eq!(slots.available_permits(), 1);
/// ```
#[must_use = "dropping it gives the permit back"]
pub struct Permit {
    semaphore: Semaphore,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.semaphore.release();
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}
