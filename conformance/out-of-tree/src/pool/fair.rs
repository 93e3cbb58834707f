use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use futures::executor::ThreadPool;

/// A future that waits its turn when it was woken while it was polled.
///
/// A `ThreadPool` polls such a task again at once and on the same thread, so that as many of them as it has threads starve
/// all others. Here the wake goes through the queue.
pub(super) struct Fair<F> {
    future: F,
    turn: Arc<Turn>,
    pool: ThreadPool,
}

struct Turn {
    state: AtomicU8,
    /// The task's own waker, which stays the same.
    task: OnceLock<Waker>,
}

const PARKED: u8 = 0;
const POLLED: u8 = 1;
const POLLED_AND_WOKEN: u8 = 2;

impl<F> Fair<F> {
    pub(super) fn new(future: F, pool: ThreadPool) -> Self {
        let turn = Arc::new(Turn {
            state: AtomicU8::new(PARKED),
            task: OnceLock::new(),
        });
        Self { future, turn, pool }
    }
}

impl<F: Future + Unpin> Future for Fair<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.turn.task.get_or_init(|| cx.waker().clone());
        self.turn.state.store(POLLED, Ordering::SeqCst);
        let waker = Waker::from(self.turn.clone());
        let poll = Pin::new(&mut self.future).poll(&mut Context::from_waker(&waker));
        let state = self.turn.state.swap(PARKED, Ordering::SeqCst);
        if state == POLLED_AND_WOKEN && poll.is_pending() {
            self.pool.spawn_ok(async { waker.wake() });
        }
        poll
    }
}

impl Wake for Turn {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let note = |state| (state != PARKED).then_some(POLLED_AND_WOKEN);
        let noted = self
            .state
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, note);
        if let (Err(_), Some(task)) = (noted, self.task.get()) {
            task.wake_by_ref();
        }
    }
}
