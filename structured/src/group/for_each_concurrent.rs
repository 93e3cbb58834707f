use std::fmt;
use std::future::Future;
use std::iter::Fuse;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_core::{JoinError, RawTask, Spawn, SpawnBlocking};

use crate::{GroupTask, TaskGroup};

/// Spawns a task for each item, at most `limit` of them at a time, and waits for all.
///
/// Each item is taken from the iterator when there is room for its task, so the iterator may be endless or expensive. futures'
/// `StreamExt::for_each_concurrent` runs everything inside the caller's task, one at a time. Here each item is a task, so on
/// runtimes with several threads they run in parallel.
///
/// # Panics
///
/// When `limit` is zero.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use anyrt_core::{JoinError, prelude::*};
/// use anyrt_structured::for_each_concurrent;
///
/// async fn sum<R: Runtime>(rt: &R, numbers: Vec<u32>) -> Result<u32, JoinError> {
///     let sum = Arc::new(AtomicU32::new(0));
///     for_each_concurrent(rt, 4, numbers, |number| {
///         let sum = sum.clone();
///         async move {
///             sum.fetch_add(number, Ordering::Relaxed);
///         }
///     })
///     .await?;
///     Ok(sum.load(Ordering::Relaxed))
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(sum(&rt.handle(), vec![1, 2, 3])).unwrap(), 6);
/// ```
#[track_caller]
pub fn for_each_concurrent<R, I, C, F>(
    runtime: &R,
    limit: usize,
    items: I,
    call: C,
) -> ForEachConcurrent<R, I::IntoIter, C>
where
    R: Spawn + SpawnBlocking + Clone,
    I: IntoIterator,
    C: FnMut(I::Item) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    assert!(limit > 0, "`for_each_concurrent` needs a limit above zero");
    ForEachConcurrent {
        items: items.into_iter().fuse(),
        call,
        limit,
        tasks: TaskGroup::new(runtime.clone()),
        error: None,
    }
}

/// Runs tasks, a bounded number at a time; made by [`for_each_concurrent`].
///
/// # Contract
///
/// - At most `limit` tasks run at a time (`for_each::keeps_its_limit`), and an item is taken when there is room for its task
///   (`for_each::asks_when_there_is_room`).
/// - The first task that panics, or is cancelled with its runtime, stops the rest: no further item is taken, the other tasks are
///   aborted, and when they are gone its error is the result (`for_each::first_error_stops_the_rest`).
///
/// # Cancellation
///
/// Dropping it aborts its tasks.
///
/// # Cost
///
/// One task per item, and one allocation for each of the `limit` places.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::{ForEachConcurrent, for_each_concurrent};
///
/// fn ping<R: Runtime>(rt: &R) -> ForEachConcurrent<R, std::ops::Range<u32>, fn(u32) -> std::future::Ready<()>> {
///     for_each_concurrent(rt, 2, 0..10, |_| std::future::ready(()))
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// assert!(rt.block_on(ping(&rt.handle())).is_ok());
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct ForEachConcurrent<
    R: Spawn + SpawnBlocking,
    I,
    C,
    H: RawTask = GroupTask<<R as Spawn>::Task<()>, <R as SpawnBlocking>::BlockingTask<()>>,
> {
    items: Fuse<I>,
    call: C,
    limit: usize,
    tasks: TaskGroup<R, (), H>,
    error: Option<JoinError>,
}

// Nothing in here is ever pinned: the futures are in tasks.
impl<R: Spawn + SpawnBlocking, I, C, H: RawTask> Unpin for ForEachConcurrent<R, I, C, H> {}

impl<R, I, C, F> Future for ForEachConcurrent<R, I, C>
where
    R: Spawn + SpawnBlocking,
    I: Iterator,
    C: FnMut(I::Item) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    type Output = Result<(), JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            while this.error.is_none() && this.tasks.len() < this.limit {
                let Some(item) = this.items.next() else { break };
                this.tasks.spawn((this.call)(item));
            }
            match ready!(this.tasks.poll_join_next(cx)) {
                None => return Poll::Ready(this.error.take().map_or(Ok(()), Err)),
                Some(Err(error)) if this.error.is_none() => {
                    this.error = Some(error);
                    this.tasks.abort_all();
                }
                Some(_) => {}
            }
        }
    }
}

impl<R: Spawn + SpawnBlocking, I, C, H: RawTask<Output = ()>> fmt::Debug
    for ForEachConcurrent<R, I, C, H>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForEachConcurrent")
            .field("limit", &self.limit)
            .field("running", &self.tasks.len())
            .finish_non_exhaustive()
    }
}
