use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::fmt;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::LocalKey;
use std::time::Duration;

use anyrt_core::{
    BlockOn, Config, ConfigOption, Current, Flavor, Instant, JoinHandle, Launch, LaunchError,
    NoRuntime, ShareTimer, SpawnBlocking, SpawnLocal, Timer,
};
use async_task::FallibleTask;

use crate::{
    BlockingTask, Closures, Contained, LocalDriver, LocalExecutor, LocalTask, Root, ShareDriver,
    unblock,
};

const HONOURED: &[ConfigOption] = &[ConfigOption::Flavor];

/// What makes a local runtime one adapter's: its name, its driver, and where it is found.
///
/// # Examples
///
/// ```
/// use std::cell::RefCell;
/// use std::rc::Rc;
/// use std::thread::LocalKey;
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_shared::{AsyncIo, Local, LocalFamily, LocalHandle};
///
/// #[derive(Debug)]
/// struct Mine;
///
/// thread_local! {
///     static CURRENT: RefCell<Option<LocalHandle<Mine>>> = const { RefCell::new(None) };
/// }
///
/// impl LocalFamily for Mine {
///     const RUNTIME: &'static str = "my local runtime";
///     type Driver = AsyncIo;
///
///     fn refuse_to_block() {}
///
///     fn current() -> &'static LocalKey<RefCell<Option<LocalHandle<Self>>>> {
///         &CURRENT
///     }
/// }
///
/// let rt = Local::<Mine>::launch(Config::new())?;
/// let word: Rc<str> = "moin".into();
/// let task = rt.handle().spawn_local(async move { word.len() });
/// assert_eq!(rt.block_on(task)?, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait LocalFamily: Sized + Unpin + 'static {
    /// The name of the runtime in errors.
    const RUNTIME: &'static str;

    /// What parks the thread, and has the timers.
    type Driver: LocalDriver;

    /// Panics on a thread where `block_on` would stop the tasks that it waits for.
    #[track_caller]
    fn refuse_to_block();

    /// Where the runtime that is driven on this thread is kept, the innermost where they are nested.
    fn current() -> &'static LocalKey<RefCell<Option<LocalHandle<Self>>>>;

    /// The runtime that [`Current`] finds where none is driven: that of a program which started the family's executor itself, and
    /// in which somebody awaits [`Local::run_forever`].
    #[inline]
    fn around() -> Option<LocalHandle<Self>> {
        None
    }
}

/// A single-threaded executor of async-executor's for tasks that are not `Send`, driven by its own
/// [`block_on`](BlockOn::block_on).
///
/// It starts no threads, but those of the process-wide blocking pool on use. Tasks move only inside `block_on`, on the thread
/// that launched the runtime.
///
/// # Cancellation
///
/// Dropping it drops its tasks, on this thread and before it returns. Their destructors find it as the current runtime, on
/// which a spawn drops its future. It does not wait for blocking closures; [`shutdown`](Launch::shutdown) waits at most its
/// grace for those that were submitted through its handles. Inside its own [`block_on`](BlockOn::block_on) both return at once,
/// and the tasks are dropped when that ends.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics where its family refuses to block. Inside another `block_on`, also its own, it works.
///
/// # Examples
///
/// See [`LocalFamily`].
pub struct Local<L: LocalFamily> {
    handle: LocalHandle<L>,
}

impl<L: LocalFamily> Local<L> {
    /// Makes a runtime on a driver that was started with options of its own.
    pub fn with_driver(driver: L::Driver) -> Self {
        let shared = Shared {
            executor: Rc::default(),
            driver,
            driven: Cell::new(0),
            is_released: Cell::new(false),
            closures: Arc::default(),
        };
        let shared = Rc::new(shared);
        Self {
            handle: LocalHandle { shared },
        }
    }

