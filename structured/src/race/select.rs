use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::order::Order;
use crate::SplitMix64;

/// Waits for the first of two futures, and drops the other.
///
/// The left future is polled first, so it wins when both are ready. [`Select::seeded`] makes the order random, and a seed repeats
/// it. For many futures of one type, use [`race`](crate::race).
///
/// Rules: `calls::seeds_choose_another_first`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
/// use anyrt_structured::{CancellationToken, Either, select};
///
/// async fn wait<T: Timer>(timer: &T, stop: &CancellationToken) -> &'static str {
///     match select(stop.cancelled(), timer.sleep(Duration::from_millis(1))).await {
///         Either::Left(()) => "told to stop",
///         Either::Right(()) => "waited long enough",
///     }
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(wait(&rt.handle(), &CancellationToken::new())), "waited long enough");
/// ```
pub fn select<A: Future, B: Future>(left: A, right: B) -> Select<A, B> {
    Select {
        left: Some(left),
        right: Some(right),
        order: Order::Biased,
    }
}

/// What came first: the output of the left future, or that of the right one.
///
/// # Examples
///
/// ```
/// use anyrt_structured::Either;
///
/// fn either_way<T>(both: Either<T, T>) -> T {
///     match both {
///         Either::Left(value) | Either::Right(value) => value,
///     }
/// }
/// assert_eq!(either_way(Either::Left(1)), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Either<A, B> {
    /// The left future was ready.
    Left(A),
    /// The right future was ready.
    Right(B),
}

pin_project! {
    /// Waits for the first of two futures; made by [`select`].
    ///
    /// # Contract
    ///
    /// - Both futures have been dropped when it is ready (`select::drops_the_loser_first`).
    /// - Without a seed, the left one wins when both are ready (`select::biased_takes_the_left`). With a seed, each wins about
    ///   half the time, and the same seed repeats the winners (`select::seeded_order_repeats`).
    ///
    /// # Panics
    ///
    /// When it is polled again after it was ready.
    ///
    /// # Cost
    ///
    /// No allocation. Both are polled whenever it is woken.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::ready;
    /// use anyrt_structured::{Either, Select, select};
    ///
    /// let fair: Select<_, _> = select(ready(1), ready(2)).seeded(42);
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// assert!(matches!(rt.block_on(fair), Either::Left(1) | Either::Right(2)));
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct Select<A, B> {
        #[pin]
        left: Option<A>,
        #[pin]
        right: Option<B>,
        order: Order,
    }
}

impl<A, B> Select<A, B> {
    /// Lets a generator with this seed say, at each poll, which one is polled first.
    pub fn seeded(self, seed: u64) -> Self {
        Self {
            order: Order::Seeded(SplitMix64::new(seed)),
            ..self
        }
    }
}

const AFTER_READY: &str = "`Select` polled after it was ready";

impl<A: Future, B: Future> Future for Select<A, B> {
    type Output = Either<A::Output, B::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let start = this.order.start(2);
        for side in [start, 1 - start] {
            let polled = if side == 0 {
                let left = this.left.as_mut().as_pin_mut().expect(AFTER_READY);
                left.poll(cx).map(Either::Left)
            } else {
                let right = this.right.as_mut().as_pin_mut().expect(AFTER_READY);
                right.poll(cx).map(Either::Right)
            };
            if polled.is_ready() {
                this.left.set(None);
                this.right.set(None);
                return polled;
            }
        }
        Poll::Pending
    }
}

impl<A, B> fmt::Debug for Select<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select").finish_non_exhaustive()
    }
}
