use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_core::{JoinError, RawTask};

use crate::{Joined, TaskSet};

/// Waits for the next task of a set; made by [`TaskSet::join_next`].
///
/// # Cancellation
///
/// Dropping it loses no task.
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinError, RawTask};
/// use anyrt_structured::TaskSet;
///
/// async fn first<H: RawTask>(set: &mut TaskSet<(), H>) -> Option<Result<H::Output, JoinError>> {
///     set.join_next().await.map(|((), output)| output)
/// }
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct JoinNext<'a, K, H: RawTask> {
    set: &'a mut TaskSet<K, H>,
}

impl<'a, K, H: RawTask> JoinNext<'a, K, H> {
    #[inline]
    pub(super) fn new(set: &'a mut TaskSet<K, H>) -> Self {
        Self { set }
    }
}

impl<K, H: RawTask> Future for JoinNext<'_, K, H> {
    type Output = Option<Joined<K, H>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.set.poll_ended(cx).map(|it| it.map(|(_, entry)| entry))
    }
}

impl<K, H: RawTask> fmt::Debug for JoinNext<'_, K, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinNext").finish_non_exhaustive()
    }
}

/// Waits for all tasks of a set; made by [`TaskSet::join_all`].
///
/// # Cancellation
///
/// Dropping it aborts the tasks that have not ended, and drops the outputs of those that have.
///
/// # Examples
///
/// ```
/// use anyrt_core::RawTask;
/// use anyrt_structured::TaskSet;
///
/// async fn panicked<H: RawTask>(set: TaskSet<&'static str, H>) -> Vec<&'static str> {
///     let ended = set.join_all().await.into_iter();
///     ended.filter_map(|(name, output)| output.is_err().then_some(name)).collect()
/// }
/// ```
#[must_use = "dropping it aborts the tasks"]
pub struct JoinAll<K, H: RawTask, T = <H as RawTask>::Output> {
    set: TaskSet<K, H>,
    ended: Vec<super::Ended<K, T>>,
}

// Keys and outputs are never pinned.
impl<K, H: RawTask, T> Unpin for JoinAll<K, H, T> {}

impl<K, H: RawTask, T> JoinAll<K, H, T> {
    pub(super) fn new(set: TaskSet<K, H>) -> Self {
        Self {
            ended: Vec::with_capacity(set.len()),
            set,
        }
    }
}

impl<K, H: RawTask<Output = T>, T> Future for JoinAll<K, H, T> {
    type Output = Vec<(K, Result<T, JoinError>)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while let Some(ended) = ready!(self.set.poll_ended(cx)) {
            self.ended.push(ended);
        }
        let mut ended = std::mem::take(&mut self.ended);
        ended.sort_unstable_by_key(|(id, _)| id.serial);
        Poll::Ready(ended.into_iter().map(|(_, entry)| entry).collect())
    }
}

impl<K, H: RawTask, T> fmt::Debug for JoinAll<K, H, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinAll")
            .field("ended", &self.ended.len())
            .field("running", &self.set.len())
            .finish()
    }
}

/// Waits until the aborted tasks of a set are gone; made by [`TaskSet::shutdown`].
///
/// # Cancellation
///
/// Dropping it stops the waiting and nothing else.
///
/// # Examples
///
/// ```
/// use anyrt_core::RawTask;
/// use anyrt_structured::TaskSet;
///
/// async fn stop<K, H: RawTask>(mut set: TaskSet<K, H>) {
///     set.shutdown().await; // every destructor of every task has run
/// }
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Shutdown<'a, K, H: RawTask> {
    set: &'a mut TaskSet<K, H>,
}

impl<'a, K, H: RawTask> Shutdown<'a, K, H> {
    pub(super) fn new(set: &'a mut TaskSet<K, H>) -> Self {
        Self { set }
    }
}

impl<K, H: RawTask> Future for Shutdown<'_, K, H> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        while ready!(self.set.poll_join_next(cx)).is_some() {}
        Poll::Ready(())
    }
}

impl<K, H: RawTask> fmt::Debug for Shutdown<'_, K, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").finish_non_exhaustive()
    }
}
