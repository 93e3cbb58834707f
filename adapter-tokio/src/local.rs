use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::rc::{Rc, Weak};
use std::time::Duration;

#[cfg(tokio_unstable)]
use anyrt_core::SpawnMeta;
use anyrt_core::{
    BlockOn, Config, ConfigOption, Current, Flavor, Instant, JoinHandle, Launch, LaunchError,
    NoRuntime, ShareTimer, SpawnBlocking, SpawnLocal, Timer,
};

#[cfg(tokio_unstable)]
use crate::builder;
use crate::owned::{configure, is_inside};
use crate::{BlockingTask, LocalTask, Sleep, Tokio};

const RUNTIME: &str = "tokio local";

const HONOURED: &[ConfigOption] = &[
    ConfigOption::Flavor,
    ConfigOption::ThreadName,
    ConfigOption::ThreadStackSize,
    ConfigOption::MaxBlockingThreads,
    ConfigOption::ThreadKeepAlive,
    ConfigOption::EventInterval,
    ConfigOption::GlobalQueueInterval,
    ConfigOption::MaxIoEventsPerTick,
];

/// A single-threaded tokio runtime for tasks that are not `Send`, driven by its own [`block_on`](BlockOn::block_on).
///
/// It starts no threads, but those of the blocking pool on use. Tasks move only inside `block_on`, on the thread that
/// launched the runtime.
///
/// # Cancellation
///
/// Dropping it drops its tasks, on this thread and before it returns. Their destructors still find the runtime as the current
/// one; what they spawn is cancelled. Outside async code the drop then waits for blocking closures that run;
/// [`shutdown`](Launch::shutdown) limits that wait. Inside async code of a tokio runtime it waits for none.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics inside async code of any tokio runtime: "Cannot start a runtime from within a
/// runtime."
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_tokio::Local;
///
/// let rt = Local::launch(Config::new())?;
/// let word: Rc<str> = "moin".into();
/// let task = rt.handle().spawn_local(async move { word.len() });
/// assert_eq!(rt.block_on(task)?, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Local {
    /// `None` only while it is dropped or shut down.
    runtime: Option<Rc<tokio::runtime::LocalRuntime>>,
    handle: LocalHandle,
}

impl Launch for Local {
    type Handle = LocalHandle;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check(RUNTIME, HONOURED)?;
        config.check_flavor(RUNTIME, Flavor::CurrentThread)?;
        let mut builder = tokio::runtime::Builder::new_current_thread();
        configure(&mut builder, config);
        let runtime = builder
            .build_local(tokio::runtime::LocalOptions::default())
            .map(Rc::new)
            .map_err(|error| LaunchError::system(RUNTIME, "start its runtime", error))?;
        Ok(Self {
            handle: LocalHandle {
                runtime: Rc::downgrade(&runtime),
                shared: Tokio::new(runtime.handle().clone()),
            },
            runtime: Some(runtime),
        })
    }

    fn handle(&self) -> LocalHandle {
        self.handle.clone()
    }

    fn shutdown(mut self, grace: Duration) {
        // Destructors of tasks find their runtime.
        let _scope = Scope::enter(&self.handle);
        if let Some(runtime) = self.runtime.take().and_then(Rc::into_inner) {
            if is_inside() {
                runtime.shutdown_background();
            } else {
                runtime.shutdown_timeout(grace);
            }
        }
    }
}

