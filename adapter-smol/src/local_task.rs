/// A local task of smol's, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cost
///
/// 24 bytes: async-task's own handle, a word for its state, and the way back to the executor. `abort` allocates twice; the
/// first `abort_handle` allocates three times and starts a small task.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::{Config, JoinHandle, prelude::*};
/// use anyrt_smol::{Local, LocalTask};
///
/// let rt = Local::launch(Config::new())?;
/// let task: JoinHandle<LocalTask<Rc<u32>>> = rt.handle().spawn_local(async { Rc::new(42) });
/// assert_eq!(*rt.block_on(task)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type LocalTask<T> = anyrt_shared::LocalTask<T>;
