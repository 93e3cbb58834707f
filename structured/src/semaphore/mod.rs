mod acquire;
mod closed_error;
mod permit;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

pub use self::acquire::{Acquire, AcquireOrClosed};
pub use self::closed_error::AcquirePermitError;
pub use self::permit::Permit;
use crate::sync::lock;
use crate::wait_queue::WaitQueue;

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
///   included (`semaphore::is_fair`). A waiter that asks for many is not overtaken by those who ask for fewer
///   (`semaphore::large_requests_are_not_overtaken`).
/// - A waiting future that is dropped, also after a permit was meant for it, passes the permit on
///   (`semaphore::dropped_waiters_pass_it_on`).
/// - A permit comes back however its holder ends (`semaphore::permits_come_back`), unless it is forgotten
///   (`semaphore::forgotten_permits_stay_away`).
/// - Added permits reach the waiters (`semaphore::added_permits_reach_those_who_wait`), and wake only those that get one
///   (`semaphore::added_permits_wake_those_who_get_them`). More than [`MAX_PERMITS`](Self::MAX_PERMITS) are refused
///   (`semaphore::refuses_more_permits_than_fit`).
/// - [`close`](Self::close) sends all waiters away; permits that are out or promised stay valid
///   (`semaphore::close_sends_waiters_away`).
/// - No waiter is woken while a lock is held (`semaphore::wakes_outside_the_lock`), and no permit is missed that comes back while
///   a wait begins (`semaphore::no_gap_before_the_wait`).
///
/// # Cost
///
/// One allocation for the semaphore, none for a permit; a short lock for each acquire and release. Adding or giving back any
/// number of permits takes as long as there are waiters who get theirs.
///
/// Rules: `calls::semaphore_takes_one`.
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
    /// Permits that nobody holds and nobody was promised. Where somebody waits, fewer than the first in line asks for.
    free: usize,
    /// All permits: free ones, held ones, promised ones. At most `MAX_PERMITS`, so that no sum of permits overflows.
    total: usize,
    closed: bool,
    waiters: WaitQueue,
    /// By the keys of the waiters.
    claims: Vec<Claim>,
}

/// What a waiter asked for.
#[derive(Clone, Copy)]
struct Claim {
    permits: usize,
    /// Whether the permits are promised to it. One that left the line without them was sent away by a close.
    granted: bool,
}

impl State {
    /// Takes permits, if there are as many and nobody waits.
    fn try_take(&mut self, permits: usize) -> bool {
        let takes = !self.closed && self.free >= permits && self.waiters.first().is_none();
        if takes {
            self.free -= permits;
        }
        takes
    }

    /// Promises the first in line its permits, if there are as many, and returns its waker.
    fn grant(&mut self) -> Option<std::task::Waker> {
        let claim = &mut self.claims[self.waiters.first()?];
        self.free = self.free.checked_sub(claim.permits)?;
        claim.granted = true;
        self.waiters.pop()
    }
}

impl Semaphore {
    /// The most permits that a semaphore may have, those that are out included.
    pub const MAX_PERMITS: usize = usize::MAX >> 3;