impl BlockOn for Local {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.runtime {
            Some(runtime) => {
                let _scope = Scope::enter(&self.handle);
                runtime.block_on(future)
            }
            None => unreachable!("the runtime is taken only by `shutdown` and `drop`"),
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // Destructors of tasks find their runtime.
        let _scope = Scope::enter(&self.handle);
        if let Some(runtime) = self.runtime.take().and_then(Rc::into_inner) {
            // tokio's own drop blocks, and panics where blocking is not allowed.
            if is_inside() {
                runtime.shutdown_background();
            }
        }
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
/// their tasks resolve *cancelled*, and a sleep panics when it is polled before its deadline (see [`Sleep`]). Only while
/// [`block_on`](BlockOn::block_on) runs through a handle does the runtime live until that returns: a [`Local`] that is dropped or shut
/// down inside it drops its tasks then, and waits for no closure.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics when the runtime is gone, and inside async code of any tokio runtime.
///
/// # Cost
///
/// 24 bytes. A spawn looks whether the runtime is still there.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_tokio::{Local, LocalHandle};
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
    runtime: Weak<tokio::runtime::LocalRuntime>,
    /// For what needs no access to the local queue.
    shared: Tokio,
}

#[cfg(feature = "net")]
impl LocalHandle {
    /// The handle of the same runtime for what needs no access to the local queue.
    #[inline]
    pub(crate) fn shared(&self) -> &Tokio {
        &self.shared
    }
}

impl Current for LocalHandle {
    /// Returns the handle of the local runtime whose [`block_on`](BlockOn::block_on) the caller runs in.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] outside of [`Local::block_on`](BlockOn::block_on), except in destructors while the runtime is dropped.
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
    type LocalTask<T> = LocalTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let task = match self.runtime.upgrade() {
            Some(runtime) => runtime.spawn_local(future),
            None => spawn_cancelled(future),
        };
        JoinHandle::new(LocalTask::new(task))
    }

    #[cfg(tokio_unstable)]
    #[inline]
    #[track_caller]
    fn spawn_local_with<F>(
        &self,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        match (meta.name(), self.runtime.upgrade()) {
            (Some(name), Some(runtime)) => {
                // Inside its context, because the builder spawns on the local runtime around it.
                let _context = runtime.enter();
                JoinHandle::new(LocalTask::new(builder::spawn_local(name, future)))
            }
            _ => self.spawn_local(future),
        }
    }
}

impl SpawnBlocking for LocalHandle {
    type BlockingTask<T: Send> = BlockingTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.shared.spawn_blocking(work)
    }

    #[cfg(tokio_unstable)]
    #[inline]
    #[track_caller]
    fn spawn_blocking_with<F, T>(&self, meta: SpawnMeta<'_>, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.shared.spawn_blocking_with(meta, work)
    }
}

impl Timer for LocalHandle {
    type Sleep = Sleep;

    // As in the shared handle.
    #[inline(always)]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Sleep {
        self.shared.sleep(duration)
    }

    #[inline(always)]
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Sleep {
        self.shared.sleep_until(deadline)
    }

    #[inline(always)]
    fn now(&self) -> Instant {
        self.shared.now()
    }
}

impl ShareTimer for LocalHandle {
    type SharedTimer = Tokio;

    #[inline]
    fn shared_timer(&self) -> Tokio {
        self.shared.clone()
    }
}

impl BlockOn for LocalHandle {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let Some(runtime) = self.runtime.upgrade() else {
            panic!("`LocalHandle::block_on` on a local runtime that is gone");
        };
        let driven = Driven {
            runtime: Some(runtime),
            handle: self,
        };
        let _scope = Scope::enter(self);
        match &driven.runtime {
            Some(runtime) => runtime.block_on(future),
            None => unreachable!("the runtime is taken only at the end"),
        }
    }
}

/// Ends the runtime where its [`Local`] was dropped or shut down meanwhile, inside async code: without waiting for closures.
struct Driven<'a> {
    runtime: Option<Rc<tokio::runtime::LocalRuntime>>,
    handle: &'a LocalHandle,
}

impl Drop for Driven<'_> {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take().and_then(Rc::into_inner) {
            // Destructors of tasks find their runtime.
            let _scope = Scope::enter(self.handle);
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for LocalHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalHandle").finish_non_exhaustive()
    }
}

thread_local! {
    /// The local runtime that is driven on this thread.
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

/// Drops `future` and returns the handle of a task that was cancelled before its first poll.
#[cold]
#[track_caller]
fn spawn_cancelled<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    // A set that is dropped at once cancels what was put into it, and tokio's handle tells the rest.
    tokio::task::LocalSet::new().spawn_local(future)
}
