use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Counts the blocking closures of one runtime, so that its shutdown can wait for them.
///
/// The pool belongs to the process, and so do the closures in it. A runtime counts those that were submitted through its handles.
///
/// # Cost
///
/// Two atomic operations per closure, and no allocation.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use anyrt_shared::Closures;
///
/// let closures = Arc::new(Closures::new());
/// let running = Closures::enter(closures.clone());
/// assert!(!closures.wait(Duration::from_millis(1)));
/// drop(running); // moved into the closure, it is dropped when that ends
/// assert!(closures.wait(Duration::ZERO));
/// ```
pub struct Closures {
    running: AtomicUsize,
    /// How many threads wait. A closure that ends takes the lock only where one does.
    waiters: AtomicUsize,
    lock: Mutex<()>,
    ended: Condvar,
}

impl Closures {
    /// Makes a count of none.
    pub const fn new() -> Self {
        Self {
            running: AtomicUsize::new(0),
            waiters: AtomicUsize::new(0),
            lock: Mutex::new(()),
            ended: Condvar::new(),
        }
    }

    /// Counts a closure until the guard is dropped. `closures` is the way to the count: an `Arc`, or [`Process`].
    #[inline]
    pub fn enter<C: Deref<Target = Self>>(closures: C) -> Running<C> {
        closures.running.fetch_add(1, Ordering::SeqCst);
        Running { closures }
    }

    /// Waits until no closure runs or waits in the pool, for at most `grace`, and tells whether there is none.
    ///
    /// On a thread of the pool it does not wait, because the closure that runs there would wait for itself.
    pub fn wait(&self, grace: Duration) -> bool {
        if self.is_idle() || grace.is_zero() || is_pool_thread() {
            return self.is_idle();
        }
        // Counted before it looks: either this sees the last closure's end, or that closure sees this waiter.
        self.waiters.fetch_add(1, Ordering::SeqCst);
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let end = self
            .ended
            .wait_timeout_while(lock, grace, |()| !self.is_idle());
        drop(end.unwrap_or_else(PoisonError::into_inner));
        self.waiters.fetch_sub(1, Ordering::SeqCst);
        self.is_idle()
    }

    fn is_idle(&self) -> bool {
        self.running.load(Ordering::SeqCst) == 0
    }

    #[inline]
    fn leave(&self) {
        if self.running.fetch_sub(1, Ordering::SeqCst) == 1
            && self.waiters.load(Ordering::SeqCst) > 0
        {
            self.notify();
        }
    }

    #[cold]
    fn notify(&self) {
        // Who holds the lock has not looked, or waits already.
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
        self.ended.notify_all();
    }
}

impl Default for Closures {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Closures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closures").finish_non_exhaustive()
    }
}

/// A closure that is counted; made by [`Closures::enter`].
pub struct Running<C: Deref<Target = Closures>> {
    closures: C,
}

impl<C: Deref<Target = Closures>> Drop for Running<C> {
    #[inline]
    fn drop(&mut self) {
        self.closures.leave();
    }
}

impl<C: Deref<Target = Closures>> fmt::Debug for Running<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

/// The closures of the handles of a process-wide runtime, of smol's and async-std's together.
///
/// # Cost
///
/// No byte.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::JoinHandle;
/// use anyrt_shared::{Closures, Process, unblock};
///
/// let closure = JoinHandle::new(unblock(Closures::enter(Process), || 42));
/// assert!(Process.wait(Duration::from_secs(10)));
/// assert_eq!(async_io::block_on(closure)?, 42);
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Process;

impl Deref for Process {
    type Target = Closures;

    #[inline]
    fn deref(&self) -> &Closures {
        static CLOSURES: Closures = Closures::new();
        &CLOSURES
    }
}

/// The pool calls its threads `blocking-1`, `blocking-2` and so on.
fn is_pool_thread() -> bool {
    thread::current()
        .name()
        .and_then(|name| name.strip_prefix("blocking-"))
        .is_some_and(|number| number.parse::<usize>().is_ok())
}
