use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use anyrt_shared::Closeable;

use crate::Wasm;
use crate::driver::Driver;
use crate::handle::{Scope, here};

/// An executor on the event loop whose tasks end with it, as those of a part of a page that is taken away.
///
/// It is no [`Launch`](anyrt_core::Launch): nothing can block on a future where the event loop is on the same thread.
///
/// # Cancellation
///
/// Dropping it drops its tasks: before it returns where no task is being polled, as in a callback of JavaScript's, and in a later
/// turn of the event loop where it is dropped in a task. Their destructors find it as the current runtime, on which a spawn drops
/// its future. Blocking closures that were submitted through its handles run on.
///
/// # Examples
///
/// ```no_run
/// use std::future::pending;
/// use anyrt_core::prelude::*;
/// use anyrt_wasm::Owned;
///
/// let rt = Owned::new();
/// let task = rt.handle().spawn(pending::<()>());
/// drop(rt);
/// assert!(task.is_finished());
/// ```
pub struct Owned {
    executor: Arc<Closeable>,
}

impl Owned {
    /// Makes an executor, which runs from now on.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use anyrt_core::prelude::*;
    ///
    /// let rt = anyrt_wasm::Owned::new();
    /// rt.handle().spawn_detached(async { println!("on the event loop") });
    /// ```
    pub fn new() -> Self {
        let executor = Arc::new(Closeable::new());
        Driver::start(executor.clone(), Wasm::new(executor.clone()));
        Self { executor }
    }

    /// Returns a handle to pass to libraries.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use anyrt_core::prelude::*;
    ///
    /// async fn answer<R: Runtime>(rt: R) -> u32 {
    ///     rt.spawn(async { 42 }).await.unwrap_or_default()
    /// }
    /// let rt = anyrt_wasm::Owned::new();
    /// rt.handle().spawn_detached(answer(rt.handle()));
    /// ```
    pub fn handle(&self) -> Wasm {
        Wasm::new(self.executor.clone())
    }
}

impl Default for Owned {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if !self.executor.close() || here().is_some() {
            // In a task, whose own future cannot be dropped now: the driver drops the tasks.
            return;
        }
        let _scope = Scope::enter(self.handle());
        // A panic here is one of a joiner's waker.
        while catch_unwind(AssertUnwindSafe(|| self.executor.drain())).is_err() {}
    }
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owned").finish_non_exhaustive()
    }
}
