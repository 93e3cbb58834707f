use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyrt_core::{BlockOn, Current, Instant, JoinHandle, NoRuntime, Spawn, SpawnBlocking, Timer};
use anyrt_shared::{Closeable, Closures, ContainDrop, Process, is_inside_local, unblock};

use crate::{BlockingTask, Sleep, Task};

pub(crate) const RUNTIME: &str = "smol";

/// Futures above this size are boxed before they are spawned, because a spawn moves its future several times across the stack.
const BIG: usize = 16 * 1024;

/// A handle that carries its smol executor, and wins over whatever runtime the caller runs on.
///
/// It works from any thread, also a plain one. It does not keep an owned executor alive: on one that is gone, tasks resolve
/// *cancelled*. Blocking closures and sleeps belong to the process and work on.
///
/// | you have | you write |
/// | --- | --- |
/// | an executor of your own to start | [`Owned::launch`](crate::Owned), and [`handle()`](anyrt_core::Launch::handle) on it |
/// | an executor around you | [`Smol::try_current()`](Current::try_current) |
/// | nothing | [`Smol::global()`] |
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics on a thread that runs an executor: "cannot block on a future on a smol executor's
/// thread". It works inside blocking closures, and inside another `block_on`.
///
/// # Cost
///
/// 8 bytes. A future above 16 KiB is boxed first. On an owned executor, a task that is pending for the first time takes a lock
/// of its runtime, and once more when it ends.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_smol::Smol;
///
/// let rt = Smol::global();
/// let task = rt.spawn(async { 42 });
/// assert_eq!(rt.block_on(task)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Smol {
    /// `None` stands for the global executor.
    owned: Option<Arc<Closeable>>,
}

impl Smol {
    /// Returns the handle of smol's global executor, which runs for as long as the process.
    ///
    /// # Cost
    ///
    /// Nothing. The first spawn starts the executor's thread, or as many as the environment variable `SMOL_THREADS` says.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// let rt = anyrt_smol::Smol::global();
    /// assert_eq!(rt.block_on(rt.spawn(async { 42 }))?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn global() -> Self {
        Self { owned: None }
    }

    /// The handle of an owned executor.
    pub(crate) fn new(executor: Arc<Closeable>) -> Self {
        Self {
            owned: Some(executor),
        }
    }

    // Left to itself, the compiler calls this and moves the future once more.
    #[inline(always)]
    fn start<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match &self.owned {
            None => Task::new(smol::spawn(ContainDrop::new(future)).fallible()),
            Some(executor) => executor.spawn(future).map_or_else(Task::dead, Task::new),
        }
    }
}

impl Current for Smol {
    /// Returns the handle of the owned executor that this thread or task runs on, and of the global one anywhere else.
    ///
    /// # Errors
    ///
    /// None: smol's global executor is everywhere.
    fn try_current() -> Result<Self, NoRuntime> {
        Ok(here().unwrap_or(Self::global()))
    }
}

impl Spawn for Smol {
    type Task<T: Send> = Task<T>;

    #[inline(always)]
    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        JoinHandle::new(if const { size_of::<F>() > BIG } {
            self.start(Box::pin(future))
        } else {
            self.start(future)
        })
    }
}

impl SpawnBlocking for Smol {
    type BlockingTask<T: Send> = BlockingTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        JoinHandle::new(match &self.owned {
            None => unblock(Closures::enter(Process), work),
            Some(executor) => unblock(Closures::enter(executor.closures().clone()), work),
        })
    }
}

impl Timer for Smol {
    type Sleep = Sleep;

    #[inline]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::after(duration)
    }

    #[inline]
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::until(deadline)
    }

    #[inline]
    fn now(&self) -> Instant {
        Instant::now()
    }
}

impl BlockOn for Smol {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        refuse_to_block();
        let _scope = Scope::enter(Place::BlockOn(self.clone()));
        async_io::block_on(future)
    }
}

impl fmt::Debug for Smol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smol").finish_non_exhaustive()
    }
}

thread_local! {
    /// What of ours this thread runs, the innermost where they are nested.
    static CURRENT: RefCell<Option<Place>> = const { RefCell::new(None) };
}

#[derive(Clone)]
pub(crate) enum Place {
    /// A worker of an owned executor.
    Worker(Smol),
    /// The thread that blocks on a handle.
    BlockOn(Smol),
}

/// Makes a place the current one, and the one before it again when it is dropped.
pub(crate) struct Scope {
    before: Option<Place>,
}

impl Scope {
    pub(crate) fn enter(place: Place) -> Self {
        Self {
            before: swap(Some(place)),
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        drop(swap(self.before.take()));
    }
}

fn swap(place: Option<Place>) -> Option<Place> {
    // Where the thread is ending and its locals are gone, there is nothing to look up later either.
    CURRENT
        .try_with(|current| current.replace(place))
        .ok()
        .flatten()
}

/// The handle that this thread runs on, if it is one of ours.
pub(crate) fn here() -> Option<Smol> {
    let place = CURRENT.try_with(|current| current.borrow().clone());
    place.ok().flatten().map(|place| match place {
        Place::Worker(handle) | Place::BlockOn(handle) => handle,
    })
}

/// Tells whether the caller is async code on a thread that is known to run some.
pub(crate) fn is_inside() -> bool {
    here().is_some() || is_global_worker() || is_inside_local()
}

/// Panics on the threads that run an executor: one that blocks there stops the tasks that it waits for.
#[track_caller]
pub(crate) fn refuse_to_block() {
    let is_worker = CURRENT.try_with(|current| matches!(*current.borrow(), Some(Place::Worker(_))));
    if is_worker.unwrap_or(false) || is_global_worker() {
        panic!(
            "cannot block on a future on a smol executor's thread, where it would stop the tasks that it waits for: \
             await it, or move the call into `spawn_blocking`"
        );
    }
}

/// smol calls the threads of its global executor `smol-1`, `smol-2` and so on.
fn is_global_worker() -> bool {
    thread::current()
        .name()
        .and_then(|name| name.strip_prefix("smol-"))
        .is_some_and(|number| number.parse::<usize>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threads_of_the_global_executor_are_inside() {
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let worker = named("smol-1").spawn(is_inside).unwrap();
        let other = named("smol-worker").spawn(is_inside).unwrap();
        assert!(worker.join().unwrap() && !other.join().unwrap());
    }
}
