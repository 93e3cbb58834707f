use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::order::Order;
use crate::SplitMix64;

/// Waits for the first of many futures of one type, and drops the others.
///
/// The futures are polled in the order in which they were given, so the first one that is ready wins. [`Race::seeded`] makes the
/// order random, and a seed repeats it. A race of no futures never ends.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
/// use anyrt_structured::race;
///
/// /// Asks all mirrors and takes the first answer.
/// async fn fastest<T: Timer>(timer: &T, millis: &[u64]) -> u64 {
///     race(millis.iter().map(|&pause| async move {
///         timer.sleep(Duration::from_millis(pause)).await;
///         pause
///     }))
///     .await
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(fastest(&rt.handle(), &[5000, 1, 5000])), 1);
/// ```
pub fn race<I>(futures: I) -> Race<I::Item>
where
    I: IntoIterator<Item: Future>,
{
    Race {
        futures: futures.into_iter().map(Box::pin).collect(),
        order: Order::Biased,
        done: false,
    }
}

/// Waits for the first of many futures; made by [`race`].
///
/// # Contract
///
/// - All futures have been dropped when it is ready (`race::drops_the_losers_first`).
/// - Without a seed, the first of the futures that are ready wins (`race::biased_takes_the_first`). With a seed, the same one wins
///   each time (`race::seeded_order_repeats`).
///
/// # Panics
///
/// When it is polled again after it was ready.
///
/// # Cost
///
/// One allocation per future and one for their list. Each wake polls all of them. For hundreds of futures, spawn them into a
/// [`TaskGroup`](crate::TaskGroup), or use `FuturesUnordered`.
///
/// # Examples
///
/// ```
/// use std::future::ready;
/// use anyrt_structured::{Race, race};
///
/// let fair: Race<_> = race([ready(1), ready(2), ready(3)]).seeded(42);
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// assert!((1..=3).contains(&rt.block_on(fair)));
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Race<F> {
    futures: Vec<Pin<Box<F>>>,
    order: Order,
    done: bool,
}

impl<F> Race<F> {
    /// Draws the future that is polled first from a generator with this seed, anew at each poll. The others follow in turn.
    pub fn seeded(self, seed: u64) -> Self {
        Self {
            order: Order::Seeded(SplitMix64::new(seed)),
            ..self
        }
    }
}

impl<F: Future> Future for Race<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        assert!(!self.done, "`Race` polled after it was ready");
        let count = self.futures.len();
        let start = self.order.start(count);
        for index in (start..count).chain(0..start) {
            if let Poll::Ready(output) = self.futures[index].as_mut().poll(cx) {
                self.done = true;
                self.futures = Vec::new();
                return Poll::Ready(output);
            }
        }
        Poll::Pending
    }
}

impl<F> fmt::Debug for Race<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Race")
            .field("futures", &self.futures.len())
            .finish_non_exhaustive()
    }
}
