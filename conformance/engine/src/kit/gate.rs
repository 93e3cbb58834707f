use std::future::{Future, poll_fn};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// A latch: closed at first, and open for ever once it was opened. Tasks and threads may wait for it.
///
/// A clone is the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    opened: Condvar,
}

#[derive(Debug, Default)]
struct State {
    open: bool,
    wakers: Vec<Waker>,
}

impl Gate {
    /// Makes a closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens it and wakes everybody who waits.
    pub fn open(&self) {
        let wakers = {
            let mut state = self.state();
            state.open = true;
            std::mem::take(&mut state.wakers)
        };
        self.0.opened.notify_all();
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Tells whether it is open.
    pub fn is_open(&self) -> bool {
        self.state().open
    }

    /// Waits, in async code, until it is open. The future keeps the waker of its last poll, also after it is dropped.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + Sync + 'static {
        let gate = self.clone();
        poll_fn(move |cx| {
            let mut state = gate.state();
            if state.open {
                return Poll::Ready(());
            }
            if !state.wakers.iter().any(|it| it.will_wake(cx.waker())) {
                state.wakers.push(cx.waker().clone());
            }
            Poll::Pending
        })
    }

    /// Waits, on a thread, until it is open.
    pub fn wait_blocking(&self) {
        let mut state = self.state();
        while !state.open {
            state = self
                .0
                .opened
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
