use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use anyrt_shared::Closeable;

use crate::event_loop;
use crate::handle::{Scope, Wasm};

/// Runs the tasks of one executor, a batch at each poll, from its start until it was closed and no task is left.
pub(crate) struct Driver {
    handle: Wasm,
    /// `None` once it has ended.
    run: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    is_woken: AtomicBool,
}

impl Driver {
    /// Begins to run `executor`, whose tasks find `handle` around them.
    pub(crate) fn start(executor: Arc<Closeable>, handle: Wasm) {
        let driver = Arc::new(Self {
            handle,
            run: Mutex::new(Some(Box::pin(async move { executor.run().await }))),
            is_woken: AtomicBool::new(false),
        });
        driver.wake();
    }

    pub(crate) fn poll(self: Arc<Self>) {
        self.is_woken.store(false, Ordering::Release);
        let _scope = Scope::enter(self.handle.clone());
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(running) = run.as_mut() else {
            return;
        };
        let waker = Waker::from(self.clone());
        let mut cx = Context::from_waker(&waker);
        // async-task catches what tasks do; this is for wakers that panic.
        match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(&mut cx))) {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(())) => *run = None,
            Err(_) => self.wake_by_ref(),
        }
    }
}

impl Wake for Driver {
    fn wake(self: Arc<Self>) {
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            event_loop::push(self);
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.clone().wake();
    }
}
