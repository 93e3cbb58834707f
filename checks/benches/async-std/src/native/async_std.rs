use std::future::pending;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, panic_any};

use async_std::stream::StreamExt;
use async_std::task;
use smol::future::FutureExt;

use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::work::{
    FAR, PAYLOAD, PERIOD, Work, YieldOnce, count_one, poll_once, restart_count, until_ran,
};

/// async-std by its free functions.
#[derive(Clone, Copy, Debug)]
pub struct AsyncStd;

impl Work for AsyncStd {
    async fn spawn_join(&self, times: usize) {
        for i in 0..times {
            black_box(task::spawn(async move { i }).await);
        }
    }

    async fn batch(&self, times: usize) {
        let mut tasks = Vec::with_capacity(BATCH);
        for _ in 0..times / BATCH {
            for i in 0..BATCH {
                tasks.push(task::spawn(async move { i }));
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
                drop(task::spawn(count_one()));
            }
            until_ran(round * BATCH).await;
        }
    }

    async fn sleep_made(&self, times: usize) {
        for _ in 0..times {
            black_box(&task::sleep(FAR));
        }
    }

    async fn sleep_polled(&self, times: usize) {
        for _ in 0..times {
            poll_once(task::sleep(FAR)).await;
        }
    }

    async fn timeout_ready(&self, times: usize) {
        for i in 0..times {
            black_box(async_std::future::timeout(FAR, async { i }).await.unwrap());
        }
    }

    async fn timeout_pending(&self, times: usize) {
        for _ in 0..times {
            async_std::future::timeout(FAR, YieldOnce::default())
                .await
                .unwrap();
        }
    }

    async fn interval_tick(&self, times: usize) {
        let mut interval = async_std::stream::interval(PERIOD);
        for _ in 0..times {
            black_box(interval.next().await);
        }
    }

    async fn blocking(&self, times: usize) {
        for i in 0..times {
            black_box(task::spawn_blocking(move || i).await);
        }
    }

    fn block_on(&self, times: usize) {
        for i in 0..times {
            black_box(task::block_on(async { i }));
        }
    }

    async fn abort_join(&self, times: usize) {
        for _ in 0..times {
            let task = task::spawn(pending::<()>());
            assert!(task.cancel().await.is_none());
        }
    }

    async fn panic_join(&self, times: usize) {
        for _ in 0..times {
            let task = task::spawn(async { panic_any(PAYLOAD) });
            let payload: Result<(), _> = AssertUnwindSafe(task).catch_unwind().await;
            black_box(payload.unwrap_err());
        }
    }
}
