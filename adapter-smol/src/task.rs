use anyrt_shared::Contained;
use async_task::FallibleTask;

/// A task of smol's, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cost
///
/// 16 bytes: async-task's own handle, and a word for its state. `abort` allocates twice, the first `abort_handle` three times.
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinHandle, prelude::*};
/// use anyrt_smol::{Smol, Task};
///
/// let rt = Smol::global();
/// let task: JoinHandle<Task<u32>> = rt.spawn(async { 42 });
/// assert_eq!(rt.block_on(task)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type Task<T> = anyrt_shared::Task<FallibleTask<Contained<T>>>;
