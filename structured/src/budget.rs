use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

/// Makes a loop that never has to wait yield after a bounded number of steps.
///
/// A task that reads from a channel that is always full keeps its thread: no other task runs there, and no timeout around the loop
/// fires. tokio's own channels have a budget. Channels, mutexes and streams that belong to no runtime have none. A `Budget` is one
/// number in the loop that needs it. There is no global state, so it means the same on every runtime.
///
/// **Use it in the task's own loop.** A budget yields by being pending once, to whoever polls it. The runtime notices when that is the
/// task. A combinator that polls many futures, such as `FuturesUnordered` or `select_all`, polls another one instead, and the
/// runtime notices nothing. Give the loop around the combinator the budget.
///
/// # Contract
///
/// - After `steps` steps in a row the next one yields once, on every runtime (`coop::budget_yields_after_its_steps`). So a timeout
///   around an always-ready loop fires (`coop::timeout_interrupts_a_budgeted_loop`).
/// - All other steps are ready at once. They need no executor.
///
/// # Cost
///
/// A step counts down; one in `steps` wakes the task. No allocation.
///
/// Rules: `calls::budget_is_full_after_a_refill`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
/// use anyrt_structured::Budget;
///
/// /// Counts until it is stopped.
/// async fn busy<T: Timer + Clone>(timer: &T) -> u64 {
///     let mut count = 0;
///     let endless = async {
///         let mut budget = Budget::default();
///         loop {
///             count += 1;
///             budget.step().await;
///         }
///     };
///     let result: Result<(), _> = timer.timeout(Duration::from_millis(2), endless).await;
///     assert!(result.is_err());
///     count
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert!(rt.block_on(busy(&rt.handle())) > 1);
/// ```
#[derive(Clone, Debug)]
pub struct Budget {
    steps: u32,
    left: u32,
}

impl Budget {
    /// As many steps as tokio's own budget has, 128.
    pub const DEFAULT_STEPS: u32 = 128;

    /// Makes a budget of so many steps.
    ///
    /// # Panics
    ///
    /// When `steps` is zero.
    #[track_caller]
    pub const fn new(steps: u32) -> Self {
        assert!(steps > 0, "`Budget::new` needs at least one step");
        Self { steps, left: steps }
    }

    /// Takes a step. It is ready at once, or pending once when the budget is used up; then the budget is full again.
    #[inline]
    pub fn step(&mut self) -> Step<'_> {
        Step { budget: self }
    }

    /// Takes a step in a future written by hand. On `Pending` the budget is used up and the task is already woken: return
    /// `Pending`, and take the step again at the next poll.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::task::{Context, Poll, ready};
    /// use anyrt_structured::Budget;
    ///
    /// fn poll_all(items: &mut Vec<u32>, budget: &mut Budget, cx: &mut Context<'_>) -> Poll<()> {
    ///     while !items.is_empty() {
    ///         ready!(budget.poll_step(cx));
    ///         items.pop();
    ///     }
    ///     Poll::Ready(())
    /// }
    /// ```
    #[inline]
    pub fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.left > 0 {
            self.left -= 1;
            return Poll::Ready(());
        }
        self.left = self.steps;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Fills the budget. Call it after the task has waited for something else.
    #[inline]
    pub fn refill(&mut self) {
        self.left = self.steps;
    }
}

impl Default for Budget {
    /// A budget of [`DEFAULT_STEPS`](Self::DEFAULT_STEPS).
    fn default() -> Self {
        Self::new(Self::DEFAULT_STEPS)
    }
}

/// Takes a step of a budget; made by [`Budget::step`].
///
/// # Examples
///
/// ```
/// use anyrt_structured::{Budget, Step};
///
/// fn next(budget: &mut Budget) -> Step<'_> {
///     budget.step()
/// }
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Step<'a> {
    budget: &'a mut Budget,
}

impl Future for Step<'_> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.budget.poll_step(cx)
    }
}

pin_project! {
    /// A stream that yields to other tasks after a bounded number of items that were ready at once; made by [`budgeted`].
    ///
    /// It must be the outermost stream: `budgeted(select_all(streams), 128)` yields to the runtime. In a `select_all` of budgeted
    /// streams, each yields to the others; see [`Budget`].
    ///
    /// # Contract
    ///
    /// - After `steps` items in a row it is pending once and wakes its task. When the stream in it is pending, it counts anew
    ///   (`coop::stream_yields_after_its_steps`).
    /// - It neither loses nor reorders items (`coop::stream_keeps_its_items`).
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::StreamExt;
    /// use futures::stream::iter;
    /// use anyrt_structured::{Budgeted, budgeted};
    ///
    /// async fn sum() -> u32 {
    ///     let numbers: Budgeted<_> = budgeted(iter(0..1000), 32);
    ///     numbers.fold(0, |sum, number| async move { sum + number }).await
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(sum()), 499_500);
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct Budgeted<S> {
        #[pin]
        stream: S,
        budget: Budget,
    }
}

/// Makes a stream yield to other tasks after every `steps` items that were ready at once.
///
/// Put it around the whole stream, after merging and selecting; see [`Budgeted`].
///
/// # Panics
///
/// When `steps` is zero.
///
/// # Examples
///
/// ```
/// use anyrt_structured::budgeted;
/// use futures::stream::{repeat, select_all};
///
/// let endless = budgeted(select_all([repeat(0), repeat(1)]), 128);
/// # drop(endless);
/// ```
#[track_caller]
pub const fn budgeted<S: Stream>(stream: S, steps: u32) -> Budgeted<S> {
    Budgeted {
        stream,
        budget: Budget::new(steps),
    }
}

impl<S: Stream> Stream for Budgeted<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        ready!(this.budget.poll_step(cx));
        let item = this.stream.poll_next(cx);
        if item.is_pending() {
            this.budget.refill();
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S> fmt::Debug for Budgeted<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budgeted")
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}
