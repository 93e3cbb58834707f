use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::{Context, Waker};
use std::thread;

use anyrt_core::JoinHandle;
use futures::future::lazy;

use crate::{Run, Stop, Task};

const THREADS: usize = 8;

/// Blocking closures run exactly once.
impl Stop for () {
    fn stop(&self) {}
}

type Work = Box<dyn FnOnce() + Send>;

/// Threads for blocking closures, which the futures crate has none of. They end when their queue is empty and has no owner.
#[derive(Clone)]
pub(super) struct Blocking(mpsc::Sender<Work>);

impl Blocking {
    pub(super) fn new() -> io::Result<Self> {
        let (sender, queue) = mpsc::channel::<Work>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..THREADS {
            let queue = queue.clone();
            let next = move || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            thread::Builder::new()
                .name(format!("futures-block-{number}"))
                .spawn(move || {
                    while let Ok(work) = next() {
                        work();
                    }
                })?;
        }
        Ok(Self(sender))
    }

    pub(super) fn spawn<F, T>(&self, work: F) -> JoinHandle<Task<T, ()>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (mut run, join) = Run::of(lazy(|_| work()));
        let work = move || {
            let poll = Pin::new(&mut run).poll(&mut Context::from_waker(Waker::noop()));
            debug_assert!(poll.is_ready(), "a closure has no second poll");
        };
        // The threads end after their last sender, and this is one.
        self.0.send(Box::new(work)).ok();
        JoinHandle::new(Task { join, stop: () })
    }
}
