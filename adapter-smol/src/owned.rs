use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use anyrt_async_task::Guarded;
use anyrt_core::{BlockOn, Config, ConfigOption, Flavor, Launch, LaunchError};
use async_executor::Executor;

use crate::handle::{Place, RUNTIME, Scope, is_inside};
use crate::{Smol, Task};

const HONOURED: &[ConfigOption] = &[
    ConfigOption::Flavor,
    ConfigOption::WorkerThreads,
    ConfigOption::ThreadName,
    ConfigOption::ThreadStackSize,
];

/// A smol executor with worker threads of its own, which the program starts, drives and shuts down.
///
/// # Cancellation
///
/// Dropping it drops its tasks. Outside async code it waits until its threads have ended, and with them every poll that is
/// under way; [`shutdown`](Launch::shutdown) limits that wait, and what a thread that is stuck in a poll still has to drop is
/// dropped when it ends. Inside async code of smol's it returns at once, and the last worker drops the tasks. Blocking
/// closures belong to the process and are not waited for.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics on a thread that runs an executor: "cannot block on a future on a smol executor's
/// thread".
///
/// # Runtimes
///
/// It starts its worker threads at launch: as many as processors, unless `worker_threads` says otherwise, named
/// `anyrt-smol-1` and so on, unless `thread_name` does. For one that polls on the calling thread, see [`Local`](crate::Local).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_smol::Owned;
///
/// let rt = Owned::launch(Config::new().worker_threads(2))?;
/// let task = rt.handle().spawn(async { 42 });
/// assert_eq!(rt.block_on(task)?, 42);
/// rt.shutdown(Duration::from_secs(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Owned {
    shared: Arc<Shared>,
    handle: Smol,
    workers: Vec<thread::JoinHandle<()>>,
}

impl Launch for Owned {
    type Handle = Smol;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check(RUNTIME, HONOURED)?;
        if !matches!(config.flavor, None | Some(Flavor::MultiThread)) {
            return Err(LaunchError::invalid(
                RUNTIME,
                ConfigOption::Flavor,
                "must be multi-thread, or unset: for the other one launch `anyrt_smol::Local`",
            ));
        }
        if config
            .thread_name
            .as_ref()
            .is_some_and(|name| name.contains('\0'))
        {
            return Err(LaunchError::invalid(
                RUNTIME,
                ConfigOption::ThreadName,
                "must not contain a zero byte",
            ));
        }
        let threads = config
            .worker_threads
            .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
        let executor = Arc::new(Executor::new());
        let shared = Arc::new(Shared {
            executor: RwLock::new(Some(executor.clone())),
            stop: Stop::default(),
        });
        let mut owned = Self {
            handle: Smol::new(shared.clone()),
            shared,
            workers: Vec::new(),
        };
        for number in 1..=threads {
            // On an error the drop of `owned` joins those that were started.
            let worker = start_worker(&config, number, owned.shared.clone(), executor.clone())
                .map_err(|error| LaunchError::system(RUNTIME, "start a worker thread", error))?;
            owned.workers.push(worker);
        }
        Ok(owned)
    }

    fn handle(&self) -> Smol {
        self.handle.clone()
    }

    fn shutdown(mut self, grace: Duration) {
        self.stop(grace);
    }
}

impl BlockOn for Owned {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle.block_on(future)
    }
}

impl Owned {
    /// Idempotent, because `drop` comes after `shutdown`.
    fn stop(&mut self, grace: Duration) {
        let executor = self.shared.executor.write();
        let Some(executor) = executor.unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        let workers = take(&mut self.workers);
        if is_inside() {
            // The workers still have it, and the last one drops the tasks.
            drop(executor);
            self.shared.stop.request();
            return;
        }
        self.shared.stop.request();
        if self.shared.stop.wait(grace) {
            for worker in workers {
                // Nothing is left to it but its end; a panic was caught inside.
                worker.join().ok();
            }
        }
        drop(executor);
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.stop(Duration::MAX);
    }
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owned").finish_non_exhaustive()
    }
}

/// What the handles of an owned executor share with its workers.
pub(crate) struct Shared {
    /// Taken out by the shutdown, so that the handles in its tasks are no cycle.
    executor: RwLock<Option<Arc<Executor<'static>>>>,
    stop: Stop,
}

impl Shared {
    #[inline]
    pub(crate) fn start<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let future = Guarded::new(future);
        let executor = self.executor.read().unwrap_or_else(PoisonError::into_inner);
        match &*executor {
            Some(executor) => Task::new(executor.spawn(future).fallible()),
            None => {
                // Its destructor may spawn.
                drop(executor);
                drop(future);
                Task::dead()
            }
        }
    }
}

/// The request to stop, and the count of those that have not yet.
#[derive(Default)]
struct Stop {
    requested: AtomicBool,
    wakers: Mutex<Vec<Waker>>,
    alive: Mutex<usize>,
    gone: Condvar,
}

impl Stop {
    fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        let wakers = take(&mut *self.wakers.lock().unwrap_or_else(PoisonError::into_inner));
        for waker in wakers {
            waker.wake();
        }
    }

    async fn requested(&self) {
        let mut is_registered = false;
        poll_fn(|cx| {
            if !is_registered {
                // The waker of a `block_on` stays the same, so that a later poll takes no lock.
                is_registered = true;
                let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
                wakers.push(cx.waker().clone());
            }
            if self.requested.load(Ordering::SeqCst) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    fn count(&self, change: impl FnOnce(&mut usize)) {
        change(&mut self.alive.lock().unwrap_or_else(PoisonError::into_inner));
        self.gone.notify_all();
    }

    /// Waits until all workers are gone, and tells whether they are.
    fn wait(&self, grace: Duration) -> bool {
        let alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        let alive = self
            .gone
            .wait_timeout_while(alive, grace, |alive| *alive > 0);
        *alive.unwrap_or_else(PoisonError::into_inner).0 == 0
    }
}

fn start_worker(
    config: &Config,
    number: usize,
    shared: Arc<Shared>,
    executor: Arc<Executor<'static>>,
) -> io::Result<thread::JoinHandle<()>> {
    let name = config.thread_name.clone();
    let mut builder =
        thread::Builder::new().name(name.unwrap_or_else(|| format!("anyrt-smol-{number}")));
    if let Some(bytes) = config.thread_stack_size {
        builder = builder.stack_size(bytes);
    }
    let starting = shared.clone();
    starting.stop.count(|alive| *alive += 1);
    let started = builder.spawn(move || work(shared, executor));
    if started.is_err() {
        starting.stop.count(|alive| *alive -= 1);
    }
    started
}

fn work(shared: Arc<Shared>, executor: Arc<Executor<'static>>) {
    let scope = Scope::enter(Place::Worker(Smol::new(shared.clone())));
    let run = || async_io::block_on(executor.run(shared.stop.requested()));
    // The executor catches what tasks do; this is for wakers that panic.
    while catch_unwind(AssertUnwindSafe(run)).is_err() {}
    // Perhaps the last one, which then drops the tasks.
    catch_unwind(AssertUnwindSafe(|| drop(executor))).ok();
    drop(scope);
    shared.stop.count(|alive| *alive -= 1);
}
