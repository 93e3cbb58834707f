/// A local task, as [`JoinHandle`](anyrt_core::JoinHandle) holds it.
///
/// # Cost
///
/// One allocation for the task. `abort` allocates twice; the first `abort_handle` allocates three times and starts a small task.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_compio::{Local, LocalTask};
/// use anyrt_core::{Config, JoinHandle, prelude::*};
///
/// let rt = Local::launch(Config::new())?;
/// let task: JoinHandle<LocalTask<Rc<u32>>> = rt.handle().spawn_local(async { Rc::new(42) });
/// assert_eq!(*rt.block_on(task)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type LocalTask<T> = anyrt_shared::LocalTask<T>;
