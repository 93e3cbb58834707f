use alloc::boxed::Box;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::{
    AbortHandle, AbortOnDrop, BoxJoinHandle, FusedJoinHandle, JoinError, JoinOrPanic,
    LocalBoxJoinHandle, RawTask,
};

/// Waits for a spawned task and controls it.
///
/// A handle is a future: awaiting it yields the task's output, or a [`JoinError`] that says whether the task panicked or
/// was cancelled. It is one concrete type on every runtime, generic over the runtime's own task `H`, and it is as small
/// as that task: one or two words on most runtimes.
///
/// **Dropping a handle detaches the task**: it runs on, and its output is dropped when it comes. For the opposite, see
/// [`abort_on_drop`](Self::abort_on_drop).
///
/// # Contract
///
/// - The task's future and captures have been dropped by the time the handle resolves (`join::future_is_dropped_first`).
/// - A panic in the task is a value here, with its payload (`join::panic_is_an_error`, `panic::payload_survives`).
/// - A handle may be awaited on any executor, not only on the task's own (`join::works_on_any_executor`).
/// - Who awaits it may use the task's handles from its waker, while that is woken (`join::wakers_may_use_the_handles`) or dropped
///   (`join::dropped_wakers_may_use_the_handles`).
/// - [`cancel`](Self::cancel) asks when it is called (`abort::cancel_asks_at_the_call`).
/// - Dropping the handle of a task that has finished contains a panic of its output
///   (`panic::dropping_a_finished_handle_contains_its_output`).
/// - A task that was pending when its runtime went away resolves *cancelled*; one that had finished still yields its value
///   (`join::pending_task_is_cancelled_with_the_runtime`, `join::value_survives_the_runtime`).
/// - Awaiting one's own handle never resolves.
///
/// # Cancellation
///
/// Dropping the future returned by `(&mut handle).await` loses nothing: the handle may be awaited again.
///
/// # Panics
///
/// When it is polled again after it resolved (`join::second_poll_panics`).
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_core::JoinError;
///
/// async fn add<R: Runtime>(rt: &R) -> Result<u32, JoinError> {
///     let left = rt.spawn(async { 20 });
///     let right = rt.spawn(async { 22 });
///     Ok(left.await? + right.await?)
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
/// # assert_eq!(rt.block_on(add(&rt.handle()))?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JoinHandle<H: RawTask>(H);

impl<H: RawTask> JoinHandle<H> {
    /// Wraps a runtime's task. Adapters call this; it costs nothing.
    ///
    /// # For runtime authors
    ///
    /// Return it from [`Spawn::spawn`](crate::Spawn::spawn) and its kin. What the handle does is what the task's [`RawTask`] says.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{JoinHandle, RawTask};
    ///
    /// /// A wrapper passes the inner runtime's handle on, as a task of its own.
    /// fn wrap<H: RawTask>(inner: JoinHandle<H>) -> JoinHandle<JoinHandle<H>> {
    ///     JoinHandle::new(inner)
    /// }
    /// ```
    #[inline]
    pub fn new(task: H) -> Self {
        Self(task)
    }

    /// Asks the task to stop at its next await at the latest, and returns at once.
    ///
    /// The handle then resolves to *cancelled*, once the task's future has been dropped. A task that finished first keeps
    /// its output, and one that panicked first reports its panic. A task that is being polled on another thread finishes
    /// that poll. Aborting twice, or after the runtime is gone, does nothing more. On a blocking closure this has no effect:
    /// one that was submitted runs exactly once.
    ///
    /// An abort that arrives while the task's last poll is under way may come too late: the handle then yields the output, or
    /// *cancelled*, as the runtime has it.
    ///
    /// It takes `&mut self`, so that no task needs a lock or an atomic for it: on some runtimes to abort is to turn the task's
    /// handle into another one, in the same place. Where several must be able to abort, or where the handle is borrowed by an
    /// await, make an [`abort_handle`](Self::abort_handle) first, whose [`abort`](AbortHandle::abort) takes `&self`.
    ///
    /// # Cost
    ///
    /// At most two allocations; none where the runtime's own handle aborts in place.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// async fn stop_one<R: Runtime>(rt: &R) {
    ///     let mut forever = rt.spawn(std::future::pending::<()>());
    ///     forever.abort();
    ///     assert!(forever.await.unwrap_err().is_cancelled());
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(stop_one(&rt.handle()));
    /// ```
    #[inline]
    pub fn abort(&mut self) {
        self.0.abort();
    }

