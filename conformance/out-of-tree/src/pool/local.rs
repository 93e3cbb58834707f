use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::mem::take;
use std::time::Duration;

use anyrt_core::{
    BlockOn, Config, Current, Instant, JoinHandle, Launch, LaunchError, NoRuntime, SpawnBlocking,
    SpawnLocal, Timer,
};
use futures::FutureExt;
use futures::StreamExt;
use futures::executor;
use futures::future::{AbortHandle, abortable};
use futures::stream::FuturesUnordered;
use futures::task::LocalSpawnExt;

use super::blocking::Blocking;
use super::sleep::DelaySleep;
use crate::{Run, Task};

/// An [`executor::LocalPool`], driven by its own `block_on`, with a pool of threads for blocking closures beside it.
///
/// It starts 8 threads named `futures-block-N`, and one for the timers of the process.
pub struct LocalPool {
    tasks: RefCell<executor::LocalPool>,
    handle: LocalHandle,
}

impl Launch for LocalPool {
    type Handle = LocalHandle;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check("futures", &[])?;
        let blocking = Blocking::new()
            .map_err(|error| LaunchError::system("futures", "start a thread", error))?;
        let tasks = executor::LocalPool::new();
        let spawner = tasks.spawner();
        Ok(Self {
            tasks: RefCell::new(tasks),
            handle: LocalHandle { spawner, blocking },
        })
    }

    fn handle(&self) -> LocalHandle {
        self.handle.clone()
    }

    fn shutdown(self, _: Duration) {}
}

impl BlockOn for LocalPool {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let Ok(mut tasks) = self.tasks.try_borrow_mut() else {
            panic!("cannot block on a future inside the same `LocalPool`")
        };
        // A stream of its own polls the root only when the root was woken.
        let mut root = FuturesUnordered::from_iter([future]);
        let _before = self.handle.enter();
        let output = tasks.run_until(root.next());
        output.expect("a stream of one future has one output")
    }
}

/// The destructors of its tasks find the pool.
impl Drop for LocalPool {
    fn drop(&mut self) {
        let _before = self.handle.enter();
        drop(take(self.tasks.get_mut()));
    }
}

thread_local! {
    /// The pool that blocks this thread, or drops its tasks on it.
    static CURRENT: RefCell<Option<LocalHandle>> = const { RefCell::new(None) };
}

/// What was current before a pool was entered, and is again when this is dropped.
struct Before(Option<LocalHandle>);

impl Drop for Before {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

impl Current for LocalHandle {
    fn try_current() -> Result<Self, NoRuntime> {
        let way_out = "call it inside `LocalPool::block_on`, or pass a handle in";
        let missing = NoRuntime::new("futures", "LocalHandle::try_current", way_out);
        let current = CURRENT.try_with(|it| it.borrow().clone());
        current.ok().flatten().ok_or(missing)
    }
}

/// Spawns on its [`LocalPool`], and does not keep it alive.
#[derive(Clone)]
pub struct LocalHandle {
    spawner: executor::LocalSpawner,
    blocking: Blocking,
}

impl LocalHandle {
    /// Makes this the current one; nothing is while a thread that ends drops its variables.
    fn enter(&self) -> Option<Before> {
        let entered = CURRENT.try_with(|it| it.replace(Some(self.clone())));
        entered.ok().map(Before)
    }
}

impl SpawnLocal for LocalHandle {
    type LocalTask<T> = Task<T, AbortHandle>;

    fn spawn_local<F>(&self, future: F) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let (run, join) = Run::of(future);
        let (future, stop) = abortable(run);
        // On a pool that is gone the future is dropped, which cancels it.
        self.spawner.spawn_local(future.map(drop)).ok();
        JoinHandle::new(Task { join, stop })
    }
}

impl SpawnBlocking for LocalHandle {
    type BlockingTask<T: Send> = Task<T, ()>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.blocking.spawn(work)
    }
}

impl Timer for LocalHandle {
    type Sleep = DelaySleep;

    fn sleep(&self, duration: Duration) -> DelaySleep {
        DelaySleep::new(self.now().checked_add(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> DelaySleep {
        DelaySleep::new(Some(deadline))
    }

    fn now(&self) -> Instant {
        Instant::now()
    }
}

impl fmt::Debug for LocalPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalPool")
    }
}

impl fmt::Debug for LocalHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalHandle")
    }
}
