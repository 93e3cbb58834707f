use std::future::{Future, pending};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, panic_any};

use ::async_std::task;
use smol::future::FutureExt;

use super::AsyncStd;
use anyrt_benches_kit::local::{LocalWork, StartLocal};
use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::work::{PAYLOAD, Work, count_one, restart_count, until_ran};

/// async-std's executor of the thread, which its `block_on` drives.
#[derive(Clone, Copy, Debug)]
pub struct AsyncStdLocal;

impl StartLocal for AsyncStdLocal {
    type Work = Self;

    fn start() -> Self {
        Self
    }

    fn work(&self) -> Self {
        *self
    }

    fn drive<F: Future<Output = ()> + 'static>(&self, root: F) {
        task::block_on(task::spawn_local(root));
    }
}

impl LocalWork for AsyncStdLocal {
    async fn spawn_join(&self, times: usize) {
        for i in 0..times {
            black_box(task::spawn_local(async move { i }).await);
        }
    }

    async fn batch(&self, times: usize) {
        let mut tasks = Vec::with_capacity(BATCH);
        for _ in 0..times / BATCH {
            for i in 0..BATCH {
                tasks.push(task::spawn_local(async move { i }));
            }
            for task in tasks.drain(..) {
                black_box(task.await);
            }
        }
    }

    async fn detach(&self, times: usize) {
        restart_count();
        for round in 1..=times / BATCH {
            for _ in 0..BATCH {
                drop(task::spawn_local(count_one()));
            }
            until_ran(round * BATCH).await;
        }
    }

    async fn sleep_made(&self, times: usize) {
        AsyncStd.sleep_made(times).await;
    }

    async fn sleep_polled(&self, times: usize) {
        AsyncStd.sleep_polled(times).await;
    }

    async fn timeout_ready(&self, times: usize) {
        AsyncStd.timeout_ready(times).await;
    }

    async fn timeout_pending(&self, times: usize) {
        AsyncStd.timeout_pending(times).await;
    }

    async fn interval_tick(&self, times: usize) {
        AsyncStd.interval_tick(times).await;
    }

    async fn blocking(&self, times: usize) {
        AsyncStd.blocking(times).await;
    }

    fn block_on(&self, times: usize) {
        AsyncStd.block_on(times);
    }

    async fn abort_join(&self, times: usize) {
        for _ in 0..times {
            let task = task::spawn_local(pending::<()>());
            assert!(task.cancel().await.is_none());
        }
    }

    async fn panic_join(&self, times: usize) {
        for _ in 0..times {
            let task = task::spawn_local(async { panic_any(PAYLOAD) });
            let payload: Result<(), _> = AssertUnwindSafe(task).catch_unwind().await;
            black_box(payload.unwrap_err());
        }
    }
}
