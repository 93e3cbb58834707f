use std::cell::Cell;
use std::task::{Context, Poll};

/// How many operations of a task may be ready in a row; as tokio's.
const ROW: u32 = 128;

thread_local! {
    static CURRENT: Budget = const {
        Budget {
            task: Cell::new(0),
            ready: Cell::new(0),
            put_off: Cell::new(0),
        }
    };
}

/// The budget of the task that this thread polled last: sleeps and sockets share it.
struct Budget {
    /// The address in the task's waker.
    task: Cell<usize>,
    /// How many of its operations were ready in a row.
    ready: Cell<u32>,
    /// The operations that were put off since the row was full, as a set of hashes.
    put_off: Cell<u64>,
}

impl Budget {
    /// Counts one operation of a row.
    #[inline]
    fn begin(&self, task: usize) {
        self.task.set(task);
        self.ready.set(1);
        self.put_off.set(0);
    }

    /// Where the row is full: whether the operation is the first one of a new row.
    #[cold]
    fn begins_again(&self, task: usize, comes_again: impl FnOnce(&mut u64) -> bool) -> bool {
        let mut put_off = self.put_off.get();
        // Without data a waker belongs to no task.
        let begins = task == 0 || put_off == u64::MAX || comes_again(&mut put_off);
        self.put_off.set(put_off);
        if begins {
            self.begin(task);
        }
        begins
    }
}

/// Lets an operation be ready, or makes its task give way to others; call it when the operation would be ready.
///
/// After 128 operations that were ready in a row on one task, this is pending and wakes the task, and the operation must be
/// pending as well. It is ready when it is polled again. Until then all other operations of that task are put off, too, so that
/// a limit does not fire before what it limits. `put_off` belongs to the operation, begins as `false` and is kept from poll to
/// poll. Sleeps and sockets count together.
///
/// Tasks are told apart by their wakers. A waker without data, as [`Waker::noop`](std::task::Waker::noop), belongs to no task,
/// and its operations are always ready. A combinator that gives each of its futures a waker of its own, as `FuturesUnordered` does,
/// is as many tasks: a loop over sleeps in it that are always ready never gives way, and cannot be aborted.
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
    let proceeds = charge(cx, |others| {
        // One bit each, so that operations which are made anew for every poll are ready in the end.
        *others |= *others + 1;
        *put_off
    });
    *put_off = proceeds.is_pending();
    proceeds
}

/// Charges an operation before it is tried; where it is pending, it must not be tried. `operation` tells it from others, as an address
/// does. As [`give_way`], for what keeps no state from poll to poll.
///
/// # Examples
///
/// ```
/// use std::task::{Context, Poll, Waker};
/// use anyrt_shared::{poll_proceed, refund};
///
/// /// Tries, and counts only what succeeded.
/// fn poll_try<T>(address: usize, cx: &mut Context<'_>, attempt: impl FnOnce() -> Option<T>) -> Poll<T> {
///     std::task::ready!(poll_proceed(address, cx));
///     match attempt() {
///         Some(output) => Poll::Ready(output),
///         None => {
///             refund();
///             Poll::Pending
///         }
///     }
/// }
///
/// let mut cx = Context::from_waker(Waker::noop());
/// assert!(poll_try(1, &mut cx, || Some(42)).is_ready());
/// assert!(poll_try(1, &mut cx, || None::<u32>).is_pending());
/// ```
#[cfg(feature = "sockets")]
#[inline]
pub fn poll_proceed(operation: usize, cx: &mut Context<'_>) -> Poll<()> {
    charge(cx, |others| {
        let bit = 1 << (operation.wrapping_mul(0x9E37_79B9) >> 16 & 63);
        let comes_again = *others & bit != 0;
        *others |= bit;
        comes_again
    })
}

/// Takes the last charge back: the operation was tried, and found nothing.
///
/// A pending operation does not begin a new row: one that is idle, beside one that is always ready, would hide that.
///
/// # Examples
///
/// See [`poll_proceed`].
#[cfg(feature = "sockets")]
#[inline]
pub fn refund() {
    // Where the thread is ending, there is no budget.
    let _ = CURRENT.try_with(|current| {
        current.ready.set(current.ready.get().saturating_sub(1));
    });
}

/// Counts one operation of the task, or makes the task give way. `comes_again` is asked when the row is full: it enters the
/// operation into the set, and tells whether it was put off before, so that the task is polled anew.
#[inline]
fn charge(cx: &mut Context<'_>, comes_again: impl FnOnce(&mut u64) -> bool) -> Poll<()> {
    let task = cx.waker().data().addr();
    let proceeds = CURRENT.try_with(|current| {
        let ready = current.ready.get();
        if current.task.get() != task {
            current.begin(task);
            true
        } else if ready < ROW {
            current.ready.set(ready + 1);
            true
        } else {
            current.begins_again(task, comes_again)
        }
    });
    // Where the thread is ending, its locals are gone, and nothing runs beside it.
    if proceeds.unwrap_or(true) {
        return Poll::Ready(());
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

#[cfg(all(test, feature = "sockets"))]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use super::*;

    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn task() -> (Arc<Task>, Waker) {
        let task = Arc::<Task>::default();
        (task.clone(), Waker::from(task))
    }

    /// How often the operation proceeds before the task must give way.
    fn row(operation: usize, waker: &Waker) -> usize {
        let mut cx = Context::from_waker(waker);
        (0..1000)
            .take_while(|_| poll_proceed(operation, &mut cx).is_ready())
            .count()
    }

    #[test]
    fn each_task_has_a_budget_of_its_own_and_is_woken_when_it_is_used_up() {
        for (task, waker) in [task(), task()] {
            assert_eq!(row(1, &waker), 128);
            assert_eq!(task.0.load(Ordering::Relaxed), 1);
            assert_eq!(row(1, &waker), 128);
            assert_eq!(task.0.load(Ordering::Relaxed), 2);
        }
    }

    #[test]
    fn an_idle_operation_beside_a_busy_one_hides_nothing() {
        let (_task, waker) = task();
        let mut cx = Context::from_waker(&waker);
        for _ in 0..128 {
            assert!(poll_proceed(1, &mut cx).is_ready());
            if poll_proceed(2, &mut cx).is_ready() {
                refund();
            }
        }
        assert!(poll_proceed(1, &mut cx).is_pending());
    }

    #[test]
    fn sleeps_and_sockets_share_a_budget() {
        let (_task, waker) = task();
        let mut cx = Context::from_waker(&waker);
        for _ in 0..64 {
            assert!(poll_proceed(1, &mut cx).is_ready());
            assert!(give_way(&mut false, &mut cx).is_ready());
        }
        let mut put_off = false;
        assert!(poll_proceed(1, &mut cx).is_pending());
        assert!(give_way(&mut put_off, &mut cx).is_pending());
        assert!(put_off);
        assert!(give_way(&mut put_off, &mut cx).is_ready());
        assert!(!put_off);
        assert_eq!(row(1, &waker), 127);
    }

    #[test]
    fn operations_that_are_made_anew_for_every_poll_are_ready_in_the_end() {
        let (_task, waker) = task();
        assert_eq!(row(1, &waker), 128);
        let mut cx = Context::from_waker(&waker);
        assert!((0..65).any(|_| give_way(&mut false, &mut cx).is_ready()));
        assert_eq!(row(1, &waker), 127);
        assert!((0..1000).any(|operation| poll_proceed(operation, &mut cx).is_ready()));
    }
}