    /// Tells whether awaiting the handle would be ready at once.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{prelude::*, yield_now};
    ///
    /// async fn wait_for_it<R: Runtime>(rt: &R) {
    ///     let task = rt.spawn(async {});
    ///     while !task.is_finished() {
    ///         yield_now().await;
    ///     }
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(wait_for_it(&rt.handle()));
    /// ```
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Lets the task run on with nobody to join it. Dropping the handle does the same; this says it aloud.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// fn log_later<R: Runtime>(rt: &R) {
    ///     rt.spawn(async { println!("written by nobody's child") }).detach();
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # log_later(&rt.handle());
    /// ```
    #[inline]
    pub fn detach(self) {
        drop(self);
    }

    /// Aborts the task and returns a future that waits until it is gone.
    ///
    /// The request is made by the call, not by the first poll. The future resolves as the handle would: to the output if the
    /// task was faster, and otherwise to *cancelled*, after the task's destructors ran.
    ///
    /// # Cancellation
    ///
    /// Dropping the returned future detaches the task, which stops all the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// async fn stop_and_wait<R: Runtime>(rt: &R) {
    ///     let server = rt.spawn(std::future::pending::<()>());
    ///     let end = server.cancel().await;
    ///     assert!(end.unwrap_err().is_cancelled()); // and its socket is closed by now
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(stop_and_wait(&rt.handle()));
    /// ```
    #[inline]
    pub fn cancel(mut self) -> Cancel<H> {
        self.abort();
        Cancel(self)
    }

    /// Turns the handle into one whose drop aborts the task.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// async fn bounded<R: Runtime>(rt: &R) {
    ///     let _heartbeat = rt.spawn(std::future::pending::<()>()).abort_on_drop();
    ///     // … work; the heartbeat stops when this function ends, however it ends.
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(bounded(&rt.handle()));
    /// ```
    #[inline]
    pub fn abort_on_drop(self) -> AbortOnDrop<H> {
        AbortOnDrop::new(self)
    }

