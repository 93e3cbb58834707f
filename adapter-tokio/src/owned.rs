use std::fmt;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use anyrt_core::{BlockOn, Config, ConfigOption, Flavor, Launch, LaunchError};

use crate::Tokio;
use crate::handle::RUNTIME;

const HONOURED: &[ConfigOption] = &[
    ConfigOption::Flavor,
    ConfigOption::WorkerThreads,
    ConfigOption::ThreadName,
    ConfigOption::ThreadStackSize,
    ConfigOption::MaxBlockingThreads,
    ConfigOption::ThreadKeepAlive,
    ConfigOption::EventInterval,
    ConfigOption::GlobalQueueInterval,
    ConfigOption::MaxIoEventsPerTick,
];

/// A tokio runtime that the program starts, drives and shuts down: multi-threaded unless
/// [`Config::flavor`] says current-thread.
///
/// Timers are enabled, and so are sockets and signals where tokio has them: with the features `net` and `signal` of this crate, or
/// tokio's own. Every option of [`Config`] is honoured.
///
/// # Cancellation
///
/// Dropping it drops its tasks. Outside async code it waits until its threads have ended, and with them every blocking
/// closure that runs; [`shutdown`](Launch::shutdown) limits that wait. Inside async code of a tokio runtime it returns at
/// once, and the rest happens in the background. Closures that are still in the queue are dropped unrun, and resolve
/// *cancelled*. A grace of zero does not wait for the workers either, so that tasks may be dropped a moment later.
///
/// # Errors
///
/// [`launch`](Launch::launch) says which option was refused, or what the system refused. Of worker threads tokio itself
/// panics: where the first one is refused, the panic hook prints a line and the error follows; where a later one is, tokio
/// waits for ever for those that it has started.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics inside async code of any tokio runtime: "Cannot start a runtime from within a
/// runtime."
///
/// # Runtimes
///
/// A multi-thread runtime starts its worker threads at launch: as many as processors, unless `worker_threads` says
/// otherwise. A current-thread one starts none, polls only inside [`block_on`](BlockOn::block_on), and refuses
/// `worker_threads`. Both start the threads of the blocking pool on use.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{Config, Flavor, prelude::*};
/// use anyrt_tokio::Owned;
///
/// let rt = Owned::launch(Config::new().flavor(Flavor::CurrentThread))?;
/// let task = rt.handle().spawn(async { 42 });
/// assert_eq!(rt.block_on(task)?, 42);
/// rt.shutdown(Duration::from_secs(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Owned {
    /// `None` only while it is dropped or shut down.
    runtime: Option<tokio::runtime::Runtime>,
    handle: Tokio,
}

impl Launch for Owned {
    type Handle = Tokio;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check(RUNTIME, HONOURED)?;
        let mut builder = match config.flavor {
            Some(Flavor::CurrentThread) => tokio::runtime::Builder::new_current_thread(),
            _ => multi_thread(&config),
        };
        configure(&mut builder, config);
        // tokio panics where the system refuses a worker thread.
        let runtime = catch_unwind(AssertUnwindSafe(|| builder.build()))
            .unwrap_or_else(|_| Err(io::Error::other("the system refused a worker thread")))
            .map_err(|error| LaunchError::system(RUNTIME, "start its runtime", error))?;
        Ok(Self {
            handle: Tokio::new(runtime.handle().clone()),
            runtime: Some(runtime),
        })
    }

    fn handle(&self) -> Tokio {
        self.handle.clone()
    }

    fn shutdown(mut self, grace: Duration) {
        if let Some(runtime) = self.runtime.take() {
            if is_inside() {
                runtime.shutdown_background();
            } else {
                runtime.shutdown_timeout(grace);
            }
        }
    }
}

impl BlockOn for Owned {
    #[inline]
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.runtime {
            Some(runtime) => runtime.block_on(future),
            None => unreachable!("the runtime is taken only by `shutdown` and `drop`"),
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // tokio's own drop blocks, and panics where blocking is not allowed.
            if is_inside() {
                runtime.shutdown_background();
            }
        }
    }
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owned").finish_non_exhaustive()
    }
}

fn multi_thread(config: &Config) -> tokio::runtime::Builder {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = config.threads() {
        builder.worker_threads(threads);
    }
    builder
}

/// Applies the options that every flavour has.
pub(crate) fn configure(builder: &mut tokio::runtime::Builder, config: Config) {
    builder.enable_all();
    if let Some(name) = config.thread_name {
        builder.thread_name(name);
    }
    if let Some(bytes) = config.thread_stack_size {
        builder.thread_stack_size(bytes);
    }
    if let Some(threads) = config.max_blocking_threads {
        builder.max_blocking_threads(threads);
    }
    if let Some(duration) = config.thread_keep_alive {
        builder.thread_keep_alive(duration);
    }
    if let Some(polls) = config.event_interval {
        builder.event_interval(polls);
    }
    if let Some(polls) = config.global_queue_interval {
        builder.global_queue_interval(polls);
    }
    if let Some(events) = config.max_io_events_per_tick {
        builder.max_io_events_per_tick(events);
    }
}

/// Tells whether the caller runs inside a tokio runtime, where dropping one must not block.
pub(crate) fn is_inside() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}
