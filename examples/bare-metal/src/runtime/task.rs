use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use core::cell::RefCell;
use core::fmt;
use core::future::Future;
use core::mem::replace;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, Waker};

use anyrt_core::{AbortHandle, JoinError, RawTask};
use atomic_waker::AtomicWaker;

type End<T> = Result<T, JoinError>;

enum State<T> {
    Running(Option<Waker>),
    Ended(End<T>),
    Joined,
}

/// What may be touched from other threads and interrupts.
#[derive(Default)]
struct Signal {
    aborted: AtomicBool,
    finished: AtomicBool,
    task: AtomicWaker,
}

impl Signal {
    fn abort(&self) {
        self.aborted.store(true, Ordering::Release);
        self.task.wake();
    }

    fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }
}

struct Join<T> {
    state: RefCell<State<T>>,
    signal: Arc<Signal>,
}

impl<T> Join<T> {
    fn publish(&self, end: End<T>) {
        self.signal.finished.store(true, Ordering::Release);
        let before = replace(&mut *self.state.borrow_mut(), State::Ended(end));
        match before {
            State::Running(Some(joiner)) => joiner.wake(),
            State::Running(None) => {}
            // Detached: nobody wants the output.
            State::Joined | State::Ended(_) => drop(self.take()),
        }
    }

    fn take(&self) -> State<T> {
        replace(&mut *self.state.borrow_mut(), State::Joined)
    }
}

/// The task of a local runtime on the board.
pub struct LocalTask<T>(Rc<Join<T>>);

impl<T> RawTask for LocalTask<T> {
    type Output = T;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<End<T>> {
        if let State::Running(waker) = &mut *self.0.state.borrow_mut() {
            *waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        match self.0.take() {
            State::Ended(end) => Poll::Ready(end),
            _ => panic!("`JoinHandle` polled after it was joined"),
        }
    }

    fn abort(&mut self) {
        self.0.signal.abort();
    }

    fn is_finished(&self) -> bool {
        self.0.signal.is_finished()
    }

    fn detach(&mut self) {
        drop(self.0.take());
    }

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new(
            self.0.signal.clone(),
            |it| it.abort(),
            |it| it.is_finished(),
        )
    }
}

impl<T> fmt::Debug for LocalTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTask").finish_non_exhaustive()
    }
}

/// Runs a task's future. It drops the future before it publishes the end.
pub(super) struct Run<F: Future> {
    future: Option<Pin<Box<F>>>,
    join: Rc<Join<F::Output>>,
}

impl<F: Future> Run<F> {
    pub(super) fn new(future: F) -> (Self, LocalTask<F::Output>) {
        let join = Rc::new(Join {
            state: RefCell::new(State::Running(None)),
            signal: Arc::default(),
        });
        let run = Self {
            future: Some(Box::pin(future)),
            join: join.clone(),
        };
        (run, LocalTask(join))
    }

    fn end(&mut self, end: End<F::Output>) {
        self.future = None;
        self.join.publish(end);
    }
}

impl<F: Future> Future for Run<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.join.signal.task.register(cx.waker());
        if self.join.signal.aborted.load(Ordering::Acquire) {
            self.end(Err(JoinError::cancelled()));
            return Poll::Ready(());
        }
        let Some(future) = &mut self.future else {
            return Poll::Ready(());
        };
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => {
                self.end(Ok(output));
                Poll::Ready(())
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<F: Future> Drop for Run<F> {
    fn drop(&mut self) {
        if self.future.is_some() {
            self.end(Err(JoinError::cancelled()));
        }
    }
}
