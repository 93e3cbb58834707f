use alloc::sync::Arc;
use core::fmt;

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
pub struct AbortHandle(Arc<dyn Abort>);

impl AbortHandle {
    /// Makes a handle of what a runtime has to stop a task with. Adapters call this.
    ///
    /// `abort` must be idempotent and must not block. `is_finished` must not block either, and must not say `true` before the
    /// task's future was dropped. `task` must hold neither the task's future nor its output.
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
    /// #[derive(Default)]
    /// struct Flags { stop: AtomicBool, stopped: AtomicBool }
    ///
    /// let flags = Arc::new(Flags::default());
    /// let handle = AbortHandle::new(
    ///     flags.clone(),
    ///     |flags| flags.stop.store(true, Ordering::Release),
    ///     |flags| flags.stopped.load(Ordering::Acquire),
    /// );
    /// handle.abort();
    /// assert!(flags.stop.load(Ordering::Acquire));
    /// assert!(!handle.is_finished());
    /// ```
    pub fn new<S>(
        task: S,
        abort: impl Fn(&S) + Send + Sync + 'static,
        is_finished: impl Fn(&S) -> bool + Send + Sync + 'static,
    ) -> Self
    where
        S: Send + Sync + 'static,
    {
        Self(Arc::new(Parts {
            task,
            abort,
            is_finished,
        }))
    }

    /// Asks the task to stop at its next await at the latest, and returns at once.
    ///
    /// It does the same as [`JoinHandle::abort`](crate::JoinHandle::abort), by `&self` and from any thread. A task that has ended, or
    /// whose runtime is gone, is left alone. A blocking closure runs on.
    ///
    /// # Cost
    ///
    /// No allocation. It may take a lock that the join handle takes as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// async fn first_wins<R: Runtime>(rt: &R) -> u32 {
    ///     let mut slow = rt.spawn(std::future::pending::<u32>());
    ///     let stop = slow.abort_handle();
    ///     let fast = rt.spawn(async move {
    ///         stop.abort();
    ///         42
    ///     });
    ///     assert!(slow.await.is_err());
    ///     fast.await.unwrap_or_default()
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(first_wins(&rt.handle())), 42);
    /// ```
    pub fn abort(&self) {
        self.0.abort();
    }

    /// Tells whether the task is known to have ended: its future is gone, and an abort does nothing more.
    ///
    /// `true` is final. It is `true` once the task's [`JoinHandle`](crate::JoinHandle) has resolved (`abort::handle_knows_the_end`). Before that it may still say
    /// `false` of a task that has just ended: some runtimes learn of the end only when it is joined.
    ///
    /// # Cost
    ///
    /// No allocation. Some runtimes take a lock that the join handle takes as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::AbortHandle;
    ///
    /// /// Forgets the requests that have ended.
    /// fn tidy(in_flight: &mut Vec<AbortHandle>) {
    ///     in_flight.retain(|request| !request.is_finished());
    /// }
    /// ```
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle").finish_non_exhaustive()
    }
}

trait Abort: Send + Sync {
    fn abort(&self);
    fn is_finished(&self) -> bool;
}

struct Parts<S, A, F> {
    task: S,
    abort: A,
    is_finished: F,
}

impl<S, A, F> Abort for Parts<S, A, F>
where
    S: Send + Sync,
    A: Fn(&S) + Send + Sync,
    F: Fn(&S) -> bool + Send + Sync,
{
    fn abort(&self) {
        (self.abort)(&self.task);
    }

    fn is_finished(&self) -> bool {
        (self.is_finished)(&self.task)
    }
}
