use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::super::context;
use super::{Dropped, Run};

/// What a task's wakers and its polls know of each other.
#[derive(Debug, Default)]
pub(in crate::mutants) struct Signals {
    is_polled: AtomicBool,
    wakes: AtomicUsize,
}

impl Signals {
    /// Whether the task is being polled.
    pub(in crate::mutants) fn is_polled(&self) -> bool {
        self.is_polled.load(Ordering::SeqCst)
    }

    /// How often it was woken since this was last asked.
    pub(in crate::mutants) fn take_wakes(&self) -> usize {
        self.wakes.swap(0, Ordering::SeqCst)
    }

    /// How often it was woken.
    pub(in crate::mutants) fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }
}

/// The future of a task, or of a `block_on`, which calls the hooks.
pub(in crate::mutants) struct Work<F: Future + Unpin> {
    future: Option<F>,
    run: Run,
    signals: Arc<Signals>,
    /// The last waker, and the one that stands for it.
    waker: Option<(Waker, Waker)>,
    was_ready: bool,
}

impl<F: Future + Unpin> Work<F> {
    pub(in crate::mutants) fn new(future: F, run: &Run) -> Self {
        Self {
            future: Some(future),
            run: run.clone(),
            signals: Arc::default(),
            waker: None,
            was_ready: false,
        }
    }

    /// The waker that stands for `waker`: the same one as long as that is the same.
    fn waker(&mut self, waker: &Waker) -> Waker {
        match &self.waker {
            Some((inner, outer))
                if inner.will_wake(waker) && !self.run.fault().changes_wakers() =>
            {
                outer.clone()
            }
            _ => {
                let outer = Waker::from(Arc::new(Signal {
                    inner: waker.clone(),
                    run: self.run.clone(),
                    signals: self.signals.clone(),
                }));
                self.waker = Some((waker.clone(), outer.clone()));
                outer
            }
        }
    }
}

impl<F: Future + Unpin> Future for Work<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let waker = self.waker(cx.waker());
        let this = &mut *self;
        let (run, signals) = (&this.run, &this.signals);
        let future = this.future.as_mut().expect("taken only when it is dropped");
        let mut output = None;
        let mut poll =
            |cx: &mut Context<'_>| Pin::new(&mut *future).poll(cx).map(|it| output = Some(it));
        signals.is_polled.store(true, Ordering::SeqCst);
        let mut cx = Context::from_waker(&waker);
        let poll = context::task(|| run.fault().poll(run, signals, &mut cx, &mut poll));
        signals.is_polled.store(false, Ordering::SeqCst);
        this.was_ready = poll.is_ready();
        poll.map(|()| output.expect("it was ready"))
    }
}

impl<F: Future + Unpin> Drop for Work<F> {
    fn drop(&mut self) {
        let fault = self.run.fault();
        if fault.loses_future(&self.signals) {
            self.forget();
        } else {
            fault.drop_work(self.was_ready, self);
        }
    }
}

impl<F: Future + Unpin> Dropped for Work<F> {
    fn drop_now(&mut self) {
        let future = self.future.take();
        context::task(|| context::dropping(|| drop(future)));
    }

    fn forget(&mut self) {
        std::mem::forget(self.future.take());
    }

    fn poll_once(&mut self) {
        if let Some(future) = &mut self.future {
            let poll = Pin::new(future).poll(&mut Context::from_waker(Waker::noop()));
            drop(poll);
        }
    }
}

/// A waker, which calls the hooks.
#[derive(Debug)]
struct Signal {
    inner: Waker,
    run: Run,
    signals: Arc<Signals>,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let fault = self.run.fault();
        fault.wake(&self.run, &self.signals, &|| self.inner.wake_by_ref());
        self.signals.wakes.fetch_add(1, Ordering::SeqCst);
    }
}
