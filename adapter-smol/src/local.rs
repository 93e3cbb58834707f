use std::cell::RefCell;
use std::thread::LocalKey;

use anyrt_shared::{AsyncIo, LocalFamily};

use crate::handle::refuse_to_block;

/// A single-threaded smol executor for tasks that are not `Send`, driven by its own [`block_on`](anyrt_core::BlockOn::block_on).
///
/// It starts no threads, but those of the process-wide blocking pool on use. Tasks move only inside `block_on`, on the thread
/// that launched the runtime.
///
/// # Cancellation
///
/// Dropping it drops its tasks, on this thread and before it returns. Their destructors find it as the current runtime, on
/// which a spawn drops its future. It does not wait for blocking closures; [`shutdown`](anyrt_core::Launch::shutdown) waits at
/// most its grace for those that were submitted through its handles. Inside its own `block_on` both return at once, and the
/// tasks are dropped when that ends.
///
/// # Panics
///
/// [`block_on`](anyrt_core::BlockOn::block_on) panics on a thread that runs an executor: "cannot block on a future on a smol executor's
/// thread". Inside another `block_on`, also its own, it works.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_smol::Local;
///
/// let rt = Local::launch(Config::new())?;
/// let word: Rc<str> = "moin".into();
/// let task = rt.handle().spawn_local(async move { word.len() });
/// assert_eq!(rt.block_on(task)?, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type Local = anyrt_shared::Local<Family>;

/// A handle that carries its [`Local`] runtime, for the tasks on it and the code around it.
///
/// It stays on the runtime's thread, and does not keep the runtime alive: on a runtime that is gone, futures are dropped and
/// their tasks resolve *cancelled*. Blocking closures and sleeps belong to the process and work on.
///
/// # Panics
///
/// [`block_on`](anyrt_core::BlockOn::block_on) panics when the runtime is gone, and on a thread that runs an executor.
///
/// # Cost
///
/// 8 bytes. A spawn looks whether the runtime is still there.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_smol::{Local, LocalHandle};
///
/// let rt = Local::launch(Config::new())?;
/// let answer = rt.block_on(async {
///     let here = LocalHandle::try_current()?;
///     Ok::<_, Box<dyn std::error::Error>>(here.spawn_local(async { 42 }).await?)
/// });
/// assert_eq!(answer?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type LocalHandle = anyrt_shared::LocalHandle<Family>;

/// What makes a shared local runtime one of smol's.
#[derive(Debug)]
pub struct Family(());

impl LocalFamily for Family {
    const RUNTIME: &'static str = "smol local";
    type Driver = AsyncIo;

    #[track_caller]
    fn refuse_to_block() {
        refuse_to_block();
    }

    fn current() -> &'static LocalKey<RefCell<Option<LocalHandle>>> {
        &CURRENT
    }
}

thread_local! {
    /// The local runtime that is driven on this thread, the innermost where they are nested.
    static CURRENT: RefCell<Option<LocalHandle>> = const { RefCell::new(None) };
}
