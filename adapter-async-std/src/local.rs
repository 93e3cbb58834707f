use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::rc::{Rc, Weak};
use std::time::Duration;

use anyrt_core::{
    BlockOn, Config, ConfigOption, Current, Flavor, Instant, JoinHandle, Launch, LaunchError,
    NoRuntime, ShareTimer, SpawnBlocking, SpawnLocal, Timer,
};
use anyrt_shared::Root;
use async_executor::LocalExecutor;

use crate::handle::refuse_to_block;
use crate::{AsyncStd, BlockingTask, LocalTask, Sleep};

const RUNTIME: &str = "async-std local";

const HONOURED: &[ConfigOption] = &[ConfigOption::Flavor];

/// A single-threaded executor for tasks that are not `Send`, driven by its own [`block_on`](BlockOn::block_on).
///
/// It is the executor that async-std is built on, beside async-std's global runtime, which it does not start. It starts no
/// threads, but those of the process-wide blocking pool on use. Tasks move only inside `block_on`, on the thread that launched
/// the runtime.
///
/// # Runtimes
///
/// `async_std::task::current()` panics inside local tasks, as it does outside of async-std: it needs a task that async-std made.
///
/// # Cancellation
///
/// Dropping it drops its tasks, on this thread and before it returns. There is nothing to wait for, so that the grace of
/// [`shutdown`](Launch::shutdown) is never used up.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics on a thread that runs an executor: "cannot block on a future on an async-std
/// runtime's thread". Inside another `block_on`, also its own, it works.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_async_std::Local;
///
/// let rt = Local::launch(Config::new())?;
/// let word: Rc<str> = "moin".into();
/// let task = rt.handle().spawn_local(async move { word.len() });
/// assert_eq!(rt.block_on(task)?, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Local {
    executor: Rc<LocalExecutor<'static>>,
    handle: LocalHandle,
}

impl Launch for Local {
    type Handle = LocalHandle;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check(RUNTIME, HONOURED)?;
        if !matches!(config.flavor, None | Some(Flavor::CurrentThread)) {
            return Err(LaunchError::invalid(
                RUNTIME,
                ConfigOption::Flavor,
                "must be current-thread, or unset",
            ));
        }
        let executor = Rc::new(LocalExecutor::new());
        Ok(Self {
            handle: LocalHandle {
                executor: Rc::downgrade(&executor),
            },
            executor,
        })
    }

    fn handle(&self) -> LocalHandle {
        self.handle.clone()
    }

    fn shutdown(self, _grace: Duration) {
        drop(self);
    }
}

impl BlockOn for Local {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        refuse_to_block();
        let _scope = Scope::enter(&self.handle);
        async_io::block_on(self.executor.run(Root::new(future)))
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

/// A handle that carries its [`Local`] runtime, for the tasks on it and the code around it.
///
/// It stays on the runtime's thread, and does not keep the runtime alive: on a runtime that is gone, futures are dropped and
/// their tasks resolve *cancelled*. Blocking closures and sleeps belong to the process and work on.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics when the runtime is gone, and on a thread that runs an executor.
///
/// # Cost
///
/// 8 bytes. A spawn looks whether the runtime is still there.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_async_std::{Local, LocalHandle};
///
/// let rt = Local::launch(Config::new())?;
/// let answer = rt.block_on(async {
///     let here = LocalHandle::try_current()?;
///     Ok::<_, Box<dyn std::error::Error>>(here.spawn_local(async { 42 }).await?)
/// });
/// assert_eq!(answer?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct LocalHandle {
    /// Weak, because tasks hold handles and the runtime holds tasks.
    executor: Weak<LocalExecutor<'static>>,
}

impl Current for LocalHandle {
    /// Returns the handle of the local runtime whose [`block_on`](BlockOn::block_on) the caller runs in.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] outside of [`Local::block_on`](BlockOn::block_on).
    fn try_current() -> Result<Self, NoRuntime> {
        // The thread may be ending, and its locals gone.
        CURRENT
            .try_with(|current| current.borrow().clone())
            .ok()
            .flatten()
            .ok_or(NoRuntime::new(
                RUNTIME,
                "LocalHandle::try_current",
                "call it inside `Local::block_on`, or pass a handle in",
            ))
    }
}

impl SpawnLocal for LocalHandle {
    type LocalTask<T: 'static> = LocalTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        JoinHandle::new(LocalTask::spawn(&self.executor, future))
    }
}

impl SpawnBlocking for LocalHandle {
    type BlockingTask<T: Send + 'static> = BlockingTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        AsyncStd::global().spawn_blocking(work)
    }
}

impl Timer for LocalHandle {
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

impl ShareTimer for LocalHandle {
    type SharedTimer = AsyncStd;

    #[inline]
    fn shared_timer(&self) -> AsyncStd {
        AsyncStd::global()
    }
}

impl BlockOn for LocalHandle {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self.executor.upgrade() {
            Some(executor) => {
                refuse_to_block();
                let _scope = Scope::enter(self);
                async_io::block_on(executor.run(Root::new(future)))
            }
            None => panic!("`LocalHandle::block_on` on a local runtime that is gone"),
        }
    }
}

impl fmt::Debug for LocalHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalHandle").finish_non_exhaustive()
    }
}

thread_local! {
    /// The local runtime that is driven on this thread, the innermost where they are nested.
    static CURRENT: RefCell<Option<LocalHandle>> = const { RefCell::new(None) };
}

/// Makes a handle the current one, and the one before it again when it is dropped.
struct Scope {
    before: Option<LocalHandle>,
}

impl Scope {
    fn enter(handle: &LocalHandle) -> Self {
        Self {
            before: swap(Some(handle.clone())),
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        drop(swap(self.before.take()));
    }
}

fn swap(handle: Option<LocalHandle>) -> Option<LocalHandle> {
    // Where the thread is ending and its locals are gone, there is nothing to look up later either.
    CURRENT
        .try_with(|current| current.replace(handle))
        .ok()
        .flatten()
}
