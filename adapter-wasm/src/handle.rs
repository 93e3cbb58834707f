use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{
    Current, Instant, JoinHandle, NoRuntime, Spawn, SpawnBlocking, SpawnLocal, SystemTime, Timer,
};
use anyrt_shared::Closeable;
use send_wrapper::SendWrapper;
use wasm_bindgen::UnwrapThrowExt;

use crate::driver::Driver;
use crate::local_task::Wrapped;
use crate::{BlockingTask, LocalTask, Sleep, Task, host};

/// Futures above this size are boxed before they are spawned, because a spawn moves its future several times across the stack.
const BIG: usize = 16 * 1024;

/// A handle that carries its tasks' executor on JavaScript's event loop, and wins over whatever the caller runs on.
///
/// It takes futures that are `Send` and futures that are not: it is both a [`Runtime`](anyrt_core::Runtime) and a
/// [`LocalRuntime`](anyrt_core::LocalRuntime). A page, a worker and node have one thread each, so that every task stays on the one
/// that spawned it.
///
/// It does not keep an owned executor alive: on one that is gone, tasks resolve *cancelled*. Blocking closures and sleeps belong
/// to the page and work on.
///
/// | you have | you write |
/// | --- | --- |
/// | an executor of your own to start | [`Owned::new`](crate::Owned::new), and [`handle()`](crate::Owned::handle) on it |
/// | an executor around you | [`Wasm::try_current()`](Current::try_current) |
/// | nothing | [`Wasm::global()`] |
///
/// # Cost
///
/// 4 bytes. A future above 16 KiB is boxed first. On an owned executor, a task that is pending for the first time enters a list,
/// and leaves it when it ends.
///
/// # Runtimes
///
/// `spawn_blocking` runs its closure on the event loop, which stands still meanwhile: there is no other thread. There is no
/// `block_on`.
///
/// # Examples
///
/// ```no_run
/// use std::rc::Rc;
/// use anyrt_core::prelude::*;
/// use anyrt_wasm::Wasm;
///
/// let rt = Wasm::global();
/// let timer = rt.clone();
/// let word: Rc<str> = "moin".into();
/// rt.spawn_local_detached(async move {
///     timer.sleep(std::time::Duration::from_secs(1)).await;
///     println!("{word}");
/// });
/// ```
#[derive(Clone)]
pub struct Wasm {
    /// `None` stands for the page's executor.
    owned: Option<Arc<Closeable>>,
}

impl Wasm {
    /// Returns the handle of the page's executor, whose tasks run for as long as the page, the worker or the node process.
    ///
    /// # Cost
    ///
    /// Nothing. The first spawn makes the executor.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use anyrt_core::prelude::*;
    ///
    /// let rt = anyrt_wasm::Wasm::global();
    /// rt.spawn_detached(async { println!("on the event loop") });
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

    fn start<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let task = match &self.owned {
            None => PAGE.with(|page| page.spawn(future)),
            Some(executor) => executor.spawn(future),
        };
        task.map_or_else(Task::dead, Task::new)
    }
}

thread_local! {
    /// The executor of the page.
    static PAGE: Arc<Closeable> = {
        let executor = Arc::new(Closeable::new());
        Driver::start(executor.clone(), Wasm::global());
        executor
    };
}

impl Current for Wasm {
    /// Returns the handle of the owned executor whose task calls, and of the page's anywhere else.
    ///
    /// # Errors
    ///
    /// None: the page's executor is everywhere.
    fn try_current() -> Result<Self, NoRuntime> {
        Ok(here().unwrap_or(Self::global()))
    }
}

impl Spawn for Wasm {
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

impl SpawnLocal for Wasm {
    type LocalTask<T> = LocalTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let local = SendWrapper::new(Wrapped::new(future));
        JoinHandle::new(LocalTask::new(if const { size_of::<F>() > BIG } {
            self.start(Box::pin(local))
        } else {
            self.start(local)
        }))
    }
}

impl SpawnBlocking for Wasm {
    type BlockingTask<T: Send> = BlockingTask<T>;

    /// Runs `work` on the event loop, in a later turn.
    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        // On the page's executor, which is never closed: a closure runs exactly once.
        let task = PAGE.with(|page| page.spawn(async move { work() }));
        JoinHandle::new(BlockingTask::new(
            task.expect_throw("the page's executor is open"),
        ))
    }
}

impl Timer for Wasm {
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
        host::now()
    }

    #[inline]
    fn system_time(&self) -> SystemTime {
        host::system_time()
    }
}

impl fmt::Debug for Wasm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wasm").finish_non_exhaustive()
    }
}

thread_local! {
    /// The executor whose tasks are being run, the innermost where they are nested.
    static CURRENT: RefCell<Option<Wasm>> = const { RefCell::new(None) };
}

/// Makes a handle the current one, and the one before it again when it is dropped.
pub(crate) struct Scope {
    before: Option<Wasm>,
}

impl Scope {
    pub(crate) fn enter(handle: Wasm) -> Self {
        Self {
            before: CURRENT.replace(Some(handle)),
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        drop(CURRENT.replace(self.before.take()));
    }
}

/// The handle whose task calls, if one does.
pub(crate) fn here() -> Option<Wasm> {
    CURRENT.with_borrow(Clone::clone)
}
