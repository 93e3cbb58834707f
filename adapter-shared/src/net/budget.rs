use std::cell::Cell;
use std::task::{Context, Poll};

/// How many operations in a row a task may find ready before it gives way: as many as on tokio.
const BUDGET: u8 = 128;

#[derive(Clone, Copy)]
struct Budget {
    /// The task, known by its waker's data.
    task: *const (),
    left: u8,
}

thread_local! {
    /// The budget of the task that this thread polled last.
    static CURRENT: Cell<Budget> = const {
        Cell::new(Budget {
            task: std::ptr::null(),
            left: BUDGET,
        })
    };
}

/// Charges one operation to the task, which gives way once its budget is used up: a socket that always has something would keep
/// its task running for ever (`net::hot_socket_gives_way`).
#[inline]
pub(super) fn poll_proceed(cx: &mut Context<'_>) -> Poll<()> {
    let task = cx.waker().data();
    // Where the thread is ending, its locals are gone, and nothing runs beside it.
    let proceeds = CURRENT.try_with(|current| {
        let budget = current.get();
        let left = match budget.left {
            _ if budget.task != task => BUDGET,
            0 => {
                current.set(Budget { task, left: BUDGET });
                return false;
            }
            left => left,
        };
        current.set(Budget {
            task,
            left: left - 1,
        });
        true
    });
    if proceeds.unwrap_or(true) {
        return Poll::Ready(());
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Gives the task its whole budget back: it found nothing, and gives way by itself.
#[inline]
pub(super) fn refill() {
    // As above.
    let _ = CURRENT.try_with(|current| {
        current.set(Budget {
            left: BUDGET,
            ..current.get()
        });
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use super::*;

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn ready(waker: &Waker) -> usize {
        let mut cx = Context::from_waker(waker);
        (0..)
            .take_while(|_| poll_proceed(&mut cx).is_ready())
            .count()
    }

    #[test]
    fn each_task_has_a_budget_of_its_own_and_is_woken_when_it_is_used_up() {
        let counters = [(); 2].map(|()| Arc::<Counter>::default());
        let wakers = counters.clone().map(Waker::from);
        for (waker, counter) in wakers.iter().zip(&counters) {
            assert_eq!(ready(waker), 128);
            assert_eq!(counter.0.load(Ordering::Relaxed), 1);
            assert_eq!(ready(waker), 128);
        }
        let mut cx = Context::from_waker(&wakers[0]);
        assert!(poll_proceed(&mut cx).is_ready());
        refill();
        assert_eq!(ready(&wakers[0]), 128);
    }
}
