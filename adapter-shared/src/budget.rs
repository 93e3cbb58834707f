use std::cell::Cell;
use std::task::{Context, Poll};

/// How many operations of a task may be ready in a row; as tokio's.
const ROW: u32 = 128;

thread_local! {
    static ROUND: Cell<Round> = const { Cell::new(Round { task: 0, ready: 0 }) };
}

#[derive(Clone, Copy)]
struct Round {
    /// The address in the waker of the task that was last ready on this thread.
    task: usize,
    /// How many of its operations were ready in a row.
    ready: u32,
}

/// Lets an operation be ready, or makes its task give way to others; call it when the operation would be ready.
///
/// After 128 operations that were ready in a row on one task, this is pending and wakes the task, and the operation must be
/// pending as well. It is ready when it is polled again. Until then all other operations of that task are put off, too, so that
/// a limit does not fire before what it limits. `put_off` belongs to the operation, begins as `false` and is kept from poll to
/// poll.
///
/// Tasks are told apart by their wakers. A waker without data, as [`Waker::noop`](std::task::Waker::noop), belongs to no task,
/// and its operations are always ready.
///
/// # Cost
///
/// A few instructions on a thread-local, where an operation is ready.
///
/// # Examples
///
/// An operation that is always ready:
///
/// ```
/// use std::future::Future;
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
/// use anyrt_shared::give_way;
///
/// #[derive(Default)]
/// struct Ready {
///     put_off: bool,
/// }
///
/// impl Future for Ready {
///     type Output = ();
///
///     fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
///         give_way(&mut self.put_off, cx)
///     }
/// }
///
/// async_io::block_on(async {
///     for _ in 0..1000 {
///         Ready::default().await;
///     }
/// });
/// ```
#[inline]
pub fn give_way(put_off: &mut bool, cx: &mut Context<'_>) -> Poll<()> {
    let task = cx.waker().data().addr();
    ROUND
        .try_with(|cell| {
            let round = cell.get();
            let ready = if round.task == task { round.ready } else { 0 };
            if *put_off {
                // It comes again: the task is polled anew.
                *put_off = false;
                cell.set(Round { task, ready: 1 });
            } else if ready < ROW {
                let ready = ready + u32::from(task != 0);
                cell.set(Round { task, ready });
            } else {
                *put_off = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        // The thread is ending.
        .unwrap_or(Poll::Ready(()))
}
