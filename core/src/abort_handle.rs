use std::fmt;
use std::sync::Arc;

/// Aborts one task, from any thread, any number of times; made by [`JoinHandle::abort_handle`](crate::JoinHandle::abort_handle).
///
/// Cloning it gives another handle to the same task. It keeps neither the task's future nor its output alive, and it
/// outlives the runtime: aborting a task that is finished or gone does nothing (`abort::handles_are_clonable_and_pin_nothing`).
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_core::AbortHandle;
///
/// /// Keeps the last few requests, and can stop them all.
/// #[derive(Default)]
/// struct InFlight(Vec<AbortHandle>);
///
/// impl InFlight {
///     fn start<R: Runtime>(&mut self, rt: &R) {
///         let mut task = rt.spawn(std::future::pending::<()>());
///         self.0.push(task.abort_handle());
///     }
///     fn stop_all(&self) {
///         self.0.iter().for_each(AbortHandle::abort);
///     }
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # let mut requests = InFlight::default();
/// # requests.start(&rt.handle());
/// # requests.stop_all();
/// ```
#[derive(Clone)]
pub struct AbortHandle(Arc<dyn Fn() + Send + Sync>);

impl AbortHandle {
    /// Makes a handle of whatever stops the task on a runtime. Adapters call this.
    ///
    /// `abort` must be idempotent, must not block, and must hold neither the task's future nor its output.
    ///
    /// # Cost
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use std::sync::Arc;
    /// use anyrt_core::AbortHandle;
    ///
    /// let stopped = Arc::new(AtomicBool::new(false));
    /// let flag = stopped.clone();
    /// let handle = AbortHandle::new(move || flag.store(true, Ordering::Release));
    /// handle.clone().abort();
    /// assert!(stopped.load(Ordering::Acquire));
    /// ```
    pub fn new(abort: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(abort))
    }

    /// Asks the task to stop at its next await at the latest, and returns at once.
    pub fn abort(&self) {
        (self.0)();
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle").finish_non_exhaustive()
    }
}
