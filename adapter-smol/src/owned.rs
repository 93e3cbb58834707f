use std::fmt;
use std::future::Future;
use std::io;
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyrt_core::{BlockOn, Config, ConfigOption, Flavor, Instant, Launch, LaunchError};
use anyrt_shared::Closeable;

use crate::Smol;
use crate::handle::{Place, RUNTIME, Scope, is_inside};

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
/// under way; [`shutdown`](Launch::shutdown) limits that wait, and a task whose poll is stuck is dropped when that poll
/// ends. Inside async code of smol's it returns at once, and the workers drop the tasks. Dropping it does not wait for blocking
/// closures: they run on in the process's pool. [`shutdown`](Launch::shutdown) waits, at most its grace, for those that were
/// submitted through its handles, unless it is called inside a blocking closure itself.
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
    executor: Arc<Closeable>,
    running: Arc<Running>,
    handle: Smol,
    workers: Vec<thread::JoinHandle<()>>,
}

impl Launch for Owned {
    type Handle = Smol;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check(RUNTIME, HONOURED)?;
        config.check_flavor(RUNTIME, Flavor::MultiThread)?;
        let threads = config
            .threads()
            .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
        let executor = Arc::new(Closeable::new());
        let mut owned = Self {
            handle: Smol::new(executor.clone()),
            executor,
            running: Arc::default(),
            workers: Vec::new(),
        };
        for number in 1..=threads {
            // On an error the drop of `owned` joins those that were started.
            let (executor, running) = (owned.executor.clone(), owned.running.clone());
            let worker = start_worker(&config, number, executor, running)
                .map_err(|error| LaunchError::system(RUNTIME, "start a worker thread", error))?;
            owned.workers.push(worker);
        }
        Ok(owned)
    }

    fn handle(&self) -> Smol {
        self.handle.clone()
    }

    fn shutdown(mut self, grace: Duration) {
        let began = Instant::now();
        self.stop(grace);
        if !is_inside() {
            let closures = self.executor.closures();
            closures.wait(grace.saturating_sub(began.elapsed()));
        }
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
        if !self.executor.close() {
            return;
        }
        let workers = take(&mut self.workers);
        if is_inside() {
            // The workers drop the tasks, and end.
            return;
        }
        if self.running.wait(grace) {
            for worker in workers {
                // Nothing is left to it but its end; a panic was caught inside.
                worker.join().ok();
            }
            return;
        }
        // A worker is stuck in a poll or in a destructor. It drops the rest when it returns; what it took and does not run is
        // dropped now.
        let _scope = Scope::enter(Place::Worker(self.handle.clone()));
        // A panic here is one of a joiner's waker.
        while catch_unwind(AssertUnwindSafe(|| self.executor.drain())).is_err() {}
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

/// Counts the workers that have not ended.
#[derive(Default)]
struct Running {
    workers: Mutex<usize>,
    changed: Condvar,
}

impl Running {
    fn update(&self, change: impl FnOnce(&mut usize)) {
        change(&mut self.workers.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until all workers have ended, and tells whether they have.
    fn wait(&self, grace: Duration) -> bool {
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let workers = self
            .changed
            .wait_timeout_while(workers, grace, |workers| *workers > 0);
        *workers.unwrap_or_else(PoisonError::into_inner).0 == 0
    }
}

fn start_worker(
    config: &Config,
    number: usize,
    executor: Arc<Closeable>,
    running: Arc<Running>,
) -> io::Result<thread::JoinHandle<()>> {
    let name = config.thread_name.clone();
    let mut builder =
        thread::Builder::new().name(name.unwrap_or_else(|| format!("anyrt-smol-{number}")));
    if let Some(bytes) = config.thread_stack_size {
        builder = builder.stack_size(bytes);
    }
    let starting = running.clone();
    starting.update(|workers| *workers += 1);
    let started = builder.spawn(move || run_worker(executor, &running));
    if started.is_err() {
        starting.update(|workers| *workers -= 1);
    }
    started
}

fn run_worker(executor: Arc<Closeable>, running: &Running) {
    let scope = Scope::enter(Place::Worker(Smol::new(executor.clone())));
    // async-task catches what tasks do; this is for wakers that panic.
    while catch_unwind(AssertUnwindSafe(|| async_io::block_on(executor.run()))).is_err() {}
    drop((scope, executor));
    running.update(|workers| *workers -= 1);
}
