use anyrt_shared::Contained;
use async_task::FallibleTask;

/// A blocking closure on its way through the page's executor, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cancellation
///
/// None: a closure that was submitted runs exactly once, whatever happens to its handle, and an abort has no effect
/// (`blocking::abort_has_no_effect`).
///
/// # Cost
///
/// 8 bytes: async-task's own handle, and a word for its state.
///
/// # Runtimes
///
/// The closure runs on the event loop, in a later turn than the call, and everything stands still until it returns: tasks, timers
/// and the page.
///
/// # Examples
///
/// ```no_run
/// use anyrt_core::{JoinHandle, prelude::*};
/// use anyrt_wasm::{BlockingTask, Wasm};
///
/// let task: JoinHandle<BlockingTask<u32>> = Wasm::global().spawn_blocking(|| 42);
/// ```
pub type BlockingTask<T> = anyrt_shared::BlockingTask<FallibleTask<Contained<T>>>;