    /// Runs the tasks wherever the returned future is polled, and drops the runtime with it. It is never ready.
    ///
    /// For a runtime inside another one, as a task of that.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::cell::RefCell;
    /// # use std::thread::LocalKey;
    /// # use anyrt_core::{Config, prelude::*};
    /// # use anyrt_shared::{AsyncIo, Local, LocalFamily, LocalHandle};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// # thread_local! {
    /// #     static CURRENT: RefCell<Option<LocalHandle<Mine>>> = const { RefCell::new(None) };
    /// # }
    /// # impl LocalFamily for Mine {
    /// #     const RUNTIME: &'static str = "my local runtime";
    /// #     type Driver = AsyncIo;
    /// #     fn refuse_to_block() {}
    /// #     fn current() -> &'static LocalKey<RefCell<Option<LocalHandle<Self>>>> {
    /// #         &CURRENT
    /// #     }
    /// # }
    /// let other = async_executor::LocalExecutor::new();
    /// let rt = Local::<Mine>::launch(Config::new())?;
    /// let handle = rt.handle();
    /// other.spawn(rt.run_forever()).detach();
    /// let task = handle.spawn_local(async { 42 });
    /// assert_eq!(async_io::block_on(other.run(task))?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn run_forever(self) -> Infallible {
        let handle = self.handle.clone();
        let executor = handle.shared.executor.clone();
        let mut tasks = pin!(executor.run(pending()));
        poll_fn(|cx| {
            let _scope = Scope::enter(&handle);
            tasks.as_mut().poll(cx)
        })
        .await
    }
}

impl<L: LocalFamily> Launch for Local<L> {
    type Handle = LocalHandle<L>;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check(L::RUNTIME, HONOURED)?;
        config.check_flavor(L::RUNTIME, Flavor::CurrentThread)?;
        Ok(Self::with_driver(L::Driver::launch(L::RUNTIME)?))
    }

    fn handle(&self) -> LocalHandle<L> {
        self.handle.clone()
    }

    fn shutdown(self, grace: Duration) {
        let (shared, began) = (self.handle.shared.clone(), Instant::now());
        drop(self);
        if !is_inside_local() {
            shared.closures.wait(grace.saturating_sub(began.elapsed()));
        }
    }
}

impl<L: LocalFamily> BlockOn for Local<L> {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle.block_on(future)
    }
}

impl<L: LocalFamily> Drop for Local<L> {
    fn drop(&mut self) {
        self.handle.shared.is_released.set(true);
        self.handle.close_if_unused();
    }
}

impl<L: LocalFamily> fmt::Debug for Local<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

/// A handle that carries its [`Local`] runtime, for the tasks on it and the code around it.
///
/// It stays on the runtime's thread, and does not keep the runtime alive: on a runtime that is gone, futures are dropped and
/// their tasks resolve *cancelled*. Blocking closures belong to the process and work on.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics when the runtime is gone, and where its family refuses to block.
///
/// # Cost
///
/// 8 bytes. A spawn looks whether the runtime is still there.
///
/// # Examples
///
/// See [`LocalFamily`].
pub struct LocalHandle<L: LocalFamily> {
    shared: Rc<Shared<L::Driver>>,
}

/// What the handles of one runtime share.
struct Shared<D> {
    executor: Rc<LocalExecutor>,
    driver: D,
    /// How many `block_on`s run it, one inside the other.
    driven: Cell<usize>,
    /// The [`Local`] was dropped.
    is_released: Cell<bool>,
    closures: Arc<Closures>,
}

impl<L: LocalFamily> LocalHandle<L> {
    #[cfg(feature = "sockets")]
    #[inline]
    pub(crate) fn driver(&self) -> &L::Driver {
        &self.shared.driver
    }

    /// Tells whether the runtime is gone, and its tasks with it.
    #[inline]
    pub fn is_gone(&self) -> bool {
        self.shared.executor.is_closed()
    }

    /// Drops the tasks, unless the `Local` still is or a `block_on` is under way.
    fn close_if_unused(&self) {
        if self.shared.is_released.get() && self.shared.driven.get() == 0 {
            let _scope = Scope::enter(self);
            let Shared {
                driver, executor, ..
            } = &*self.shared;
            driver.enter(|| executor.close());
            driver.close();
        }
    }
}

