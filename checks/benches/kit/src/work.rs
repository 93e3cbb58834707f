//! One way of doing the operations, and the pieces that every way shares.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// Does the operations, `times` times each; natively or through the layer.
///
/// Every method but [`block_on`](Self::block_on) is awaited inside a task of the runtime.
pub trait Work: Clone + Send + Sync + 'static {
    /// See [`Operation::SpawnJoin`](crate::operation::Operation::SpawnJoin).
    fn spawn_join(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::Batch`](crate::operation::Operation::Batch); `times` is a multiple of the batch.
    fn batch(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::Detach`](crate::operation::Operation::Detach); `times` is a multiple of the batch.
    fn detach(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::SleepMade`](crate::operation::Operation::SleepMade).
    fn sleep_made(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::SleepPolled`](crate::operation::Operation::SleepPolled).
    fn sleep_polled(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::TimeoutReady`](crate::operation::Operation::TimeoutReady).
    fn timeout_ready(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::TimeoutPending`](crate::operation::Operation::TimeoutPending).
    fn timeout_pending(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::IntervalTick`](crate::operation::Operation::IntervalTick).
    fn interval_tick(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::Blocking`](crate::operation::Operation::Blocking).
    fn blocking(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::BlockOn`](crate::operation::Operation::BlockOn).
    fn block_on(&self, times: usize);
    /// See [`Operation::AbortJoin`](crate::operation::Operation::AbortJoin).
    fn abort_join(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::PanicJoin`](crate::operation::Operation::PanicJoin).
    fn panic_join(&self, times: usize) -> impl Future<Output = ()> + Send;
}

/// A duration that no measurement lives to see the end of.
pub const FAR: Duration = Duration::from_secs(3600);

/// The period of an interval whose ticks are always due, because it started [`HEAD_START`] ago.
pub const PERIOD: Duration = Duration::from_micros(1);

/// How far in the past an interval starts.
pub const HEAD_START: Duration = Duration::from_secs(2);

/// What a task panics with: nothing that allocates.
pub const PAYLOAD: u8 = 7;

/// Polls a future once, in the context of the task that awaits this, and drops it.
pub async fn poll_once<F: Future>(future: F) {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let _ = future.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
}

/// Is pending once, and wakes itself.
#[derive(Debug, Default)]
pub struct YieldOnce {
    yielded: bool,
}

impl Future for YieldOnce {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Counts the detached tasks that have run. One measurement runs at a time, so one counter will do.
static RAN: AtomicUsize = AtomicUsize::new(0);

/// What a detached task does.
#[inline]
pub async fn count_one() {
    RAN.fetch_add(1, Ordering::Relaxed);
}

/// Starts counting again.
#[inline]
pub fn restart_count() {
    RAN.store(0, Ordering::Relaxed);
}

/// Yields until `tasks` detached tasks have run.
#[inline]
pub async fn until_ran(tasks: usize) {
    while RAN.load(Ordering::Relaxed) < tasks {
        YieldOnce::default().await;
    }
}
