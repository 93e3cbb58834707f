//! A scope, and those who spawn into it from other threads.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask};
use anyrt_models::{explore, scope};
use shuttle::future::block_on;
use shuttle::thread;

/// A task that ends when somebody says so, and knows whether its scope took its end or aborted it.
#[derive(Clone, Default)]
struct Owned {
    waker: Arc<Mutex<Option<Waker>>>,
    has_ended: Arc<AtomicBool>,
    was_joined: Arc<AtomicBool>,
    was_aborted: Arc<AtomicBool>,
}

impl Owned {
    fn end(&self) {
        self.has_ended.store(true, Ordering::SeqCst);
        let waker = self.waker.lock().expect("no panic").take();
        waker.into_iter().for_each(Waker::wake);
    }
}

impl RawTask for Owned {
    type Output = Result<(), Infallible>;

    fn poll_join(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Result<(), Infallible>, JoinError>> {
        *self.waker.lock().expect("no panic") = Some(cx.waker().clone());
        if !self.has_ended.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        self.was_joined.store(true, Ordering::SeqCst);
        Poll::Ready(Ok(Ok(())))
    }

    fn abort(&mut self) {
        self.was_aborted.store(true, Ordering::SeqCst);
    }

    fn is_finished(&self) -> bool {
        self.has_ended.load(Ordering::SeqCst)
    }

    fn detach(&mut self) {}

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| true)
    }
}

#[test]
fn a_task_that_comes_while_its_scope_ends_is_waited_for_or_aborted() {
    explore(|| {
        let task = Owned::default();
        let (entrance, future) = scope(async { Ok::<_, Infallible>(7) });
        let comes = {
            let task = task.clone();
            thread::spawn(move || {
                entrance.add(JoinHandle::new(task.clone()));
                thread::yield_now();
                task.end();
            })
        };
        let mut future = Box::pin(future);
        assert_eq!(block_on(future.as_mut()), Ok(7));
        comes.join().expect("no panic");
        assert!(
            task.was_joined.load(Ordering::SeqCst) || task.was_aborted.load(Ordering::SeqCst),
            "the scope has ended, and a task of it was left alone"
        );
        drop(future);
    });
}
