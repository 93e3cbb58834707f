use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// Lets other tasks and due timers run, once.
///
/// It needs no runtime: it is pending at its first poll, wakes itself, and is ready at the second
/// (`yield_now::is_pending_once`). What runs in between is the executor's choice; every backend sees to it that yielding
/// tasks starve neither new tasks nor timers (`yield_now::lets_new_tasks_run`, `yield_now::lets_timers_fire`), nor, where there
/// are many, each other (`yield_now::everyone_gets_a_turn`).
///
/// # Cost
///
/// One wake of the current task. No allocation.
///
/// # Examples
///
/// ```
/// use anyrt_core::yield_now;
///
/// async fn long_sum(numbers: &[u64]) -> u64 {
///     let mut sum = 0;
///     for chunk in numbers.chunks(4096) {
///         sum += chunk.iter().sum::<u64>();
///         yield_now().await;
///     }
///     sum
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(long_sum(&[1, 2, 3])), 6);
/// ```
#[inline]
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// Is pending once; made by [`yield_now`].
///
/// # Cancellation
///
/// Dropping it takes nothing back: the task has been woken, and is polled once more.
///
/// # Examples
///
/// ```
/// use std::future::Future;
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
/// use anyrt_core::{YieldNow, yield_now};
///
/// /// A future written by hand that gives way before its next piece of work.
/// struct Pause(YieldNow);
///
/// impl Future for Pause {
///     type Output = ();
///     fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
///         Pin::new(&mut self.0).poll(cx)
///     }
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(Pause(yield_now()));
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
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
