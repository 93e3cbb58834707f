use anyrt_shared::Contained;
use async_task::FallibleTask;

/// A task on the event loop, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cost
///
/// 8 bytes: async-task's own handle, and a word for its state. `abort` allocates twice, the first `abort_handle` three times.
///
/// # Examples
///
/// ```no_run
/// use anyrt_core::{JoinHandle, prelude::*};
/// use anyrt_wasm::{Task, Wasm};
///
/// let task: JoinHandle<Task<u32>> = Wasm::global().spawn(async { 42 });
/// ```
pub type Task<T> = anyrt_shared::Task<FallibleTask<Contained<T>>>;
