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

/// Nobody has woken it since it was polled.
const PARKED: u8 = 0;
const POLLED: u8 = 1;
const POLLED_AND_WOKEN: u8 = 2;
/// Its wake waits in the queue of the pool.
const QUEUED: u8 = 3;
/// The pool was told, and will poll it. Until then a wake has nothing to do: it would be one more poll.
const WOKEN: u8 = 4;

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
        if poll.is_pending() && !self.turn.goes(POLLED, PARKED) {
            self.turn.state.store(QUEUED, Ordering::SeqCst);
            let turn = self.turn.clone();
            self.pool.spawn_ok(async move { turn.wake_from(QUEUED) });
        }
        poll
    }
}

impl Turn {
    /// Goes from one state to another, unless it is in a third one.
    fn goes(&self, from: u8, to: u8) -> bool {
        let went = self
            .state
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        went.is_ok()
    }

    /// Tells the pool, unless that was done.
    fn wake_from(&self, from: u8) {
        if self.goes(from, WOKEN) {
            self.task.get().expect("it was polled").wake_by_ref();
        }
    }
}

impl Wake for Turn {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.goes(POLLED, POLLED_AND_WOKEN) {
            self.wake_from(PARKED);
        }
    }
}
