use std::cell::RefCell;
use std::thread::LocalKey;

use anyrt_shared::LocalFamily;

use crate::Driver;
use crate::around::around;
use crate::driver::{RUNTIME, is_ticking};

/// A single-threaded runtime for tasks that are not `Send`, whose thread waits in compio's driver: io_uring where the system has
/// it, its poller otherwise.
///
/// Its tasks run on anyrt's local executor inside [`block_on`](anyrt_core::BlockOn::block_on), on the thread that launched the
/// runtime. They and the root future may use everything that needs a compio runtime: its files, sockets and timers, and its own
/// `spawn`, whose tasks run beside them.
///
/// It starts no threads, but those of the process-wide blocking pool on use.
///
/// # Cancellation
///
/// Dropping it drops its tasks, on this thread and before it returns, and then those that were spawned on compio itself. The
/// tasks' destructors find it as the current runtime, on which a spawn drops its future. It does not wait for blocking closures;
/// [`shutdown`](anyrt_core::Launch::shutdown) waits at most its grace for those that were submitted through its handles. Inside
/// its own `block_on` both return at once, and the tasks are dropped when that ends.
///
/// # Panics
///
/// [`block_on`](anyrt_core::BlockOn::block_on) panics inside a task that was spawned on compio itself: "cannot block on a future
/// inside a task of compio". Inside another `block_on`, also its own, it works.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_compio::Local;
/// use anyrt_core::{Config, prelude::*};
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
/// [`try_current`](anyrt_core::Current::try_current) finds it also in a program that started compio itself, with
/// `compio_runtime::Runtime::block_on` or `#[compio::main]`. Its tasks then run in one task of compio's, which the first look-up
/// starts, and end with that runtime.
///
/// It stays on the runtime's thread, and does not keep the runtime alive: on a runtime that is gone, futures are dropped, their
/// tasks resolve *cancelled*, and sleeps panic when they are polled. Blocking closures belong to the process and work on.
///
/// # Panics
///
/// [`block_on`](anyrt_core::BlockOn::block_on) panics when the runtime is gone, inside a task of compio's own, and for a runtime
/// that the program started outside of it.
///
/// # Cost
///
/// 8 bytes. A spawn looks whether the runtime is still there.
///
/// # Examples
///
/// ```
/// use anyrt_compio::{Local, LocalHandle};
/// use anyrt_core::{Config, prelude::*};
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

/// What makes a shared local runtime one of compio's.
#[derive(Debug)]
pub struct Family(());

impl LocalFamily for Family {
    const RUNTIME: &'static str = RUNTIME;
    type Driver = Driver;

    #[track_caller]
    fn refuse_to_block() {
        if is_ticking() {
            panic!(
                "cannot block on a future inside a task of compio: spawn it through a handle of `anyrt_compio::Local`, or await it"
            );
        }
    }

    fn current() -> &'static LocalKey<RefCell<Option<LocalHandle>>> {
        &CURRENT
    }

    fn around() -> Option<LocalHandle> {
        around()
    }
}

thread_local! {
    /// The local runtime that is driven on this thread, the innermost where they are nested.
    static CURRENT: RefCell<Option<LocalHandle>> = const { RefCell::new(None) };
}
