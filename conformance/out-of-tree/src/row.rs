//! What keeps a loop of sleeps that are ready from taking its thread for ever.

use std::cell::Cell;
use std::task::{Context, Poll};

/// How many sleeps of a task may be ready in a row; as tokio's.
const MOST: u32 = 128;

thread_local! {
    /// The task whose sleep was last ready on this thread, by its waker, and how many of its sleeps were in a row.
    static ROW: Cell<(usize, u32)> = const { Cell::new((0, 0)) };
}

/// Lets a sleep be ready, or makes its task give way: then this wakes the task, and the sleep is pending once.
///
/// `waited` belongs to the sleep: it was pending since it was made or reset. Then its task has given way already.
pub(crate) fn give_way(waited: &mut bool, cx: &mut Context<'_>) -> Poll<()> {
    let task = cx.waker().data().addr();
    let (last, ready) = ROW.get();
    let ready = if *waited || last != task { 0 } else { ready };
    *waited = ready == MOST;
    if *waited {
        cx.waker().wake_by_ref();
        return Poll::Pending;
    }
    ROW.set((task, ready + 1));
    Poll::Ready(())
}
