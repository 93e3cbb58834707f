use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::signal::Signaller;
use super::{Defect, Fault, context};

/// Held by the task that is polled, where one is polled at a time.
static ONE: Mutex<()> = Mutex::new(());

/// The future of a task, or of a `block_on`, with one defect.
pub(super) struct Work<F: Future + Unpin> {
    future: Option<F>,
    defect: Defect,
    fault: Fault,
    signaller: Signaller,
    ready: bool,
}

impl<F: Future + Unpin> Work<F> {
    pub(super) fn new(future: F, fault: &Fault) -> Self {
        Self {
            future: Some(future),
            defect: fault.defect,
            fault: fault.clone(),
            signaller: Signaller::new(fault),
            ready: false,
        }
    }

    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        let future = self.future.as_mut().expect("taken only when it is dropped");
        let signals = self.signaller.signals.clone();
        let future = &mut Pin::new(future);
        let mut poll = || future.as_mut().poll(cx);
        match self.defect {
            Defect::PanicAbortsProcess => {
                catch_unwind(AssertUnwindSafe(poll)).unwrap_or_else(|_| std::process::abort())
            }
            Defect::RootPolledForTasks => {
                self.fault.polled();
                poll()
            }
            Defect::PollsOneAtATime => {
                let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
                poll()
            }
            Defect::SelfWakesPollAtOnce => loop {
                signals.wakes.store(0, Ordering::SeqCst);
                let poll = poll();
                if poll.is_ready() || signals.wakes.load(Ordering::SeqCst) == 0 {
                    return poll;
                }
            },
            Defect::WakesCountTwice => {
                let polls = 2 * signals.wakes.swap(0, Ordering::SeqCst);
                for _ in 1..polls {
                    if let Poll::Ready(output) = poll() {
                        return Poll::Ready(output);
                    }
                }
                poll()
            }
            Defect::PolledAfterReady => match poll() {
                Poll::Ready(output) => {
                    drop(poll());
                    Poll::Ready(output)
                }
                Poll::Pending => Poll::Pending,
            },
            _ => poll(),
        }
    }
}

impl<F: Future + Unpin> Future for Work<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let waker = self.signaller.waker(cx.waker());
        let signals = self.signaller.signals.clone();
        signals.polling.store(true, Ordering::SeqCst);
        let poll = context::task(|| self.poll_inner(&mut Context::from_waker(&waker)));
        signals.polling.store(false, Ordering::SeqCst);
        self.ready = poll.is_ready();
        if self.defect == Defect::PolledUnasked && !self.ready {
            cx.waker().wake_by_ref();
        }
        poll
    }
}

impl<F: Future + Unpin> Drop for Work<F> {
    fn drop(&mut self) {
        let mut future = self.future.take();
        match self.defect {
            Defect::AbortLeaksFuture if !self.ready => std::mem::forget(future),
            Defect::DestructorPanicSwallowed => {
                // That is the defect: what it threw goes nowhere.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
            }
            Defect::PanicAbortsProcess => {
                let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
                dropped.unwrap_or_else(|_| std::process::abort());
            }
            Defect::PolledBeforeDrop if !self.ready => {
                if let Some(future) = &mut future {
                    let poll = Pin::new(future).poll(&mut Context::from_waker(Waker::noop()));
                    drop(poll);
                }
            }
            _ => context::task(|| drop(future)),
        }
    }
}
