use std::fmt;
use std::future::Future;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use anyrt_core::{BlockOn, Current, Instant, JoinHandle, NoRuntime, Spawn, SpawnBlocking, Timer};
use anyrt_shared::{Closures, ContainDrop, Process, is_inside_local, unblock};

use crate::task::Native;
use crate::{BlockingTask, Sleep, Task};

/// Futures above this size are boxed before they are spawned, because a spawn moves its future several times across the stack.
const BIG: usize = 16 * 1024;

/// A handle of async-std's global runtime, which wins over whatever runtime the caller runs on.
///
/// It works from any thread, also a plain one, for as long as the process.
///
/// | you have | you write |
/// | --- | --- |
/// | a runtime around you | [`AsyncStd::try_current()`](Current::try_current) |
/// | nothing | [`AsyncStd::global()`] |
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics on a thread that runs the runtime: "cannot block on a future on an async-std
/// runtime's thread". It works inside blocking closures, and inside another `block_on`.
///
/// # Cost
///
/// 0 bytes. A future above 16 KiB is boxed first.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_async_std::AsyncStd;
///
/// let rt = AsyncStd::global();
/// let task = rt.spawn(async { async_std::task::current().name().is_none() });
/// assert!(rt.block_on(task)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct AsyncStd {
    _private: (),
}

impl AsyncStd {
    /// Returns the handle of async-std's global runtime, which runs for as long as the process.
    ///
    /// # Cost
    ///
    /// Nothing. The first spawn starts the runtime's threads, one per processor, or as many as the environment variable
    /// `ASYNC_STD_THREAD_COUNT` says.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// let rt = anyrt_async_std::AsyncStd::global();
    /// assert_eq!(rt.block_on(rt.spawn(async { 42 }))?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn global() -> Self {
        Self { _private: () }
    }

    #[inline]
    fn start<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Task::new(Native::new(async_std::task::spawn(ContainDrop::new(
            future,
        ))))
    }
}

impl Current for AsyncStd {
    /// Returns the handle of the global runtime.
    ///
    /// # Errors
    ///
    /// None: async-std's global runtime is everywhere.
    fn try_current() -> Result<Self, NoRuntime> {
        Ok(Self::global())
    }
}

impl Spawn for AsyncStd {
    type Task<T: Send> = Task<T>;

    #[inline]
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

impl SpawnBlocking for AsyncStd {
    type BlockingTask<T: Send> = BlockingTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        // async-std's own function adds a task that waits for this one.
        JoinHandle::new(unblock(Closures::enter(Process), work))
    }
}

impl Timer for AsyncStd {
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

impl BlockOn for AsyncStd {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        refuse_to_block();
        async_std::task::block_on(future)
    }
}

impl fmt::Debug for AsyncStd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncStd").finish_non_exhaustive()
    }
}

/// Tells whether the caller is async code on a thread that is known to run some.
pub(crate) fn is_inside() -> bool {
    is_global_worker() || is_inside_local() || async_std::task::try_current().is_some()
}

/// Panics on the threads that run the executor: one that blocks there stops the tasks that it waits for.
#[track_caller]
pub(crate) fn refuse_to_block() {
    if is_global_worker() {
        panic!(
            "cannot block on a future on an async-std runtime's thread, where it would stop the tasks that it waits for: \
             await it, or move the call into `spawn_blocking`"
        );
    }
}

/// async-std calls its threads by one name, which a variable may change, and async-global-executor's, if somebody started that
/// first, are numbered.
fn is_global_worker() -> bool {
    static NAME: OnceLock<String> = OnceLock::new();
    let ours = NAME.get_or_init(|| {
        let name = std::env::var("ASYNC_STD_THREAD_NAME");
        name.unwrap_or_else(|_| "async-std/runtime".to_owned())
    });
    thread::current().name().is_some_and(|name| {
        let number = name.strip_prefix("async-global-executor-");
        name == ours || number.is_some_and(|number| number.parse::<usize>().is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threads_of_the_executor_are_inside() {
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let worker = named("async-global-executor-1").spawn(is_inside).unwrap();
        let other = named("async-global-executor").spawn(is_inside).unwrap();
        assert!(worker.join().unwrap() && !other.join().unwrap());
    }
}