impl<L: LocalFamily> Clone for LocalHandle<L> {
    #[inline]
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<L: LocalFamily> Current for LocalHandle<L> {
    /// Returns the handle of the local runtime whose [`block_on`](BlockOn::block_on) the caller runs in.
    ///
    /// # Errors
    ///
    /// [`NoRuntime`] outside of [`Local::block_on`](BlockOn::block_on), and of what its family finds around the caller.
    fn try_current() -> Result<Self, NoRuntime> {
        // The thread may be ending, and its locals gone.
        L::current()
            .try_with(|current| current.borrow().clone())
            .ok()
            .flatten()
            .or_else(L::around)
            .ok_or(NoRuntime::new(
                L::RUNTIME,
                "LocalHandle::try_current",
                "call it inside `Local::block_on`, or pass a handle in",
            ))
    }
}

impl<L: LocalFamily> SpawnLocal for LocalHandle<L> {
    type LocalTask<T> = LocalTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        JoinHandle::new(LocalTask::spawn(&self.shared.executor, future))
    }
}

impl<L: LocalFamily> SpawnBlocking for LocalHandle<L> {
    type BlockingTask<T: Send> = BlockingTask<FallibleTask<Contained<T>>>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        JoinHandle::new(unblock(Closures::enter(self.shared.closures.clone()), work))
    }
}

impl<L: LocalFamily> Timer for LocalHandle<L> {
    type Sleep = <L::Driver as LocalDriver>::Sleep;

    #[inline]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.shared.driver.sleep(duration)
    }

    #[inline]
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Self::Sleep {
        self.shared.driver.sleep_until(deadline)
    }

    #[inline]
    fn now(&self) -> Instant {
        Instant::now()
    }
}

impl<L: LocalFamily<Driver: ShareDriver>> ShareTimer for LocalHandle<L> {
    type SharedTimer = <L::Driver as ShareDriver>::SharedTimer;

    #[inline]
    fn shared_timer(&self) -> Self::SharedTimer {
        let Shared {
            driver, executor, ..
        } = &*self.shared;
        driver.shared_timer(L::RUNTIME, executor)
    }
}

impl<L: LocalFamily> BlockOn for LocalHandle<L> {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        if self.shared.executor.is_closed() {
            panic!("`LocalHandle::block_on` on a local runtime that is gone");
        }
        L::refuse_to_block();
        let _driving = Driving::enter(self);
        let _scope = Scope::enter(self);
        let Shared {
            driver, executor, ..
        } = &*self.shared;
        driver.block_on(executor.run(Root::new(future)))
    }
}

/// Keeps the runtime from being closed, and closes it when the last is dropped and the [`Local`] was.
struct Driving<'a, L: LocalFamily>(&'a LocalHandle<L>);

impl<'a, L: LocalFamily> Driving<'a, L> {
    fn enter(handle: &'a LocalHandle<L>) -> Self {
        let driven = &handle.shared.driven;
        driven.set(driven.get() + 1);
        Self(handle)
    }
}

impl<L: LocalFamily> Drop for Driving<'_, L> {
    fn drop(&mut self) {
        let driven = &self.0.shared.driven;
        driven.set(driven.get() - 1);
        self.0.close_if_unused();
    }
}

impl<L: LocalFamily> fmt::Debug for LocalHandle<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalHandle").finish_non_exhaustive()
    }
}

thread_local! {
    /// How many local runtimes are driven or dropped on this thread, one inside the other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Tells whether this thread drives a local runtime of any family.
///
/// # Examples
///
/// ```
/// assert!(!anyrt_shared::is_inside_local());
/// ```
pub fn is_inside_local() -> bool {
    DEPTH.try_with(|depth| depth.get() > 0).unwrap_or(false)
}

/// Makes a handle the current one, and the one before it again when it is dropped.
struct Scope<L: LocalFamily> {
    before: Option<LocalHandle<L>>,
}

impl<L: LocalFamily> Scope<L> {
    fn enter(handle: &LocalHandle<L>) -> Self {
        change_depth(1);
        Self {
            before: swap(Some(handle.clone())),
        }
    }
}

impl<L: LocalFamily> Drop for Scope<L> {
    fn drop(&mut self) {
        change_depth(-1);
        drop(swap(self.before.take()));
    }
}

fn change_depth(by: isize) {
    // Where the thread is ending and its locals are gone, there is nothing to look up later either.
    DEPTH
        .try_with(|depth| depth.set(depth.get().wrapping_add_signed(by)))
        .unwrap_or_default();
}

fn swap<L: LocalFamily>(handle: Option<LocalHandle<L>>) -> Option<LocalHandle<L>> {
    L::current()
        .try_with(|current| current.replace(handle))
        .ok()
        .flatten()
}
