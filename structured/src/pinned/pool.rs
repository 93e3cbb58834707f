use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle as Thread};

use anyrt_core::{Config, JoinHandle, Launch, LaunchError, SpawnLocal};

use super::task::PinnedTask;
use super::worker::{Parts, Queue};

/// In errors.
const POOL: &str = "PinnedPool";

/// Threads with a local runtime each, for futures that are not `Send` and are started from anywhere.
///
/// A `Send` closure makes the future on the thread where it runs, and the future stays there. Only its output crosses threads. It
/// is tokio-util's `LocalPoolHandle` for any local runtime.
///
/// # Contract
///
/// - A task is made, polled and dropped on one thread of the pool (`pinned::stays_on_its_thread`).
/// - A new task goes to the thread with the fewest tasks (`pinned::spreads_the_tasks`).
/// - A task keeps the rules of a task: panics are errors, an abort drops its future, and a handle that is dropped detaches it
///   (`pinned::task_rules_hold`).
/// - When the pool is dropped or shut down, its tasks are dropped and resolve *cancelled* (`pinned::shutdown_cancels`).
///
/// # Cancellation
///
/// Dropping the pool tells its threads to end, and waits for none. [`shutdown`](Self::shutdown) waits.
///
/// # Cost
///
/// One thread and one runtime for each worker, started by [`launch`](Self::launch). For each task, two local tasks and three
/// allocations.
///
/// # Runtimes
///
/// Any whose handle is a [`LocalRuntime`](anyrt_core::LocalRuntime). In a simulation, which has one thread, use local tasks.
///
/// # Examples
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_structured::PinnedPool;
///
/// let pool = PinnedPool::<anyrt_tokio::Local>::launch(2, Config::new())?;
/// let task = pool.spawn_pinned(|rt| async move {
///     let hits = Rc::new(Cell::new(0)); // not `Send`
///     let seen = hits.clone();
///     rt.spawn_local(async move { seen.set(42) }).await.map(|()| hits.get())
/// });
/// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
/// let hits = rt.block_on(task)??;
/// assert_eq!(hits, 42);
/// pool.shutdown();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PinnedPool<L: Launch> {
    workers: Vec<Worker<L::Handle>>,
}

struct Worker<H> {
    queue: Arc<Queue<H>>,
    thread: Option<Thread<()>>,
}

impl<L> PinnedPool<L>
where
    L: Launch<Handle: SpawnLocal> + 'static,
{
    /// Starts so many threads, with a runtime each that is launched from `config`.
    ///
    /// # Errors
    ///
    /// [`LaunchError`] when a runtime or a thread cannot be started. Those that were started end.
    ///
    /// # Panics
    ///
    /// When `threads` is zero.
    #[track_caller]
    pub fn launch(threads: usize, config: Config) -> Result<Self, LaunchError> {
        assert!(
            threads > 0,
            "`PinnedPool::launch` needs at least one thread"
        );
        let mut pool = Self {
            workers: Vec::new(),
        };
        for _ in 0..threads {
            pool.workers.push(start::<L>(config.clone())?);
        }
        Ok(pool)
    }

    /// Starts a task on one of the threads: there, `create` is called with the handle of the thread's runtime, and what it returns
    /// is run.
    #[track_caller]
    pub fn spawn_pinned<C, F>(&self, create: C) -> JoinHandle<PinnedTask<F::Output>>
    where
        C: FnOnce(L::Handle) -> F + Send + 'static,
        F: Future<Output: Send + 'static> + 'static,
    {
        let (task, finish) = PinnedTask::new();
        let least = self.workers.iter().min_by_key(|worker| worker.queue.load());
        let queue = &least.expect("at least one thread").queue;
        let parts = Parts {
            create,
            load: queue.count(),
            finish,
        };
        queue.push(Box::new(move |handle| parts.start(handle)));
        JoinHandle::new(task)
    }
}

impl<L: Launch> PinnedPool<L> {
    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.workers.len()
    }

    /// Ends the threads and drops their tasks, and waits until they are gone: blocks the calling thread. Inside async code, call it
    /// in a blocking closure.
    ///
    /// # Panics
    ///
    /// On a thread of the pool, which would wait for itself.
    pub fn shutdown(mut self) {
        self.close();
        for worker in &mut self.workers {
            if let Some(thread) = worker.thread.take() {
                assert!(
                    thread.thread().id() != std::thread::current().id(),
                    "`PinnedPool::shutdown` on a thread of the pool"
                );
                // A runtime that panicked while it ended has told the panic hook.
                drop(thread.join());
            }
        }
    }

    fn close(&self) {
        for worker in &self.workers {
            worker.queue.close();
        }
    }
}

impl<L: Launch> Drop for PinnedPool<L> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<L: Launch> fmt::Debug for PinnedPool<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinnedPool")
            .field("threads", &self.threads())
            .finish_non_exhaustive()
    }
}

/// Starts a thread with a runtime, and waits until it runs.
fn start<L>(config: Config) -> Result<Worker<L::Handle>, LaunchError>
where
    L: Launch<Handle: SpawnLocal> + 'static,
{
    let queue = Arc::new(Queue::new());
    let served = queue.clone();
    let (started, start) = sync_channel(1);
    let thread = Builder::new().name("anyrt-pinned".to_owned());
    let thread = thread.spawn(move || {
        let rt = match L::launch(config) {
            Ok(rt) => rt,
            Err(error) => return drop(started.send(Some(error))),
        };
        drop(started.send(None));
        rt.block_on(served.serve(&rt.handle()));
    });
    let thread =
        thread.map_err(|error| LaunchError::system(POOL, "start a pinned thread", error))?;
    match start.recv() {
        Ok(None) => Ok(Worker {
            queue,
            thread: Some(thread),
        }),
        Ok(Some(error)) => Err(error),
        Err(_) => Err(LaunchError::unusable(
            POOL,
            "the runtime of a thread panicked while it was launched",
        )),
    }
}