    /// Turns the handle into a future of the output itself, which panics where the task did or was cancelled.
    ///
    /// For tasks whose failure is a bug in the caller's own program. See [`JoinOrPanic`].
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// async fn both<R: Runtime>(rt: &R) -> u32 {
    ///     let left = rt.spawn(async { 20 }).join_or_panic();
    ///     let right = rt.spawn(async { 22 }).join_or_panic();
    ///     left.await + right.await
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(both(&rt.handle())), 42);
    /// ```
    #[inline]
    pub fn join_or_panic(self) -> JoinOrPanic<H> {
        JoinOrPanic::new(self)
    }

    /// Turns the handle into one that may be polled after it resolved, for `select!` in a loop. See [`FusedJoinHandle`].
    ///
    /// The handle itself is not fused: that would take a flag in each, and most are awaited once.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// async fn first_end<R: Runtime>(rt: &R) -> u32 {
    ///     let mut task = rt.spawn(async { 42 }).fused();
    ///     let output = (&mut task).await;
    ///     assert!(task.is_finished());
    ///     output.unwrap_or_default()
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(first_end(&rt.handle())), 42);
    /// ```
    #[inline]
    pub fn fused(self) -> FusedJoinHandle<H> {
        FusedJoinHandle::new(self)
    }

    /// Takes the runtime out of the handle's type. See [`BoxJoinHandle`].
    ///
    /// # Cost
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{prelude::*, BoxJoinHandle};
    ///
    /// fn start<R: Runtime>(rt: &R) -> Vec<BoxJoinHandle<u32>> {
    ///     let task = rt.spawn(async { 20 }).boxed();
    ///     let closure = rt.spawn_blocking(|| 22).boxed();
    ///     vec![task, closure]
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # for task in start(&rt.handle()) { rt.block_on(task).unwrap(); }
    /// ```
    pub fn boxed(self) -> BoxJoinHandle<H::Output>
    where
        H: Send + Sync + 'static,
    {
        // A handle is itself a task, and its drop detaches as often as one likes.
        JoinHandle(Box::new(self))
    }

    /// Takes the runtime out of the type of a handle that is not `Send`. See [`LocalBoxJoinHandle`].
    ///
    /// # Cost
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// use anyrt_core::{prelude::*, LocalBoxJoinHandle};
    ///
    /// struct Loader { parts: Vec<LocalBoxJoinHandle<Rc<str>>> }
    ///
    /// impl Loader {
    ///     fn start<R: LocalRuntime>(&mut self, rt: &R) {
    ///         self.parts.push(rt.spawn_local(async { "moin".into() }).boxed_local());
    ///     }
    /// }
    /// ```
    pub fn boxed_local(self) -> LocalBoxJoinHandle<H::Output>
    where
        H: 'static,
    {
        JoinHandle(Box::new(self))
    }

    /// Makes a clonable handle that aborts this task from any thread and keeps neither its future nor its output alive.
    ///
    /// # Cost
    ///
    /// One to three allocations when it is called. A task for which it is never called pays nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    ///
    /// async fn stop_from_elsewhere<R: Runtime>(rt: &R) {
    ///     let mut task = rt.spawn(std::future::pending::<()>());
    ///     let stop = task.abort_handle();
    ///     std::thread::spawn(move || stop.abort());
    ///     assert!(task.await.unwrap_err().is_cancelled());
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # rt.block_on(stop_from_elsewhere(&rt.handle()));
    /// ```
    #[inline]
    pub fn abort_handle(&mut self) -> AbortHandle {
        self.0.abort_handle()
    }
}

impl<H: RawTask> Future for JoinHandle<H> {
    type Output = Result<H::Output, JoinError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_join(cx)
    }
}

impl<H: RawTask> Drop for JoinHandle<H> {
    #[inline]
    fn drop(&mut self) {
        self.0.detach();
    }
}

impl<H: RawTask> fmt::Debug for JoinHandle<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// A handle is itself a task, so that a runtime that wraps another one may hand its handles on.
impl<H: RawTask> RawTask for JoinHandle<H> {
    type Output = H::Output;

    #[inline]
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>> {
        self.0.poll_join(cx)
    }

    #[inline]
    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::Output, JoinError>> {
        self.0.try_join(cx)
    }

    #[inline]
    fn abort(&mut self) {
        self.0.abort();
    }

    #[inline]
    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    #[inline]
    fn detach(&mut self) {
        self.0.detach();
    }

    #[inline]
    fn abort_handle(&mut self) -> AbortHandle {
        self.0.abort_handle()
    }

    #[inline]
    fn abort_and_detach(&mut self) {
        self.0.abort_and_detach();
    }
}

/// Waits until an aborted task is gone; made by [`JoinHandle::cancel`].
///
/// # Examples
///
/// ```
/// use anyrt_core::{Cancel, JoinHandle, RawTask};
///
/// fn stop_all<H: RawTask>(tasks: Vec<JoinHandle<H>>) -> Vec<Cancel<H>> {
///     tasks.into_iter().map(JoinHandle::cancel).collect() // all are asked before the first is awaited
/// }
/// ```
pub struct Cancel<H: RawTask>(JoinHandle<H>);

impl<H: RawTask> Future for Cancel<H> {
    type Output = Result<H::Output, JoinError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<H: RawTask> fmt::Debug for Cancel<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").finish_non_exhaustive()
    }
}
