//! One thread of a pool, and the queue in front of it.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use anyrt_core::SpawnLocal;

use super::task::Finish;
use crate::sync::lock;
use crate::{Either, select};

/// Starts a task on the thread whose handle it is given.
pub(super) type Job<H> = Box<dyn FnOnce(&H) + Send>;

pub(super) struct Queue<H> {
    state: Mutex<State<H>>,
    /// How many tasks have not ended.
    load: Arc<AtomicUsize>,
}

struct State<H> {
    jobs: VecDeque<Job<H>>,
    closed: bool,
    waker: Option<Waker>,
}

impl<H> Queue<H> {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                closed: false,
                waker: None,
            }),
            load: Arc::default(),
        }
    }

    pub(super) fn load(&self) -> usize {
        self.load.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self) -> Load {
        self.load.fetch_add(1, Ordering::Relaxed);
        Load(self.load.clone())
    }

    /// Hands a job to the thread. One that comes after the close is dropped here.
    pub(super) fn push(&self, job: Job<H>) {
        let mut state = lock(&self.state);
        if state.closed {
            drop(state);
            drop(job);
            return;
        }
        state.jobs.push_back(job);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let (jobs, waker) = (std::mem::take(&mut state.jobs), state.waker.take());
        drop(state);
        drop(jobs);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Starts the jobs that come, until the queue is closed.
    pub(super) async fn serve(&self, handle: &H) {
        while let Some(job) = self.next().await {
            job(handle);
        }
    }

    async fn next(&self) -> Option<Job<H>> {
        poll_fn(|cx| {
            let waker = cx.waker().clone();
            let mut state = lock(&self.state);
            if state.closed {
                return Poll::Ready(None);
            }
            if let Some(job) = state.jobs.pop_front() {
                return Poll::Ready(Some(job));
            }
            let old = state.waker.replace(waker);
            drop(state);
            drop(old);
            Poll::Pending
        })
        .await
    }
}

/// A task that has not ended, in the count of its thread.
pub(super) struct Load(Arc<AtomicUsize>);

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a task needs. Its end comes last: the fields are dropped in this order.
pub(super) struct Parts<C, T> {
    pub(super) create: C,
    pub(super) load: Load,
    pub(super) finish: Finish<T>,
}

impl<C, T> Parts<C, T> {
    /// Starts the task, on its thread.
    pub(super) fn start<H, F>(self, handle: &H)
    where
        H: SpawnLocal + Clone + 'static,
        C: FnOnce(H) -> F + 'static,
        F: Future<Output = T> + 'static,
        T: Send + 'static,
    {
        let Self {
            create,
            load,
            finish,
        } = self;
        let stop = finish.packet.stop.clone();
        if stop.is_cancelled() {
            drop(create);
            return;
        }
        let finish = Arc::new((load, finish));
        let mut task = handle.spawn_local(run((create, handle.clone(), finish.clone())));
        handle.spawn_local_detached(async move {
            let end = match select(&mut task, stop.cancelled()).await {
                Either::Left(end) => end,
                Either::Right(()) => {
                    task.abort();
                    task.await
                }
            };
            finish.1.set(end);
        });
    }
}

/// The task itself. Its argument is dropped in order, whether or not it was polled.
async fn run<C, H, F, L>((create, handle, finish): (C, H, L)) -> F::Output
where
    C: FnOnce(H) -> F,
    F: Future,
{
    let _finish = finish;
    create(handle).await
}