    /// Makes a semaphore with so many permits.
    ///
    /// # Panics
    ///
    /// When `permits` is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        assert!(
            permits <= Self::MAX_PERMITS,
            "`Semaphore::new` with more than `Semaphore::MAX_PERMITS`"
        );
        Self {
            shared: Arc::new(Mutex::new(State {
                free: permits,
                total: permits,
                closed: false,
                waiters: WaitQueue::new(),
                claims: Vec::new(),
            })),
        }
    }

    /// Waits for a permit.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the line, and passes on a permit that was meant for it.
    ///
    /// # Panics
    ///
    /// The future panics when the semaphore is [closed](Self::close). Where somebody closes it, use
    /// [`Acquire::or_closed`].
    pub fn acquire(&self) -> Acquire {
        self.acquire_many(1)
    }

    /// Waits for so many permits, and takes them together. A semaphore that never has as many keeps it waiting, and everybody
    /// behind it.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the line, and passes on the permits that were meant for it.
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Examples
    ///
    /// A limit on bytes in flight:
    ///
    /// ```
    /// use anyrt_structured::{Permit, Semaphore};
    ///
    /// async fn reserve(bytes: &Semaphore, message: &[u8]) -> Permit {
    ///     bytes.acquire_many(message.len()).await
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// let bytes = Semaphore::new(1024);
    /// let permit = rt.block_on(reserve(&bytes, b"hello"));
    /// assert_eq!((permit.permits(), bytes.available_permits()), (5, 1019));
    /// ```
    pub fn acquire_many(&self, permits: usize) -> Acquire {
        Acquire::new(self.clone(), permits)
    }

    /// Takes a permit, if one is free, nobody waits, and the semaphore is open.
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
        self.try_acquire_many(1)
    }

    /// Takes so many permits, if as many are free, nobody waits, and the semaphore is open.
    pub fn try_acquire_many(&self, permits: usize) -> Option<Permit> {
        let taken = self.lock().try_take(permits);
        taken.then(|| Permit::new(self.clone(), permits))
    }

    /// Adds permits, and wakes the waiters who get them.
    ///
    /// # Panics
    ///
    /// When there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn add_permits(&self, permits: usize) {
        let mut state = self.lock();
        let total = state.total.checked_add(permits);
        let Some(total) = total.filter(|&total| total <= Self::MAX_PERMITS) else {
            drop(state);
            panic!("`Semaphore::add_permits` beyond `Semaphore::MAX_PERMITS`");
        };
        state.total = total;
        drop(state);
        self.give_back(permits);
    }

    /// Takes up to so many free permits away for good, and returns how many there were. See also [`Permit::forget`].
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::Semaphore;
    ///
    /// let slots = Semaphore::new(3);
    /// assert_eq!((slots.forget(2), slots.forget(2)), (2, 1));
    /// assert!(slots.try_acquire().is_none());
    /// ```
    pub fn forget(&self, permits: usize) -> usize {
        let mut state = self.lock();
        let gone = permits.min(state.free);
        state.free -= gone;
        state.total -= gone;
        gone
    }

    /// Closes the semaphore for good: nobody gets a permit any more, and those who wait are sent away.
    ///
    /// Permits that are out, or were promised before, stay valid. [`Acquire::or_closed`] tells a waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::{AcquirePermitError, Semaphore};
    ///
    /// async fn work(slots: &Semaphore) -> Result<u32, AcquirePermitError> {
    ///     let _permit = slots.acquire().or_closed().await?;
    ///     Ok(42)
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// let slots = Semaphore::new(1);
    /// assert_eq!(rt.block_on(work(&slots)), Ok(42));
    /// slots.close();
    /// assert!(rt.block_on(work(&slots)).is_err());
    /// ```
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let woken: Vec<_> = std::iter::from_fn(|| state.waiters.pop()).collect();
        drop(state);
        for waker in woken {
            waker.wake();
        }
    }

    /// Tells whether the semaphore was closed.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// The number of permits that are free. Where somebody waits for many, these are too few for it, and meant for it.
    pub fn available_permits(&self) -> usize {
        self.lock().free
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.shared)
    }

    /// Puts permits back, and wakes the waiters who get them, the longest first.
    fn give_back(&self, permits: usize) {
        let mut state = self.lock();
        state.free += permits;
        // One at a time, without the lock: a waker runs code that is not ours. Meanwhile nobody overtakes those in line.
        while let Some(waker) = state.grant() {
            drop(state);
            waker.wake();
            state = self.lock();
        }
    }

    /// Takes permits away that nobody holds any more.
    fn lose(&self, permits: usize) {
        self.lock().total -= permits;
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available_permits", &self.available_permits())
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
