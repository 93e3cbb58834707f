use std::fmt::Debug;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use anyrt_core::{Instant, LaunchError, Sleep, Timer};

use crate::LocalExecutor;

/// What drives a [`Local`](crate::Local) runtime: it parks the thread until a task is woken, and has the timers.
///
/// [`AsyncIo`](crate::AsyncIo) is the one of smol and async-std, with the feature `async-io`.
///
/// # Examples
///
/// See [`LocalFamily`](crate::LocalFamily).
pub trait LocalDriver: Sized + 'static {
    /// The driver's sleep.
    type Sleep: Sleep + 'static;

    /// Starts a driver for the runtime of this name.
    ///
    /// # Errors
    ///
    /// When the system refuses what it needs.
    fn launch(runtime: &'static str) -> Result<Self, LaunchError>;

    /// Polls `future` until it is ready. Parks the thread while nobody wakes it.
    fn block_on<F: Future>(&self, future: F) -> F::Output;

    /// Runs `work` where operations of the driver may start, as [`block_on`](Self::block_on) polls its future. The tasks'
    /// destructors run inside it.
    #[inline]
    fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        work()
    }

    /// The runtime is gone, and so are its tasks. Nobody drives this any more.
    #[inline]
    fn close(&self) {}

    /// Starts a sleep that counts from this call.
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Self::Sleep;

    /// Starts a sleep until `deadline`.
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Self::Sleep;
}

/// A driver that has timers for other threads.
pub trait ShareDriver: LocalDriver {
    /// The timer for other threads.
    type SharedTimer: Timer<Sleep: Send + Sync + 'static>
        + Clone
        + Debug
        + Send
        + Sync
        + Unpin
        + 'static;

    /// Returns the timer, for the runtime of this name, which runs these tasks.
    fn shared_timer(&self, runtime: &'static str, tasks: &Rc<LocalExecutor>) -> Self::SharedTimer;
}
