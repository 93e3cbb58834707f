use anyrt_shared::Contained;
use async_task::FallibleTask;

/// A blocking closure on its way through the pool of the process, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cancellation
///
/// None: a closure that was submitted runs exactly once, whatever happens to its handle, and an abort has no effect
/// (`blocking::abort_has_no_effect`).
///
/// # Cost
///
/// The pool is that of the crate `blocking`, not compio's own, which loses panics.
///
/// # Runtimes
///
/// If the system refuses a thread while the pool has none, `spawn_blocking` does not return until one is granted, and keeps a
/// processor busy. If the pool has threads, their number becomes its limit for as long as the process, and the closure waits
/// for one of them.
///
/// # Examples
///
/// ```
/// use anyrt_compio::{BlockingTask, Local};
/// use anyrt_core::{Config, JoinHandle, prelude::*};
///
/// let rt = Local::launch(Config::new())?;
/// let mut task: JoinHandle<BlockingTask<u32>> = rt.handle().spawn_blocking(|| 42);
/// task.abort();
/// assert_eq!(rt.block_on(task)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type BlockingTask<T> = anyrt_shared::BlockingTask<FallibleTask<Contained<T>>>;
